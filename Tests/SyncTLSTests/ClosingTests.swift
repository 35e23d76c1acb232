import NIOCore
import NIOEmbedded
import NIOTLS
import Testing

@testable import SyncTLS

@Suite struct ClosingTests {
    @Test func `a close sends close_notify and ends with the peer's`() throws {
        let pair = try EmbeddedPair.connected()
        let close = pair.client.outcome { pair.client.channel.close(promise: $0) }
        #expect(close.isPending && !pair.client.socket.isClosed)
        try pair.pump()
        #expect(pair.server.application.events.last == .inputClosed)
        #expect(!pair.server.socket.isClosed)
        pair.server.channel.close(promise: nil)
        try pair.pump()
        #expect(close.isSuccess && pair.client.socket.isClosed && pair.server.socket.isClosed)
        #expect(pair.client.application.events.suffix(2) == [.shutdownCompleted, .inactive])
        #expect(pair.server.application.events.suffix(2) == [.shutdownCompleted, .inactive])
        #expect(pair.client.application.errors == [] && pair.server.application.errors == [])
    }

    @Test func `without half-closure the peer's close_notify is answered and ends the connection`() throws {
        let pair = try EmbeddedPair.connected()
        pair.server.channel.allowRemoteHalfClosure = false
        let close = pair.client.outcome { pair.client.channel.close(promise: $0) }
        try pair.pump()
        #expect(close.isSuccess && pair.server.socket.isClosed && pair.client.socket.isClosed)
        #expect(!pair.server.application.events.contains(.inputClosed))
        #expect(pair.client.application.errors == [] && pair.server.application.errors == [])
    }

    @Test func `a close waits for the peer no longer than its limit`() throws {
        let pair = try EmbeddedPair.connected()
        let close = pair.client.outcome { pair.client.channel.close(promise: $0) }
        pair.loop.advanceTime(by: .milliseconds(4_999))
        #expect(close.isPending)
        pair.loop.advanceTime(by: .milliseconds(1))
        #expect(close.isSuccess && pair.client.socket.isClosed)
        #expect(pair.client.application.errors == [])
    }

    @Test func `a close waits for a full socket no longer than its limit`() throws {
        let pair = try EmbeddedPair.connected()
        pair.client.socket.isBlocked = true
        let close = pair.client.outcome { pair.client.channel.close(promise: $0) }
        pair.loop.advanceTime(by: .seconds(5))
        #expect(close.isSuccess && pair.client.socket.isClosed)
    }

    @Test func `every close gets its answer`() throws {
        let pair = try EmbeddedPair.connected()
        let closes = (0..<3).map { _ in pair.client.outcome { pair.client.channel.close(promise: $0) } }
        let input = pair.client.outcome { pair.client.channel.close(mode: .input, promise: $0) }
        #expect(closes.allSatisfy { $0.isPending } && input.isPending)
        pair.server.channel.close(promise: nil)
        try pair.pump()
        #expect(closes.allSatisfy { $0.isSuccess } && input.isSuccess)
        let late = pair.client.outcome { pair.client.channel.close(promise: $0) }
        #expect(late.error as? ChannelError == .alreadyClosed)
    }

    @Test func `a close of the input is a full close`() throws {
        let pair = try EmbeddedPair.connected()
        let close = pair.client.outcome { pair.client.channel.close(mode: .input, promise: $0) }
        pair.server.channel.close(promise: nil)
        try pair.pump()
        #expect(close.isSuccess && pair.client.socket.isClosed)
    }

    @Test func `a close during the handshake closes at once and fails what waits`() throws {
        let pair = try EmbeddedPair()
        try pair.connectHalfway()
        let write = pair.client.outcome { pair.client.channel.writeAndFlush(buffer("x"), promise: $0) }
        let output = pair.client.outcome { pair.client.channel.close(mode: .output, promise: $0) }
        let close = pair.client.outcome { pair.client.channel.close(promise: $0) }
        #expect(close.isSuccess && pair.client.socket.isClosed)
        #expect(write.error as? ChannelError == .ioOnClosedChannel)
        #expect(output.error as? ChannelError == .ioOnClosedChannel)
        #expect(throws: TLSError.closedDuringHandshake) { try pair.client.handshake.wait() }
        #expect(pair.client.application.errors == [])
    }

