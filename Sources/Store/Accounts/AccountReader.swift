import Digest
import Foundation
import GRDB
public import Models

/// One unchanging view of the accounts. It does not leave the closure it was handed to.
public struct AccountReader {
    let db: Database

    init(db: Database) { self.db = db }

    /// Whoever the server was set up for.
    public func owner() throws -> Person {
        let owner = try db.first("SELECT id, name FROM people ORDER BY id LIMIT 1", read: Self.person)
        guard let owner else { throw StoreError.corrupt("the server has no owner") }
        return owner
    }

    func person(_ id: Int64) throws -> Person? {
        try db.first("SELECT id, name FROM people WHERE id = ?", [id], read: Self.person)
    }

    private static func person(_ row: Columns) -> Person { Person(id: row[0], name: row[1]) }

    /// A person's notebooks, the first made first.
    public func notebooks(of person: Int64) throws -> [AccountNotebook] {
        let sql = """
            SELECT notebooks.id, notebooks.name FROM members JOIN notebooks ON notebooks.id = members.notebook
            WHERE members.person = ? ORDER BY notebooks.id
            """
        return try db.all(sql, [person], read: Self.notebook)
    }

    func notebook(_ id: NotebookID) throws -> AccountNotebook? {
        try db.first("SELECT id, name FROM notebooks WHERE id = ?", [id.stored], read: Self.notebook)
    }

    private static func notebook(_ row: Columns) throws -> AccountNotebook {
        AccountNotebook(id: try row.notebook(0), name: row[1])
    }

    public func memberships() throws -> [Membership] {
        try db.all("SELECT notebook, person FROM members") {
            Membership(notebook: try $0.notebook(0), person: $0[1])
        }
    }

    /// All devices, revoked ones too, in the order they were linked.
    public func devices() throws -> [AccountDevice] {
        try db.all("SELECT \(Self.deviceColumns) FROM devices ORDER BY id", read: Self.device)
    }

    /// A person's devices, revoked ones too, in the order they were linked.
    public func devices(of person: Int64) throws -> [AccountDevice] {
        let sql = "SELECT \(Self.deviceColumns) FROM devices WHERE person = ? ORDER BY id"
        return try db.all(sql, [person], read: Self.device)
    }

    /// A device of this person; nil if it is somebody else's.
    public func device(_ id: UInt64, of person: Int64) throws -> AccountDevice? {
        let sql = "SELECT \(Self.deviceColumns) FROM devices WHERE id = ? AND person = ?"
        return try db.first(sql, [id.stored, person], read: Self.device)
    }

    /// Which device writes under `replica` in `notebook`; nil if none does, or does no longer.
    public func writer(of replica: ReplicaID, in notebook: NotebookID) throws -> UInt64? {
        guard let owner = try owner(of: replica, in: notebook) else { return nil }
        let sql = "SELECT replica FROM replicas WHERE device = ? AND notebook = ? ORDER BY number DESC LIMIT 1"
        let last = try db.first(sql, [owner.stored, notebook.stored]) { ReplicaID($0.word(0)) }
        return last == replica ? owner : nil
    }

    /// Which device that is not revoked claimed `replica` in `notebook`; nil if none did.
    public func owner(of replica: ReplicaID, in notebook: NotebookID) throws -> UInt64? {
        let sql = """
            SELECT device FROM replicas JOIN devices ON devices.id = replicas.device
            WHERE notebook = ? AND replica = ? AND devices.revoked IS NULL
            """
        return try db.first(sql, [notebook.stored, replica.rawValue.stored]) { $0.word(0) }
    }

    /// Where devices reach the server, as `HOST:PORT`; nil before it was first started.
    public func publicAddress() throws -> String? {
        try String.fetchOne(db, sql: "SELECT public_address FROM server")
    }

    private static let deviceColumns = "id, person, name, credential, linked, seen, revoked"

    private static func device(_ row: Columns) throws -> AccountDevice {
        guard let credential = SHA256Digest(bytes: row.bytes(3)) else {
            throw StoreError.corrupt("a credential's hash is not 32 bytes")
        }
        return AccountDevice(
            id: row.word(0),
            person: row[1],
            name: row[2],
            credential: credential,
            linkedMilliseconds: row.word(4),
            seenMilliseconds: row.word(5),
            revokedMilliseconds: row.isNull(6) ? nil : row.word(6)
        )
    }
}

extension Columns {
    func notebook(_ index: Int) throws -> NotebookID {
        guard let bits = UUIDBits(bytes: bytes(index)) else { throw StoreError.corrupt("an id is not 16 bytes") }
        return NotebookID(bits)
    }
}

extension NotebookID {
    var stored: Data { Data(bits.bytes) }
}
