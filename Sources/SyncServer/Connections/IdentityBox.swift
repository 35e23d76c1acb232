import Synchronization
import SyncTLS

/// What new connections are served with. It can change while a server runs; open connections keep what they have.
final class IdentityBox: Sendable {
    private struct Current {
        var identity: ServerIdentity
        var context: TLSContext
    }

    private let ticketKeys = TicketKeys()
    private let limits: TLSConnectionLimits
    private let current: Mutex<Current>

    init(_ identity: ServerIdentity, limits: ServerLimits) throws {
        var tls = TLSConnectionLimits()
        tls.handshakeTimeout = limits.handshakeTimeout
        tls.closeTimeout = limits.closeTimeout
        tls.halfClosedTimeout = limits.closeTimeout
        self.limits = tls
        current = Mutex(
            Current(
                identity: identity,
                context: try Self.context(identity, limits: tls, ticketKeys: ticketKeys)
            )
        )
    }

    var context: TLSContext { current.withLock(\.context) }

    func update(_ identity: ServerIdentity) throws {
        guard current.withLock(\.identity) != identity else { return }
        let context = try Self.context(identity, limits: limits, ticketKeys: ticketKeys)
        current.withLock { $0 = Current(identity: identity, context: context) }
    }

    /// The ticket keys are shared, so that a renewed certificate does not end resumption.
    private static func context(
        _ identity: ServerIdentity,
        limits: TLSConnectionLimits,
        ticketKeys: TicketKeys
    ) throws -> TLSContext {
        var configuration = TLSServerConfiguration(identity: identity, ticketKeys: ticketKeys)
        configuration.limits = limits
        return try TLSContext(configuration)
    }
}