    @Test func `a close before the channel is active closes at once`() throws {
        let pair = try EmbeddedPair()
        let close = pair.client.outcome { pair.client.channel.close(promise: $0) }
        #expect(close.isSuccess)
    }

    // MARK: Half-close

    @Test func `after a close of the output writes fail and reads go on`() throws {
        let pair = try EmbeddedPair.connected()
        pair.client.send("request")
        let close = pair.client.outcome { pair.client.channel.close(mode: .output, promise: $0) }
        #expect(close.isSuccess && pair.client.socket.isOutputClosed && !pair.client.socket.isClosed)
        let write = pair.client.outcome { pair.client.channel.writeAndFlush(buffer("more"), promise: $0) }
        #expect(write.error as? ChannelError == .outputClosed)
        let again = pair.client.outcome { pair.client.channel.close(mode: .output, promise: $0) }
        #expect(again.error as? ChannelError == .outputClosed)
        try pair.pump()
        #expect(pair.server.application.events.suffix(3) == [.read("request"), .readComplete, .inputClosed])
        pair.server.send("response")
        try pair.pump()
        #expect(pair.client.application.text == "response")
        pair.server.channel.close(mode: .output, promise: nil)
        try pair.pump()
        #expect(pair.client.socket.isClosed && pair.server.socket.isClosed)
        #expect(pair.client.application.errors == [] && pair.server.application.errors == [])
    }

    @Test func `a close of the output flushes what was written`() throws {
        let pair = try EmbeddedPair.connected()
        let write = pair.client.outcome { pair.client.channel.write(buffer("unflushed"), promise: $0) }
        pair.client.channel.close(mode: .output, promise: nil)
        try pair.pump()
        #expect(write.isSuccess && pair.server.application.text == "unflushed")
    }

    @Test func `a close of the output during the handshake follows the writes that wait`() throws {
        let pair = try EmbeddedPair()
        pair.client.send("early")
        let close = pair.client.outcome { pair.client.channel.close(mode: .output, promise: $0) }
        let late = pair.client.outcome { pair.client.channel.write(buffer("late"), promise: $0) }
        #expect(late.error as? ChannelError == .outputClosed)
        try pair.connect()
        #expect(close.isSuccess && pair.client.socket.isOutputClosed)
        #expect(pair.server.application.events.suffix(3) == [.read("early"), .readComplete, .inputClosed])
    }

    @Test func `a peer that never closes its half is cut off`() throws {
        let pair = try EmbeddedPair.connected()
        pair.server.channel.close(mode: .output, promise: nil)
        pair.loop.advanceTime(by: .seconds(29))
        #expect(!pair.server.socket.isClosed)
        pair.loop.advanceTime(by: .seconds(1))
        #expect(pair.server.socket.isClosed)
    }

    @Test func `the limit on a half-closed peer starts when our last byte has left`() throws {
        let pair = try EmbeddedPair.connected()
        pair.server.socket.isBlocked = true
        pair.server.send("a long answer on a slow line")
        pair.server.channel.close(mode: .output, promise: nil)
        pair.loop.advanceTime(by: .minutes(5))
        #expect(!pair.server.socket.isClosed)
        try pair.server.socket.unblock(pair.server.channel)
        pair.loop.advanceTime(by: .seconds(30))
        #expect(pair.server.socket.isClosed)
        try pair.pump()
        #expect(pair.client.application.text == "a long answer on a slow line")
    }

    @Test func `an answer still on its way is not cut off by the peer's half-close`() throws {
        let pair = try EmbeddedPair.connected()
        pair.client.send("request")
        pair.client.channel.close(mode: .output, promise: nil)
        try pair.pump()
        pair.server.socket.isBlocked = true
        pair.server.send("answer")
        let close = pair.server.outcome { pair.server.channel.close(mode: .output, promise: $0) }
        #expect(!pair.server.socket.isClosed && close.isPending)
        try pair.server.socket.unblock(pair.server.channel)
        #expect(pair.server.socket.isClosed && close.isSuccess)
        try pair.pump()
        #expect(pair.client.application.text == "answer")
        #expect(pair.client.application.errors == [])
    }

    // MARK: What the peer does meanwhile

