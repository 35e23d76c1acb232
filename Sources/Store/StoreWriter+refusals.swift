import GRDB
public import Models

/// What a server refused for its stamps. It says the same to everybody who brings it, and always: a copy of the device that
/// wrote it, or a request of its own that comes late, when the stamps lie ahead no longer. The device issued it again as
/// of then (``StoreWriter/restamp(now:)``), so it would stand twice.
extension StoreReader {
    /// The hashes of such changes of `replica`, and what the server's clock showed.
    public func refusals(of replica: ReplicaID) throws -> [ContentHash: UInt64] {
        let rows = try db.rows("SELECT hash, milliseconds FROM refused WHERE replica = ?", [replica.rawValue.stored])
        var refusals: [ContentHash: UInt64] = [:]
        while let row = try rows.next() { refusals[try row.contentHash(0)] = row.word(1) }
        return refusals
    }
}

extension StoreWriter {
    public func noteRefusal(of replica: ReplicaID, _ hash: ContentHash, at milliseconds: UInt64) throws {
        try db.run(
            "INSERT INTO refused (replica, hash, milliseconds) VALUES (?, ?, ?)",
            [replica.rawValue.stored, hash.stored, milliseconds.stored]
        )
        try db.run(
            "DELETE FROM refused WHERE number <= (SELECT max(number) FROM refused) - ?",
            [Limits.maximumRefusalCount]
        )
    }
}
