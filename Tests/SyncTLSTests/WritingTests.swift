import NIOCore
import NIOEmbedded
import Testing

@testable import SyncTLS

@Suite struct WritingTests {
    @Test func `what is written before the handshake follows it`() throws {
        let pair = try EmbeddedPair()
        let write = pair.client.outcome { pair.client.channel.writeAndFlush(buffer("early"), promise: $0) }
        #expect(write.isPending)
        try pair.connect()
        #expect(write.isSuccess && pair.server.application.text == "early")
    }

    @Test func `the client's first request leaves with the end of its handshake`() throws {
        let pair = try EmbeddedPair()
        pair.client.send("request")
        try pair.connectHalfway()
        try pair.server.receive(pair.client.takeSent())
        let flushCount = pair.client.socket.flushCount
        try pair.client.receive(pair.server.takeSent())
        #expect(pair.client.socket.flushCount == flushCount + 1)
        try pair.server.receive(pair.client.takeSent())
        #expect(pair.server.application.text == "request")
    }

    @Test func `only what is flushed leaves`() throws {
        let pair = try EmbeddedPair.connected()
        let first = pair.client.outcome { pair.client.channel.write(buffer("a"), promise: $0) }
        pair.client.channel.flush()
        let second = pair.client.outcome { pair.client.channel.write(buffer("b"), promise: $0) }
        try pair.pump()
        #expect(first.isSuccess && second.isPending)
        #expect(pair.server.application.text == "a")
        let close = pair.client.outcome { pair.client.channel.close(promise: $0) }
        #expect(second.error as? ChannelError == .ioOnClosedChannel)
        #expect(close.isPending)
    }

    @Test func `promises are kept in order, the empty ones too`() throws {
        let pair = try EmbeddedPair.connected()
        let texts = ["a", "", "b", "", ""]
        let outcomes = texts.map { text in
            pair.client.outcome { pair.client.channel.write(buffer(text), promise: $0) }
        }
        #expect(outcomes.allSatisfy { $0.isPending })
        pair.client.channel.flush()
        try pair.pump()
        #expect(outcomes.allSatisfy { $0.isSuccess })
        #expect(outcomes.map(\.order) == outcomes.map(\.order).sorted())
        #expect(pair.server.application.text == "ab")
    }

    @Test func `an empty write alone is kept too`() throws {
        let pair = try EmbeddedPair.connected()
        let write = pair.client.outcome { pair.client.channel.writeAndFlush(ByteBuffer(), promise: $0) }
        try pair.pump()
        #expect(write.isSuccess)
    }

    @Test func `small writes share a record`() throws {
        let pair = try EmbeddedPair.connected()
        let before = pair.client.sentByteCount
        for _ in 0..<10 {
            pair.client.channel.write(buffer("0123456789"), promise: nil)
        }
        pair.client.channel.flush()
        try pair.pump()
        #expect(pair.client.sentByteCount - before == 100 + TLSLimits.recordOverheadBytes)
        #expect(pair.server.application.text == String(repeating: "0123456789", count: 10))
    }

    @Test(arguments: [1, 16_383, 16_384, 16_385, 100_000, 3_000_000])
    func `any length arrives whole, before and after the handshake`(count: Int) throws {
        let server = try Fixture.serverContext()
        let client = try Fixture.clientContext { $0.limits.maximumBufferedBytes = 4_000_000 }
        let pair = try EmbeddedPair(client: client, server: server)
        let text = String(repeating: "0123456789", count: count / 10 + 1).prefix(count)
        pair.client.send(String(text))
        try pair.connect()
        pair.server.send(String(text))
        try pair.pump()
        #expect(pair.server.application.text == text)
        #expect(pair.client.application.text == text)
    }

    @Test func `too much before the handshake fails the connection`() throws {
        let client = try Fixture.clientContext { $0.limits.maximumBufferedBytes = 100 }
        let pair = try EmbeddedPair(client: client)
        try pair.connectHalfway()
        let first = pair.client.outcome { promise in
            pair.client.channel.write(ByteBuffer(repeating: 0, count: 100), promise: promise)
        }
        #expect(first.isPending)
        let second = pair.client.outcome { pair.client.channel.write(buffer("x"), promise: $0) }
        let error = TLSError.tooManyBufferedBytes(maximum: 100)
        #expect(first.error as? TLSError == error && second.error as? TLSError == error)
        #expect(pair.client.application.errors == [error])
        #expect(pair.client.socket.isClosed)
    }

    @Test func `a write from the failure of a write is refused, not lost`() throws {
        let pair = try EmbeddedPair()
        try pair.connectHalfway()
        let channel = pair.client.channel
        let second = Outcome()
        channel.writeAndFlush(buffer("first")).whenFailure { _ in
            channel.writeAndFlush(buffer("second")).whenComplete { second.set($0) }
        }
        pair.client.endInput()
        #expect(second.error as? ChannelError == .ioOnClosedChannel)
    }

    @Test func `a write within the handshake's event follows what was written before`() throws {
        let pair = try EmbeddedPair()
        pair.client.send("first ")
        pair.client.application.react = { event, context in
            if case .handshakeCompleted = event {
                context.writeAndFlush(NIOAny(buffer("second")), promise: nil)
            }
        }
        try pair.connect()
        #expect(pair.server.application.text == "first second")
    }

    @Test func `an answer within a read keeps the order`() throws {
        let pair = try EmbeddedPair.connected()
        pair.server.application.react = { event, context in
            if case .read(let text) = event {
                context.writeAndFlush(NIOAny(buffer("(\(text))")), promise: nil)
            }
        }
        for number in 0..<5 {
            pair.client.send("\(number)")
            try pair.pump()
        }
        #expect(pair.client.application.text == "(0)(1)(2)(3)(4)")
    }

    // MARK: Reading

    @Test func `data that came with the end of the handshake is read after its event`() throws {
        let pair = try EmbeddedPair()
        pair.client.send("request")
        try pair.connect()
        #expect(
            pair.server.application.events
                == [.active, .handshakeCompleted("http/1.1"), .read("request"), .readComplete]
        )
    }

    @Test func `a read that brought no plaintext asks for more`() throws {
        let pair = try EmbeddedPair.connected()
        try pair.server.channel.setOption(.autoRead, value: false).wait()
        pair.client.send("question")
        let record = try pair.client.takeSent()
        pair.server.channel.read()
        let readCount = pair.server.socket.readCount
        try pair.server.receive(try #require(record.getSlice(at: 0, length: 10)))
        #expect(pair.server.socket.readCount == readCount + 1)
        try pair.server.receive(try #require(record.getSlice(at: 10, length: record.readableBytes - 10)))
        #expect(pair.server.application.text == "question")
        // That answered the read: no further one is made up.
        #expect(pair.server.socket.readCount == readCount + 1)
    }
}
