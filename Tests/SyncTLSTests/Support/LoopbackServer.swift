import NIOCore
import NIOPosix

@testable import SyncTLS

/// A server on a real socket that answers each request with `hello` over HTTP, or echoes lines.
struct LoopbackServer {
    enum Service: Sendable {
        case echo
        case hello
    }

    private let channel: any Channel

    var port: Int { channel.localAddress?.port ?? 0 }

    static func start(_ service: Service, context: TLSContext) async throws -> LoopbackServer {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(TLSHandler(context: context))
                    switch service {
                    case .echo: try channel.pipeline.syncOperations.addHandler(EchoService())
                    case .hello: try channel.pipeline.syncOperations.addHandler(HelloService())
                    }
                }
            }
        return LoopbackServer(channel: try await bootstrap.bind(host: "127.0.0.1", port: 0).get())
    }

    func stop() async throws {
        try await channel.close()
    }
}

/// Sends back what comes, and closes when no more will.
private final class EchoService: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(data, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            context.close(mode: .output, promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// Just enough of HTTP/1.1 for curl.
private final class HelloService: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private var head = ""

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        head += String(buffer: unwrapInboundIn(data))
        guard head.hasSuffix("\r\n\r\n") else { return }
        head = ""
        let info = (try? context.pipeline.syncOperations.handler(type: TLSHandler.self))?.connectionInfo
        let body = info?.isResumed == true ? "hello again\n" : "hello\n"
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// A client on a real socket that sends one text and gives back all that comes until the end.
struct LoopbackClient {
    struct Result: Sendable {
        let text: String
        let info: TLSConnectionInfo
    }

    static func exchange(
        _ bytes: ByteBuffer,
        port: Int,
        context: TLSContext,
        ticket: ResumptionTicket? = nil,
        onTicket: (@Sendable (ResumptionTicket) -> Void)? = nil
    ) async throws -> Result {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let handshake = loop.makePromise(of: TLSConnectionInfo.self)
        let all = loop.makePromise(of: ByteBuffer.self)
        do {
            let channel = try await ClientBootstrap(group: loop)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers([
                            TLSHandler(
                                context: context,
                                ticket: ticket,
                                handshakePromise: handshake,
                                onTicket: onTicket
                            ),
                            CollectAll(promise: all),
                        ])
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
            channel.writeAndFlush(bytes, promise: nil)
            channel.close(mode: .output, promise: nil)
        } catch {
            handshake.fail(error)
            all.fail(error)
        }
        let info = try await handshake.futureResult.get()
        return try await Result(text: String(buffer: all.futureResult.get()), info: info)
    }
}

private final class CollectAll: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let promise: EventLoopPromise<ByteBuffer>
    private var all = ByteBuffer()

    init(promise: EventLoopPromise<ByteBuffer>) {
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        all.writeImmutableBuffer(unwrapInboundIn(data))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.succeed(all)
        context.fireChannelInactive()
    }
}
