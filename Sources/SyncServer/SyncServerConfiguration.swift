import Store
import Glibc
import Models
public import NIOCore

/// What a server is told.
public struct SyncServerConfiguration: Sendable {
    /// The data folder; made if there is none.
    public let folder: String
    let listen: ServerAddress
    let publicAddress: ServerAddress?
    /// How many connections it takes and how long each part of one may last.
    public var limits = ServerLimits()
    var surroundings: Surroundings

    /// - Parameters:
    ///   - listen: `HOST:PORT` to listen on; port 0 lets the system choose.
    ///   - publicAddress: `HOST:PORT` under which devices reach the server; nil: the name of this machine, or what it
    ///     listens on.
    /// - Throws: ``SyncServerError/invalidAddress(_:)``
    public init(folder: String, listen: String, publicAddress: String? = nil) throws(SyncServerError) {
        guard let address = ServerAddress(listen) else { throw .invalidAddress(listen) }
        self.folder = folder
        self.listen = address
        self.publicAddress = try publicAddress.map { text throws(SyncServerError) in
            guard let address = ServerAddress(text), address.port > 0 else { throw .invalidAddress(text) }
            return address
        }
        surroundings = .ofThisMachine
    }

    /// What a link names: what was asked for, or else what is listened on; for all addresses, one of this machine.
    func publicAddress(boundPort: Int) -> ServerAddress {
        if let publicAddress { return publicAddress }
        let host = listensOnAll ? Self.addressOfThisMachine ?? "localhost" : listen.host
        return ServerAddress(host: host, port: boundPort) ?? listen
    }

    /// What the certificate is for. Devices look at the key alone; people with curl look at the name.
    var certificateNames: [String] {
        var names = ["localhost", "127.0.0.1"]
        for name in [publicAddress?.host, listensOnAll ? Self.addressOfThisMachine : listen.host] {
            if let name, !names.contains(name) { names.append(name) }
        }
        return names
    }

    private var listensOnAll: Bool { ["0.0.0.0", "::", "0:0:0:0:0:0:0:0"].contains(listen.host) }

    /// The first IPv4 address of a network interface that is up and not the loopback.
    private static var addressOfThisMachine: String? {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return nil }
        defer { freeifaddrs(list) }
        var next = list
        while let interface = next?.pointee {
            next = interface.ifa_next
            let isUsable =
                interface.ifa_flags & UInt32(IFF_UP) != 0
                && interface.ifa_flags & UInt32(IFF_LOOPBACK) == 0
            guard isUsable, let address = interface.ifa_addr, address.pointee.sa_family == sa_family_t(AF_INET)
            else { continue }
            var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            guard getnameinfo(address, size, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0 else {
                continue
            }
            return String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return nil
    }
}

/// Those limits of a server that a test wants other than they are. Each begins as `Models.Limits` has it.
public struct ServerLimits: Sendable {
    /// Open connections at a time; further ones wait in the system's queue.
    public var connectionCount = Limits.maximumConnectionCount
    /// Open connections at a time from one IPv4 address, or one IPv6 network of 64 bits; further ones are closed.
    public var connectionCountPerAddress = Limits.maximumConnectionCountPerAddress
    /// Connections from this machine come from tunnels and proxies as well, so they are not counted by address.
    public var countsLoopback = false
    /// For the TLS handshake as a whole.
    public var handshakeTimeout = TimeAmount.milliseconds(Int64(Limits.handshakeTimeoutMilliseconds))
    /// From the end of the handshake to the end of the first request's header fields.
    public var headTimeout = TimeAmount.milliseconds(Int64(Limits.headTimeoutMilliseconds))
    /// From the end of an answer to the end of the next request's header fields.
    public var idleTimeout = TimeAmount.milliseconds(Int64(Limits.idleTimeoutMilliseconds))
    /// For a body as a whole, to which the time for its length is added: see ``minimumBytesPerSecond``.
    public var bodyTimeout = TimeAmount.milliseconds(Int64(Limits.bodyTimeoutMilliseconds))
    /// How fast a body has to move, on the average, in either direction.
    public var minimumBytesPerSecond = Limits.minimumBytesPerSecond
    /// How long a closing connection waits for the other end.
    public var closeTimeout = TimeAmount.milliseconds(Int64(Limits.closeTimeoutMilliseconds))
    /// How long a stopping server waits for what it accepted.
    public var stop = Duration.milliseconds(Limits.stopMilliseconds)

    /// The limits of a server in use.
    public init() {}

    /// How long a body of `byteCount` bytes may take; nil stands for a length that is not known.
    func bodyTimeout(byteCount: Int?) -> TimeAmount {
        let maximum = TimeAmount.milliseconds(Int64(Limits.maximumBodyTimeoutMilliseconds))
        guard let byteCount else { return maximum }
        let seconds = min(Int64(byteCount / max(1, minimumBytesPerSecond)), maximum.nanoseconds / 1_000_000_000)
        return min(maximum, bodyTimeout + .seconds(seconds))
    }
}
