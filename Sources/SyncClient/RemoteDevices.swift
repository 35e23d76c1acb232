public import Models
public import SyncTLS

/// A person's devices, as their server keeps them. Each call opens a connection of its own.
public struct RemoteDevices: Sendable {
    private let server: LinkedServer
    private let address: ServerAddress
    private let ticket: ResumptionTicket?
    private let onTicket: @Sendable (ResumptionTicket) -> Void

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

    /// In the order they were linked.
    public func list() async throws -> [DeviceList.Device] {
        try await connected {
            try await $0.ask("GET", "/v1/devices", credential: server.credential, as: DeviceList.self)
        }.devices
    }

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
    public func revoke(_ device: UInt64) async throws {
        _ = try await connected { try await $0.ask("DELETE", "/v1/devices/\(device)", credential: server.credential) }
    }

    private func connected<Result>(_ body: (ServerConnection) async throws -> Result) async throws -> Result {
        try await ServerConnection.with(to: address, pins: server.pins, ticket: ticket, onTicket: onTicket, body)
    }
}
