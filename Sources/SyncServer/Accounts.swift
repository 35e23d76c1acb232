import Digest
import Models
import NIOPosix
import Store
import Synchronization

/// Who may do what, as each request asks. What is needed for that is in memory and follows each change of the file,
/// so a revocation holds from the next request on; the file itself is used on threads of its own.
///
/// Only one process has the file (``DataFolder`` is locked), so nothing changes behind our back.
final class Accounts: Sendable {
    private struct Table {
        var devices: [SHA256Digest: AccountDevice] = [:]
        var members: Set<Membership> = []
        /// Later than what the file says.
        var seen: [UInt64: UInt64] = [:]
        var claims: Set<Claim> = []
    }

    private struct Claim: Hashable {
        var notebook: NotebookID
        var replica: ReplicaID
        var device: UInt64
    }

    private let store: AccountStore
    private let surroundings: Surroundings
    private let lane: Lane
    private let table: Mutex<Table>

    init(_ store: AccountStore, surroundings: Surroundings, threads: NIOThreadPool) throws {
        self.store = store
        self.surroundings = surroundings
        lane = Lane(threads: threads, width: 1, maximumWaitingCount: Limits.maximumWaitingExchangeCount)
        table = Mutex(Table())
        try reload()
    }

    private func reload() throws {
        let (devices, members) = try store.read { (try $0.devices(), try $0.memberships()) }
        let byCredential = Dictionary(devices.map { ($0.credential, $0) }) { first, _ in first }
        table.withLock { table in
            table.devices = byCredential
            table.members = Set(members)
            table.claims.removeAll()
        }
    }

    /// Changes the file, then the table. `body` blocks, and runs on a thread.
    private func change<Result: Sendable>(
        _ body: @escaping @Sendable (AccountWriter) throws -> Result
    ) async throws -> Result {
        try await lane.run { [self] in
            let result = try store.write(body)
            try reload()
            return result
        }
    }

    // MARK: Asked with each request

    /// The device that shows `credential`; nil if there is none, or it was revoked.
    ///
    /// The credential's hash finds the row, so the time this takes tells nothing about any credential but the one
    /// that was shown.
    func device(showing credential: Credential) -> AccountDevice? {
        let hash = SHA256.hash(credential.bytes)
        let now = surroundings.now()
        return table.withLock { table in
            guard let device = table.devices[hash], constantTimeEquals(device.credential, hash), !device.isRevoked
            else { return nil }
            table.seen[device.id] = now
            return device
        }
    }

    func isMember(_ person: Int64, of notebook: NotebookID) -> Bool {
        table.withLock { $0.members.contains(Membership(notebook: notebook, person: person)) }
    }

    func rights(of device: AccountDevice, in notebook: NotebookID) -> WritingRights {
        WritingRights(
            mayWrite: { try self.mayWrite($0, of: notebook, device) },
            mayFinish: { try self.mayFinish($0, of: notebook, device) },
            mayCarry: { try self.mayCarry($0, of: notebook, device, wasPutBack: $1) }
        )
    }

    /// Whether `device` may write under `replica`, which is its own from then on. Blocks, until it has been told so once.
    private func mayWrite(_ replica: ReplicaID, of notebook: NotebookID, _ device: AccountDevice) throws -> Bool {
        let claim = Claim(notebook: notebook, replica: replica, device: device.id)
        if table.withLock({ $0.claims.contains(claim) }) { return true }
        let owner = try store.read { try $0.owner(of: replica, in: notebook) }
        guard
            try owner.map({ $0 == device.id })
                ?? store.write({ try $0.claim(replica, of: notebook, for: device) })
        else { return false }
        table.withLock { _ = $0.claims.insert(claim) }
        return true
    }

    /// Whether nobody but `device` writes under `replica`. Blocks.
    private func mayFinish(_ replica: ReplicaID, of notebook: NotebookID, _ device: AccountDevice) throws -> Bool {
        let writer = try store.read { try $0.writer(of: replica, in: notebook) }
        return writer == nil || writer == device.id
    }

