import EgWalker
import GRDB
public import Models
import Wire

/// One unchanging view of a notebook. It does not leave the closure it was handed to.
public struct StoreReader {
    let db: Database

    init(db: Database) { self.db = db }
}

/// Which notebook this file is a replica of, and which replica.
public struct NotebookIdentity: Hashable, Sendable {
    public var notebook: NotebookID
    public var replica: ReplicaID
    /// The life of this log, where this replica is a server's.
    public var epoch: UInt64
    /// Must equal the one kept outside the file; where it does not, the file was copied.
    public var nonce: UInt64
    /// A server's log that was once put back to an earlier state.
    public var wasPutBack: Bool
    var stateVersion: Int
}

extension StoreReader {
    /// Nil before the first opening has made the notebook.
    func identity() throws -> NotebookIdentity? {
        try db.first("SELECT notebook, replica, epoch, nonce, put_back, state_version FROM notebook") { row in
            guard let bits = UUIDBits(bytes: row.bytes(0)) else {
                throw StoreError.corrupt("the notebook has no valid id")
            }
            return NotebookIdentity(
                notebook: NotebookID(bits),
                replica: ReplicaID(row.word(1)),
                epoch: row.word(2),
                nonce: row.word(3),
                wasPutBack: row[4],
                stateVersion: row[5]
            )
        }
    }

    /// Which notebook and replica this is.
    public func notebook() throws -> NotebookIdentity {
        guard let identity = try identity() else { throw StoreError.corrupt("the notebook has no id") }
        return identity
    }
}
