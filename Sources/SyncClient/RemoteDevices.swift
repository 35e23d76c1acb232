public import Models
public import SyncTLS

/// A person's devices, as their server keeps them. Each call opens a connection of its own.
public struct RemoteDevices: Sendable {
    private let server: LinkedServer
    private let address: ServerAddress
    private let ticket: ResumptionTicket?
    private let onTicket: @Sendable (ResumptionTicket) -> Void

    /// - Parameters:
    ///   - address: where to reach the server, if not where it was linked; its key must be the same.
    ///   - ticket: of the last connection, to resume with.
    ///   - onTicket: called on another thread with each ticket for the next time.
    public init(
        _ server: LinkedServer,
        connectingTo address: ServerAddress? = nil,
        ticket: ResumptionTicket? = nil,
        onTicket: @escaping @Sendable (ResumptionTicket) -> Void = { _ in }
    ) {
        self.server = server
        self.address = address ?? server.address
        self.ticket = ticket
        self.onTicket = onTicket
    }

    /// In the order they were linked, revoked ones included.
    ///
    /// - Throws: ``ConnectionError``.
    public func list() async throws -> [DeviceList.Device] {
        try await connected {
            try await $0.ask("GET", "/v1/devices", credential: server.credential, as: DeviceList.self)
        }.devices
    }

    /// Gives a device of the person's, by the server's number for it, another name: 1 to 128 bytes on one line.
    ///
    /// - Throws: ``ConnectionError``; `refused` with status 404 if there is no such device.
    public func rename(_ device: UInt64, to name: String) async throws {
        _ = try await connected {
            try await $0.ask(
                "PATCH",
                "/v1/devices/\(device)",
                credential: server.credential,
                message: DeviceRename(name: name)
            )
        }
    }

    /// Ends a device's access at once. It keeps its local copy.
    ///
    /// - Throws: ``ConnectionError``; `refused` with status 404 if there is no such device.
    public func revoke(_ device: UInt64) async throws {
        _ = try await connected { try await $0.ask("DELETE", "/v1/devices/\(device)", credential: server.credential) }
    }

    private func connected<Result>(_ body: (ServerConnection) async throws -> Result) async throws -> Result {
        try await ServerConnection.with(to: address, pins: server.pins, ticket: ticket, onTicket: onTicket, body)
    }
}
