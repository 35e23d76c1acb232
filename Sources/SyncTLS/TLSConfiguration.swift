public import NIOCore

/// Limits on the time and memory of one connection.
public struct TLSConnectionLimits: Equatable, Sendable {
    /// For the handshake as a whole, from the moment the connection stands.
    public var handshakeTimeout: TimeAmount = .seconds(10)

    /// How long a closing side waits for the peer's close_notify, and for its own last bytes to leave.
    public var closeTimeout: TimeAmount = .seconds(5)

    /// How long the peer may go on sending once our close_notify has left. `nil`: as long as it likes.
    public var halfClosedTimeout: TimeAmount? = .seconds(30)

    /// The most bytes to keep that were written before the end of the handshake.
    public var maximumBufferedBytes = 1024 * 1024

    public init() {}
}

/// The settings of a server.
public struct TLSServerConfiguration: Sendable {
    public var identity: ServerIdentity

    /// What session tickets are sealed with. Share one object between contexts, so that a renewed certificate does
    /// not end resumption. `nil`: no tickets.
    public var ticketKeys: TicketKeys?

    /// In order of preference. A client that offers protocols, but none of these, is refused.
    public var applicationProtocols = ["http/1.1"]

    /// OpenSSL's names; what a later OpenSSL brings can be added here.
    public var groups = TLSServerConfiguration.defaultGroups

    public var limits = TLSConnectionLimits()

    public init(identity: ServerIdentity, ticketKeys: TicketKeys? = TicketKeys()) {
        self.identity = identity
        self.ticketKeys = ticketKeys
    }

    public static let defaultGroups = ["X25519", "P-256", "P-384"]
}

/// Whom a client takes for the server it means.
public enum TLSTrust: Equatable, Sendable {
    /// Whoever has one of these keys. Names and dates of the certificate do not count.
    case pinned([KeyPin])
    /// Whoever has a certificate for this DNS name or IP address from an authority that the system trusts.
    case system(hostname: String)
    /// Whoever has a certificate for this DNS name or IP address that these certificates (PEM) vouch for.
    case authorities(pem: [UInt8], hostname: String)
}

/// The settings of a client.
public struct TLSClientConfiguration: Sendable {
    public var trust: TLSTrust

    /// The name to ask for (SNI). By default the host name of the trust, and none for a pinned key, which needs none
    /// and so tells none to the network. An IP address is never sent (RFC 6066, section 3).
    public var serverName: String?

    public var applicationProtocols = ["http/1.1"]

    /// OpenSSL's names; the first is the one that the client bets on.
    public var groups = TLSServerConfiguration.defaultGroups

    public var limits = TLSConnectionLimits()

    public init(trust: TLSTrust) {
        self.trust = trust
        switch trust {
        case .pinned: serverName = nil
        case .system(let hostname), .authorities(_, let hostname): serverName = hostname
        }
    }
}
