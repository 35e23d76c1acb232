import NIOCore
import NIOEmbedded
import Testing

@testable import SyncTLS

/// Bytes from outside: whatever comes, a connection ends with an error, soon, and without a trap.
@Suite struct HostilePeerTests {
    /// All that each side sends in a good handshake with one message each way.
    static func transcript() throws -> (client: [UInt8], server: [UInt8]) {
        let pair = try EmbeddedPair()
        try pair.connectHalfway()
        let hello = try pair.client.takeSent()
        try pair.server.receive(hello)
        let answer = try pair.server.takeSent()
        return (Array(hello.readableBytesView), Array(answer.readableBytesView))
    }

    @Test func `a handshake cut at any byte fails at the end of the input`() throws {
        let hello = try Self.transcript().client
        let context = try Fixture.serverContext()
        for count in hello.indices {
            let server = try EmbeddedPeer(context, loop: EmbeddedEventLoop())
            try server.activate()
            try server.receive(ByteBuffer(bytes: hello[..<count]))
            #expect(server.channel.isActive)
            server.endInput()
            #expect(server.application.errors == [.closedDuringHandshake], "cut at \(count)")
            #expect(server.socket.isClosed)
        }
    }

    @Test func `a server's answer cut at any byte fails at the end of the input`() throws {
        let clientContext = try Fixture.clientContext()
        let serverContext = try Fixture.serverContext()
        var count = 0
        var length = 1
        while count < length {
            let pair = try EmbeddedPair(client: clientContext, server: serverContext)
            try pair.connectHalfway()
            try pair.server.receive(pair.client.takeSent())
            let answer = try pair.server.takeSent()
            length = answer.readableBytes
            let piece = try #require(answer.getSlice(at: 0, length: min(count, length - 1)))
            try pair.client.receive(piece)
            pair.client.channel.pipeline.fireChannelInactive()
            #expect(pair.client.application.errors == [.closedDuringHandshake], "cut at \(count)")
            count += 5
        }
    }

    @Test func `a handshake that comes byte by byte succeeds`() throws {
        let pair = try EmbeddedPair()
        try pair.connectHalfway()
        for _ in 0..<3 {
            for byte in try pair.client.takeSent().readableBytesView {
                try pair.server.receive(ByteBuffer(bytes: [byte]))
            }
            for byte in try pair.server.takeSent().readableBytesView {
                try pair.client.receive(ByteBuffer(bytes: [byte]))
            }
        }
        #expect(pair.client.application.events.contains(.handshakeCompleted("http/1.1")))
        #expect(pair.server.application.events.contains(.handshakeCompleted("http/1.1")))
    }

    @Test func `a flipped bit anywhere in the hello ends in no connection and no trap`() throws {
        let clientContext = try Fixture.clientContext()
        let serverContext = try Fixture.serverContext()
        let length = try Self.transcript().client.count
        // "legacy_record_version MUST be ignored for all purposes" (RFC 8446, section 5.1): its second byte is.
        for index in 0..<length where index != 2 {
            let pair = try EmbeddedPair(client: clientContext, server: serverContext)
            try pair.connectHalfway()
            var hello = try pair.client.takeSent()
            let byte = try #require(hello.getInteger(at: index, as: UInt8.self))
            hello.setInteger(byte ^ (1 << UInt8(index % 8)), at: index)
            try pair.server.receive(hello)
            try pair.pump()
            pair.loop.advanceTime(by: .seconds(10))
            #expect(pair.client.tls.connectionInfo == nil, "byte \(index)")
            #expect(!pair.server.channel.isActive, "byte \(index)")
        }
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\u{16}\u{3}\u{1}\u{7f}\u{7f}", "\0\0\0\0\0\0\0\0\0\0"])
    func `what is not TLS is refused at once`(text: String) throws {
        let server = try EmbeddedPeer(Fixture.serverContext(), loop: EmbeddedEventLoop())
        try server.activate()
        try server.receive(buffer(text))
        let error = try #require(server.application.errors.first)
        guard case .handshakeFailed = error else {
            Issue.record("\(error)")
            return
        }
        #expect(server.socket.isClosed)
    }

    @Test func `a damaged record ends the connection with an error`() throws {
        let pair = try EmbeddedPair.connected()
        pair.client.send("question")
        var record = try pair.client.takeSent()
        let last = record.writerIndex - 1
        record.setInteger(try #require(record.getInteger(at: last, as: UInt8.self)) ^ 1, at: last)
        try pair.server.receive(record)
        #expect(pair.server.application.text == "")
        let error = try #require(pair.server.application.errors.first)
        guard case .protocolFailed = error else {
            Issue.record("\(error)")
            return
        }
        #expect(pair.server.socket.isClosed)
        try pair.pump()
        #expect(pair.client.application.errors == [.protocolFailed(reason: "sslv3 alert bad record mac")])
        #expect(pair.client.socket.isClosed)
    }

    @Test func `a record cut at any byte is an unclean end`() throws {
        for count in 0..<30 {
            let pair = try EmbeddedPair.connected()
            pair.client.send("question")
            let record = try pair.client.takeSent()
            try pair.server.receive(try #require(record.getSlice(at: 0, length: count)))
            pair.server.endInput()
            #expect(pair.server.application.errors == [.uncleanShutdown], "cut at \(count)")
            #expect(pair.server.application.text == "")
            #expect(pair.server.socket.isClosed)
        }
    }
}
