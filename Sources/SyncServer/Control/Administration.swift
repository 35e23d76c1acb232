import Digest
import Models
import Store
import SyncTLS

/// What the commands can do: to a running server over its socket, or on the files of one that does not run.
struct Administration: Sendable {
    private let accounts: Accounts
    private let pin: KeyPin
    private let closeConnections: @Sendable (UInt64) -> Void

    init(accounts: Accounts, pin: KeyPin, closeConnections: @escaping @Sendable (UInt64) -> Void) {
        self.accounts = accounts
        self.pin = pin
        self.closeConnections = closeConnections
    }

    func answer(_ request: AdminRequest) async throws -> AdminAnswer {
        switch request {
        case .link:
            return .link(try await link())
        case .devices:
            return .devices(try await devices())
        case .rename(let device, let name):
            guard DeviceName.isValid(name) else { throw SyncServerError.invalidDeviceName }
            let id = try await find(device)
            guard try await accounts.rename(id, to: name) else { throw SyncServerError.noSuchDevice(device) }
            return .devices(try await devices().filter { $0.id == id })
        case .revoke(let device):
            let id = try await find(device)
            guard try await accounts.revoke(id) else { throw SyncServerError.noSuchDevice(device) }
            closeConnections(id)
            return .devices(try await devices().filter { $0.id == id })
        }
    }

    private func link() async throws -> AdminLink {
        guard let (link, address) = try await accounts.makeLink() else {
            throw SyncServerError.tooManyLinks(maximum: Limits.maximumOpenLinkCount)
        }
        guard let address = ServerAddress(address) else { throw SyncServerError.invalidAddress(address) }
        let text = LinkText(address: address, pin: pin.digest.bytes, secret: link.secret)
        return AdminLink(
            link: text.description,
            server: address.description,
            pin: pin.grouped,
            expiresMilliseconds: link.expiresMilliseconds
        )
    }

    private func devices() async throws -> [AdminDevice] {
        try await accounts.devices().map { device in
            AdminDevice(
                id: device.id,
                name: device.name,
                linkedMilliseconds: device.linkedMilliseconds,
                seenMilliseconds: device.seenMilliseconds,
                revokedMilliseconds: device.revokedMilliseconds
            )
        }
    }

    /// By number, or by a name that only one device has; one that is not revoked comes first.
    private func find(_ text: String) async throws -> UInt64 {
        let devices = try await accounts.devices()
        if let id = UInt64(text), devices.contains(where: { $0.id == id }) { return id }
        let named = devices.filter { ExactString($0.name) == ExactString(text) }
        let active = named.filter { !$0.isRevoked }
        let found = active.isEmpty ? named : active
        guard let first = found.first else { throw SyncServerError.noSuchDevice(text) }
        guard found.count == 1 else {
            throw SyncServerError.ambiguousDevice(text, ids: found.map(\.id))
        }
        return first.id
    }
}
