import GRDB
import Models

/// What a sync would send, and what of that deletes: for a preview, and for the guard against slips.
extension StoreReader {
    /// The live records of a person that the next push changes for others, by id.
    public func unsentRecords() throws -> [RecordView] {
        try recordsToSend().sorted().compactMap(record).filter { view in
            RecordKind.personal.contains(view.state.kind) && !view.state.isDeleted
        }
    }

    /// The records of which something is still to be sent.
    func recordsToSend() throws -> Set<RecordID> {
        var records: Set<RecordID> = []
        for log in try outgoing() where log.unsentCount > 0 {
            let sql = "SELECT DISTINCT record FROM changes WHERE replica = ? AND sequence BETWEEN ? AND ?"
            let values: Arguments = [
                log.head.replica.rawValue.stored, (log.acknowledged + 1).stored, log.head.sequence.stored,
            ]
            records.formUnion(try db.all(sql, values) { try $0.record(0) })
        }
        return records
    }

    /// The records that the next push deletes for others: they were there for them, and every delete of them is this
    /// device's and not sent yet.
    public func unsentDeletions() throws -> [RecordView] {
        var sent: [ReplicaID: UInt64] = [:]
        for log in try outgoing() where log.isOwn && log.unsentCount > 0 {
            sent[log.head.replica] = try change(log.head.replica, log.acknowledged)?.change.time ?? 0
        }
        if sent.isEmpty { return [] }
        return try trash().filter { record in
            func isUnsent(_ stamp: Stamp) -> Bool { sent[stamp.replica].map { stamp.time > $0 } ?? false }
            return !isUnsent(record.state.created)
                && record.state.deletes.heads.allSatisfy { isUnsent($0.stamp) }
        }
    }

    /// How many records the next push deletes for others, if that is so many that a person should say yes first.
    public func guardedDeletionCount() throws -> Int? {
        let deletedCount: Int? = try db.value("SELECT count(*) FROM records WHERE deleted > 0")
        // Most syncs end here.
        guard deletedCount ?? 0 > Limits.unaskedDeletionCount else { return nil }
        let count = try unsentDeletions().count
        let live = try self.count(of: RecordKind.personal) + count
        return DeletionGuard.asks(deleting: count, of: live) ? count : nil
    }

    /// The place behind the last record that is here now. What was here keeps its place.
    public func lastRow() throws -> Int64 {
        try db.value("SELECT max(row) FROM records") ?? 0
    }
}

extension StoreWriter {
    /// How many records with places up to `row` this transaction has put into the trash.
    public func deletedCount(through row: Int64 = .max) throws -> Int {
        try flush()
        return deletedRows.count { $0 <= row }
    }
}