    /// Whether another may bring changes of `replica` without a proof that this server had them: no device here writes
    /// under it. So a server gets what came by file from devices that it does not know, and a new one everything that
    /// was on the one before, though not every device of that time is left.
    ///
    /// A server that was put back has forgotten who came later: it takes such changes from the person's oldest device
    /// alone. Blocks.
    private func mayCarry(
        _ replica: ReplicaID,
        of notebook: NotebookID,
        _ device: AccountDevice,
        wasPutBack: Bool
    ) throws -> Bool {
        if wasPutBack, hasOlder(than: device) { return false }
        return try store.read { try $0.writer(of: replica, in: notebook) == nil }
    }

    private func hasOlder(than device: AccountDevice) -> Bool {
        table.withLock { table in
            table.devices.values.contains { $0.person == device.person && $0.id < device.id && !$0.isRevoked }
        }
    }

    // MARK: Links and devices

    /// The owner's first notebook, which links are made to. Blocks.
    func ownersNotebook() throws -> AccountNotebook {
        try store.read { try Self.ownersNotebook($0).notebook }
    }

    private static func ownersNotebook(_ reader: AccountReader) throws -> (person: Person, notebook: AccountNotebook) {
        let owner = try reader.owner()
        guard let notebook = try reader.notebooks(of: owner.id).first else {
            throw StoreError.corrupt("the owner has no notebook")
        }
        return (owner, notebook)
    }

    /// Nil if too many links wait.
    func makeLink() async throws -> (link: NewLink, address: String)? {
        let secret = RandomBytes.bytes(LinkText.secretByteCount)
        return try await lane.run { [store] in
            try store.write { writer in
                guard let address = try writer.reader.publicAddress() else { throw SyncServerError.neverStarted }
                let (person, notebook) = try Self.ownersNotebook(writer.reader)
                guard let link = try writer.makeLink(person: person.id, notebook: notebook.id, secret: secret)
                else { return nil }
                return (link, address)
            }
        }
    }

    func redeem(
        _ request: LinkRequest,
        exporter: [UInt8],
        credential: Credential
    ) async throws -> LinkRedemption {
        let hash = SHA256.hash(credential.bytes)
        return try await change { try $0.redeem(request, exporter: exporter, credential: hash) }
    }

    /// A person's devices, or the owner's.
    func devices(of person: Int64? = nil) async throws -> [AccountDevice] {
        let devices = try await lane.run { [store] in
            try store.read { try $0.devices(of: person ?? $0.owner().id) }
        }
        let seen = table.withLock(\.seen)
        return devices.map { device in
            var device = device
            device.seenMilliseconds = max(device.seenMilliseconds, seen[device.id] ?? 0)
            return device
        }
    }

    /// False if the person (or the owner) has no such device.
    func rename(_ device: UInt64, of person: Int64? = nil, to name: String) async throws -> Bool {
        try await change { try $0.rename(device, of: person ?? $0.reader.owner().id, to: name) }
    }

    /// False if the person (or the owner) has no such device.
    func revoke(_ device: UInt64, of person: Int64? = nil) async throws -> Bool {
        try await change { try $0.revoke(device, of: person ?? $0.reader.owner().id) }
    }

    var activeDeviceCount: Int {
        table.withLock { $0.devices.values.count { !$0.isRevoked } }
    }

    // MARK: The file

    func setPublicAddress(_ address: String) async {
        _ = try? await lane.run { [store] in try store.write { try $0.setPublicAddress(address) } }
    }

    /// Whether the file can be written.
    func checkWritable() async throws {
        try await lane.run { [store] in try store.checkWritable() }
    }

    /// Writes down when devices were last seen.
    func flushSeen() async {
        let seen = table.withLock(\.seen)
        guard !seen.isEmpty else { return }
        let isWritten = try? await lane.run { [store] in
            try store.write { try $0.noteSeen(seen) }
            return true
        }
        guard isWritten == true else { return }
        table.withLock { table in
            table.seen = table.seen.filter { seen[$0.key] != $0.value }
        }
        try? await lane.run { [self] in try reload() }
    }

    func close() { try? store.close() }
}