    @Test func `data before close_notify is delivered before the end`() throws {
        let pair = try EmbeddedPair.connected()
        pair.client.send("one ")
        pair.client.send("two")
        pair.client.channel.close(promise: nil)
        try pair.pump()
        #expect(pair.server.application.events.suffix(3) == [.read("one two"), .readComplete, .inputClosed])
    }

    @Test func `after close_notify the end of the input and of the channel are silent`() throws {
        let pair = try EmbeddedPair.connected()
        pair.client.channel.close(promise: nil)
        try pair.pump()
        let eventCount = pair.server.application.events.count
        pair.server.endInput()
        #expect(pair.server.application.events.count == eventCount)
        pair.server.channel.pipeline.fireChannelInactive()
        #expect(pair.server.application.events.suffix(1) == [.inactive])
        #expect(pair.server.application.errors == [])
    }

    @Test func `an end without close_notify is an error before it is an end`() throws {
        let pair = try EmbeddedPair.connected()
        pair.client.send("half a ")
        try pair.pump()
        pair.server.channel.pipeline.fireChannelInactive()
        #expect(pair.server.application.events.suffix(2) == [.error(.uncleanShutdown), .inactive])
    }

    @Test func `an end without close_notify while we close is none of our business`() throws {
        let pair = try EmbeddedPair.connected()
        let close = pair.client.outcome { pair.client.channel.close(promise: $0) }
        pair.client.endInput()
        #expect(close.isSuccess && pair.client.socket.isClosed)
        #expect(pair.client.application.errors == [])
    }

    @Test func `data that comes after our close is dropped`() throws {
        let pair = try EmbeddedPair.connected()
        pair.client.channel.close(promise: nil)
        pair.server.send("too late")
        try pair.client.receive(pair.server.takeSent())
        #expect(pair.client.application.text == "")
        #expect(pair.client.application.errors == [])
    }

    @Test func `gibberish that comes after our close ends it without an error`() throws {
        let pair = try EmbeddedPair.connected()
        let close = pair.client.outcome { pair.client.channel.close(promise: $0) }
        try pair.client.receive(buffer("gibberish gibberish gibberish"))
        #expect(close.isSuccess && pair.client.socket.isClosed)
        #expect(pair.client.application.errors == [])
    }

    @Test func `bytes after the peer's close_notify are ignored`() throws {
        let pair = try EmbeddedPair.connected()
        pair.client.channel.close(promise: nil)
        try pair.pump()
        try pair.server.receive(buffer("gibberish"))
        #expect(pair.server.application.errors == [])
        #expect(pair.server.channel.isActive)
    }

    // MARK: Re-entrancy

    @Test func `a close within a read is safe`() throws {
        let pair = try EmbeddedPair.connected()
        pair.server.application.react = { event, context in
            if event == .read("question") { context.close(promise: nil) }
        }
        pair.client.send("question")
        try pair.pump()
        pair.client.channel.close(promise: nil)
        try pair.pump()
        #expect(pair.server.socket.isClosed && pair.client.socket.isClosed)
        #expect(pair.client.application.errors == [] && pair.server.application.errors == [])
    }

    @Test func `a close within the handshake's event is safe`() throws {
        let pair = try EmbeddedPair()
        pair.client.send("never sent")
        pair.client.application.react = { event, context in
            if case .handshakeCompleted = event { context.close(promise: nil) }
        }
        try pair.connect()
        #expect(pair.server.application.text == "")
        #expect(pair.server.application.events.last == .inputClosed)
    }

    @Test func `a flush and a close within an error do not spin`() throws {
        let pair = try EmbeddedPair()
        pair.client.application.react = { event, context in
            if case .error = event {
                context.writeAndFlush(NIOAny(buffer("x")), promise: nil)
                context.close(promise: nil)
            }
        }
        try pair.connectHalfway()
        pair.client.endInput()
        #expect(pair.client.application.errors == [.closedDuringHandshake])
        #expect(pair.client.socket.isClosed)
    }

    @Test func `taking the handler out fails what waits`() throws {
        let pair = try EmbeddedPair()
        try pair.connectHalfway()
        let write = pair.client.outcome { pair.client.channel.writeAndFlush(buffer("x"), promise: $0) }
        try pair.client.channel.pipeline.syncOperations.removeHandler(pair.client.tls).wait()
        #expect(write.error as? TLSError == .handlerRemoved)
        #expect(throws: TLSError.handlerRemoved) { try pair.client.handshake.wait() }
    }
}
