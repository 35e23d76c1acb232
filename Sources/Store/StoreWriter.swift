import EgWalker
import Foundation
import GRDB
public import Models
import Wire

/// One transaction: everything a caller may change. It does not leave the closure it was
/// handed to.
public final class StoreWriter {
    let db: Database
    let surroundings: Surroundings
    private var pending: Applier?
    /// Text edits of this transaction that do not fit the version they name.
    public private(set) var misfits: [(replica: ReplicaID, sequence: UInt64)] = []
    /// Records of a person that this transaction has put into the trash.
    var deletedRows: Set<Int64> = []

    init(db: Database, surroundings: Surroundings) {
        self.db = db
        self.surroundings = surroundings
    }

    /// What the transaction sees, its own changes included.
    public var reader: StoreReader {
        get throws {
            try flush()
            return StoreReader(db: db)
        }
    }

    /// Collects the states that changes touch, so that many changes to one record cost one row.
    func withApplier<Result>(_ body: (inout Applier) throws -> Result) throws -> Result {
        var applier = try pending ?? Applier(db: db)
        pending = nil
        let result = try body(&applier)
        pending = applier
        return result
    }

    func flush() throws {
        guard var applier = pending else { return }
        pending = nil
        try applier.finish()
        deletedRows.formUnion(applier.deletedRows)
        misfits += applier.misfits.map { (ReplicaID($0.agent), $0.sequence) }
    }

    func finish() throws { try flush() }

    /// Does all of `body`, or nothing where what it would write is refused. Returns whether it did.
    @discardableResult
    func attempt(_ body: () throws -> Void) throws -> Bool {
        try flush()
        let (misfits, deletedRows) = (misfits, deletedRows)
        do {
            try db.inSavepoint {
                try body()
                try flush()
                return .commit
            }
            return true
        } catch let error where error is TextError || (error as? StoreError)?.isRefusal == true {
            pending = nil
            (self.misfits, self.deletedRows) = (misfits, deletedRows)
            return false
        }
    }

    func identity() throws -> NotebookIdentity? { try StoreReader(db: db).identity() }

    func beginNotebook() throws {
        let notebook = UUIDBits(
            version7: min(surroundings.now(), Limits.maximumMilliseconds),
            random: (surroundings.random(), surroundings.random())
        )
        let replica = surroundings.newReplicaID()
        try db.run(
            """
            INSERT INTO notebook (id, notebook, replica, epoch, nonce, state_version) VALUES (1, ?, ?, ?, ?, ?)
            """,
            [
                Blob(notebook.bytes), replica.rawValue.stored, surroundings.random().stored,
                surroundings.random().stored, Int64(StateCodec.version),
            ]
        )
        try addOwnReplica(replica)
    }

    private func addOwnReplica(_ replica: ReplicaID) throws {
        try db.run("INSERT INTO outgoing (replica, acknowledged, is_own) VALUES (?, 0, 1)", [replica.rawValue.stored])
    }

    /// Makes this a replica of `notebook`. Changes do not name their notebook, so what is here
    /// goes along.
    public func adopt(_ notebook: NotebookID) throws {
        try db.run("UPDATE notebook SET notebook = ?", [Blob(notebook.bits.bytes)])
    }

    /// From now on this store writes under a new replica id, and `nonce` says which copy it is. The machine that it was
    /// copied from has what was written so far as well, and goes on with it.
    @discardableResult
    public func takeNewReplica(nonce: UInt64? = nil) throws -> ReplicaID {
        // Undo goes back over what this device wrote, and its table counts that.
        try db.run("DELETE FROM undone")
        try db.run("UPDATE outgoing SET goes_on = 1 WHERE is_own")
        return try beginReplica(nonce: nonce)
    }

    func beginReplica(nonce: UInt64? = nil) throws -> ReplicaID {
        let old = try reader.notebook().replica
        try db.run(
            "UPDATE outgoing SET through = ? WHERE replica = ?",
            [try reader.head(of: old).sequence.stored, old.rawValue.stored]
        )
        let replica = surroundings.newReplicaID()
        try db.run(
            "UPDATE notebook SET replica = ?, nonce = coalesce(?, nonce)",
            [replica.rawValue.stored, nonce?.stored]
        )
        try addOwnReplica(replica)
        return replica
    }

    /// This log was put back to an earlier state: it starts a new life, if somebody read more of this one.
    public func notePutBack(readIn epoch: UInt64) throws {
        try db.run("UPDATE notebook SET put_back = 1")
        guard try reader.notebook().epoch == epoch else { return }
        try db.run("UPDATE notebook SET epoch = ?", [surroundings.random().stored])
        try db.run("DELETE FROM readers")
    }
}
