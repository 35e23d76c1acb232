import NIOCore
import NIOPosix
import SyncTLS

@testable import SyncServer

/// A TLS connection that says what a test wants, byte for byte.
struct RawConnection: Sendable {
    let channel: any Channel
    private let collector: NIOLoopBound<Collector>

    static func open(to server: RunningServer) async throws -> RawConnection {
        let context = try TLSContext(TLSClientConfiguration(trust: .pinned(server.pins)))
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let handshake = loop.makePromise(of: TLSConnectionInfo.self)
        let channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(TLSHandler(context: context, handshakePromise: handshake))
                    try pipeline.addHandler(Collector())
                }
            }
            .connect(host: "127.0.0.1", port: server.ready.port).get()
        _ = try await handshake.futureResult.get()
        let collector = try await channel.eventLoop.submit {
            NIOLoopBound(
                try channel.pipeline.syncOperations.handler(type: Collector.self),
                eventLoop: channel.eventLoop
            )
        }.get()
        return RawConnection(channel: channel, collector: collector)
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    /// All that arrived until the server closed.
    func untilClosed() async throws -> String {
        try? await channel.closeFuture.get()
        return try await channel.eventLoop.submit { collector.value.text }.get()
    }

    /// Returns once `text` has arrived.
    func waitFor(_ text: String) async throws {
        try await channel.eventLoop.flatSubmit { collector.value.wait(for: text, on: channel.eventLoop) }.get()
    }

    final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private(set) var text = ""
        private var waiting: (text: String, promise: EventLoopPromise<Void>)?

        func wait(for text: String, on loop: any EventLoop) -> EventLoopFuture<Void> {
            let promise = loop.makePromise(of: Void.self)
            waiting = (text, promise)
            look()
            return promise.futureResult
        }

        private func look() {
            guard let waiting, text.contains(waiting.text) else { return }
            self.waiting = nil
            waiting.promise.succeed()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            look()
        }

        func channelInactive(context: ChannelHandlerContext) {
            waiting?.promise.fail(ChannelError.eof)
            waiting = nil
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {}
    }
}
