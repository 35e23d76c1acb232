import NIOCore
import NIOPosix
import Synchronization

/// A proxy on this machine that passes bytes on until it is told to cut: a connection in a tunnel.
public final class CuttingProxy: Sendable {
    /// Where a connection ends, in bytes of either direction; nil: not there.
    public struct Cut: Hashable, Sendable {
        public var up: Int?
        public var down: Int?

        public init(up: Int? = nil, down: Int? = nil) {
            self.up = up
            self.down = down
        }
    }

    /// What went through since ``begin(_:)``.
    public struct Traffic: Hashable, Sendable {
        public var connectionCount = 0
        public var up = 0
        public var down = 0
        /// Whether a cut was made.
        public var wasCut = false
        /// The beginning of what went up, to look at what was said.
        public var firstBytesUp: [UInt8] = []
    }

    fileprivate struct State {
        var cut = Cut()
        var traffic = Traffic()
    }

    fileprivate let state = Mutex(State())
    private let channel: Mutex<(any Channel)?>
    public let port: Int

    /// Bytes of ``Traffic/firstBytesUp``.
    static let recordedByteCount = 4096

    private init(channel: any Channel) {
        self.channel = Mutex(channel)
        port = channel.localAddress?.port ?? 0
    }

    /// Runs a proxy to a port of this machine while `body` does.
    public static func with<Result>(
        to port: Int,
        _ body: (CuttingProxy) async throws -> Result
    ) async throws -> Result {
        let box = ProxyBox()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { inbound in
                inbound.eventLoop.flatSubmit {
                    guard let proxy = box.proxy else { return inbound.close() }
                    return proxy.connect(inbound, to: port)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let proxy = CuttingProxy(channel: channel)
        box.proxy = proxy
        do {
            let result = try await body(proxy)
            try await channel.close().get()
            box.proxy = nil
            return result
        } catch {
            try? await channel.close().get()
            box.proxy = nil
            throw error
        }
    }

    /// From now on connections end at `cut`, and traffic counts from 0.
    public func begin(_ cut: Cut = Cut()) {
        state.withLock { $0 = State(cut: cut) }
    }

    public var traffic: Traffic { state.withLock { $0.traffic } }

    private func connect(_ inbound: any Channel, to port: Int) -> EventLoopFuture<Void> {
        state.withLock { $0.traffic.connectionCount += 1 }
        return ClientBootstrap(group: inbound.eventLoop)
            .channelInitializer { outbound in
                outbound.eventLoop.makeCompletedFuture {
                    try outbound.pipeline.syncOperations.addHandler(ProxyHandler(self, to: inbound, isUp: false))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .flatMapThrowing { outbound in
                try inbound.pipeline.syncOperations.addHandler(ProxyHandler(self, to: outbound, isUp: true))
            }
    }

    /// How many of `count` bytes go on, and whether the connection ends behind them.
    fileprivate func pass(_ bytes: ByteBufferView, isUp: Bool) -> (count: Int, ends: Bool) {
        state.withLock { state in
            let before = isUp ? state.traffic.up : state.traffic.down
            let room = (isUp ? state.cut.up : state.cut.down).map { max(0, $0 - before) } ?? .max
            let count = min(bytes.count, room)
            if isUp {
                state.traffic.up += count
                let space = Self.recordedByteCount - state.traffic.firstBytesUp.count
                state.traffic.firstBytesUp += bytes.prefix(min(count, space))
            } else {
                state.traffic.down += count
            }
            let ends = count == room
            if ends { state.traffic.wasCut = true }
            return (count, ends)
        }
    }
}

/// The proxy, for connections that come before it has its port.
private final class ProxyBox: Sendable {
    private let state = Mutex<CuttingProxy?>(nil)

    var proxy: CuttingProxy? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// Passes one direction of a connection on. Both ends share an event loop.
private final class ProxyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let proxy: CuttingProxy
    private let other: any Channel
    private let isUp: Bool

    init(_ proxy: CuttingProxy, to other: any Channel, isUp: Bool) {
        self.proxy = proxy
        self.other = other
        self.isUp = isUp
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        let (count, ends) = proxy.pass(buffer.readableBytesView, isUp: isUp)
        let head = buffer.readSlice(length: count) ?? ByteBuffer()
        let written = other.writeAndFlush(head)
        guard ends else { return }
        let here = context.channel
        written.whenComplete { [other] _ in
            other.close(promise: nil)
            here.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        other.close(promise: nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        other.close(promise: nil)
        context.close(promise: nil)
    }
}

@available(*, unavailable)
extension ProxyHandler: Sendable {}
