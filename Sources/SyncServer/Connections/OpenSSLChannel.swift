import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import SyncTLS

/// One connection: TLS below Hummingbird's HTTP/1.1, with our guard between parser and HTTP.
///
///     socket -> TLSHandler -> HTTP parser -> ConnectionGuard -> Hummingbird
struct OpenSSLChannel: ServerChildChannel {
    private let base: HTTP1Channel
    private let identity: IdentityBox
    private let connections: ConnectionTable
    private let limits: ServerLimits

    init(_ base: HTTP1Channel, identity: IdentityBox, connections: ConnectionTable, limits: ServerLimits) {
        self.base = base
        self.identity = identity
        self.connections = connections
        self.limits = limits
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        guard connections.admit(channel) else {
            logger.info("refused a connection: too many from its address")
            // A child that fails to set up could end the server's stream of connections, so it is set up and closed.
            return base.setup(channel: channel, logger: logger).map { value in
                channel.close(promise: nil)
                return value
            }
        }
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(TLSHandler(context: identity.context))
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }.flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(ConnectionGuard(limits: limits), position: .after(parser))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
