import Models
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import SyncClient

/// When a device gives a server up that does not answer.
@Suite struct StallTests {
    /// A link that takes what is sent when the test says so.
    private final class SlowLink: ChannelOutboundHandler {
        typealias OutboundIn = HTTPClientRequestPart

        var waiting: [EventLoopPromise<Void>] = []

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            if let promise { waiting.append(promise) }
        }
    }

    private let loop = EmbeddedEventLoop()
    private let link = SlowLink()
    private let handler = HTTPExchangeHandler()
    private let channel: EmbeddedChannel
    private let almost = TimeAmount.milliseconds(Int64(Limits.stallTimeoutMilliseconds) - 1)

    init() throws {
        channel = EmbeddedChannel(loop: loop)
        try channel.pipeline.syncOperations.addHandlers([link, handler])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func send(byteCount: Int) -> EventLoopFuture<ServerConnection.Answer> {
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/")
        return handler.send(head, body: [UInt8](repeating: 7, count: byteCount), on: channel)
    }

    @Test func `a request that goes on may take as long as it takes, and is answered`() throws {
        let answer = send(byteCount: 10 * Limits.sentPieceBytes)
        #expect(link.waiting.count == 9)
        for piece in link.waiting {
            loop.advanceTime(by: almost)
            #expect(channel.isActive)
            piece.succeed()
        }
        loop.advanceTime(by: almost)
        try channel.writeInbound(HTTPClientResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok)))
        try channel.writeInbound(HTTPClientResponsePart.end(nil))
        #expect(try answer.wait().status == 200)
    }

    @Test(arguments: [1, 10 * Limits.sentPieceBytes])
    func `a request that does not go on is given up`(byteCount: Int) throws {
        let answer = send(byteCount: byteCount)
        loop.advanceTime(by: almost)
        #expect(channel.isActive)
        loop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive)
        #expect(throws: ConnectionError.interrupted(reason: "no answer in time")) { try answer.wait() }
        for piece in link.waiting { piece.fail(ChannelError.ioOnClosedChannel) }
    }
}
