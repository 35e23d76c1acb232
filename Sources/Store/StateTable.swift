import Digest
import Foundation
import GRDB
public import Models
import Wire

/// A record's row, as it was read.
struct StateRow {
    var row: Int64
    var state: RecordState
    var conflictCount: Int
    /// The canonical bytes it was read from, whose digest is in the buckets.
    var bytes: [UInt8]
}

extension StoreReader {
    func stateRow(_ id: RecordID) throws -> StateRow? {
        try db.first("SELECT row, state, conflicts FROM records WHERE id = ?", [id.stored]) { row in
            let bytes = row.bytes(1)
            return StateRow(row: row[0], state: try Self.state(bytes, of: id), conflictCount: row[2], bytes: bytes)
        }
    }

    static func state(_ bytes: [UInt8], of id: RecordID) throws -> RecordState {
        do {
            return try StateCodec.decode(bytes)
        } catch {
            throw StoreError.corrupt("the state of record \(id) cannot be read")
        }
    }

    func text(row: Int64, field: Field) throws -> String? {
        try db.value("SELECT text FROM texts WHERE record = ? AND field = ?", [row, Int64(field.rawValue)])
    }

    /// A digest over the state of all records: equal on every replica that holds the same changes.
    public func digest() throws -> ContentHash {
        var bytes = [UInt8](repeating: 0, count: 256 * 32)
        let rows = try db.rows("SELECT bucket, digest FROM buckets")
        while let row = try rows.next() {
            let (bucket, digest): (Int, [UInt8]) = (row[0], row.bytes(1))
            guard (0..<256).contains(bucket), digest.count == 32 else {
                throw StoreError.corrupt("the digest of bucket \(bucket) is not one of 256 of 32 bytes")
            }
            bytes.replaceSubrange(bucket * 32..<(bucket + 1) * 32, with: digest)
        }
        return ContentHash(digesting: bytes)
    }
}

/// Writes states and keeps the digests of the buckets in step.
struct StateTable {
    let db: Database

    /// Stores `state`; returns its row.
    @discardableResult
    func save(_ state: RecordState, replacing old: StateRow?, textConflictCount: Int) throws -> Int64 {
        let bytes = StateCodec.encode(state)
        if let old, old.bytes == bytes { return old.row }
        let conflictCount = state.conflictingFields.count + (state.isReturned ? 1 : 0) + textConflictCount
        let row = try old.map { try update($0, to: state, bytes, conflictCount) } ?? insert(state, bytes, conflictCount)
        try toggle(bucket: bucket(of: state.id), old: old.map { SHA256.hash($0.bytes) }, new: SHA256.hash(bytes))
        return row
    }

    /// Notes a record that somebody touched who did not know that it was purged, for ``StoreWriter/reviveReturned(isAllSent:)``.
    func noteReturned(_ state: RecordState) throws {
        let sql =
            state.isPurged
            ? "DELETE FROM returned WHERE record = ?" : "INSERT OR IGNORE INTO returned (record) VALUES (?)"
        try db.run(sql, [state.id.stored])
    }

    /// When it was put into the trash; 0: it was purged; nil: it is live.
    private static func deleted(_ state: RecordState) -> Int64? {
        state.isPurged ? 0 : state.deleted.map { max(1, Int64($0.milliseconds)) }
    }

    private func insert(_ state: RecordState, _ bytes: [UInt8], _ conflictCount: Int) throws -> Int64 {
        let sql = """
            INSERT INTO records (id, kind, handle, parent, deleted, conflicts, state) VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        try db.run(
            sql,
            [
                state.id.stored, Int64(state.kind.rawValue), Handle.key(of: state.id), state.parent?.stored,
                Self.deleted(state), conflictCount, Blob(bytes),
            ]
        )
        return db.lastInsertedRowID
    }

    /// Names only what changes: SQLite writes the entry of each index anew whose column is named.
    private func update(
        _ old: StateRow,
        to state: RecordState,
        _ bytes: [UInt8],
        _ conflictCount: Int
    ) throws -> Int64 {
        let isListedAlike =
            old.state.kind == state.kind && old.state.parent == state.parent
            && Self.deleted(old.state) == Self.deleted(state) && old.conflictCount == conflictCount
        if isListedAlike {
            try db.run("UPDATE records SET state = ? WHERE row = ?", [Blob(bytes), old.row])
        } else {
            let sql = "UPDATE records SET kind = ?, parent = ?, deleted = ?, conflicts = ?, state = ? WHERE row = ?"
            try db.run(
                sql,
                [
                    Int64(state.kind.rawValue), state.parent?.stored, Self.deleted(state), conflictCount, Blob(bytes),
                    old.row,
                ]
            )
        }
        return old.row
    }

    func saveText(_ text: String, row: Int64, field: Field, conflictCount: Int) throws {
        let sql = """
            INSERT INTO texts (record, field, text, conflicts) VALUES (?, ?, ?, ?)
            ON CONFLICT (record, field) DO UPDATE SET text = excluded.text, conflicts = excluded.conflicts
            """
        try db.run(sql, [row, Int64(field.rawValue), text, conflictCount])
    }

    /// The conflicts in the merged texts of a record that is there.
    func textConflictCount(row: Int64?) throws -> Int {
        guard let row else { return 0 }
        return try db.value("SELECT coalesce(sum(conflicts), 0) FROM texts WHERE record = ?", [row]) ?? 0
    }

    private func bucket(of id: RecordID) -> Int64 { Int64(id.bits.low & 0xFF) }

    /// XOR makes the order of records irrelevant and a change of one record cheap. It is a check
    /// between one person's own replicas, not a proof against an author of colliding states.
    private func toggle(bucket: Int64, old: SHA256Digest?, new: SHA256Digest) throws {
        let stored = try db.first("SELECT digest FROM buckets WHERE bucket = ?", [bucket]) { $0.bytes(0) }
        var digest = stored ?? [UInt8](repeating: 0, count: 32)
        guard digest.count == 32 else { throw StoreError.corrupt("the digest of bucket \(bucket) is not 32 bytes") }
        for source in [old?.bytes, new.bytes].compactMap({ $0 }) {
            for index in digest.indices { digest[index] ^= source[index] }
        }
        let sql = """
            INSERT INTO buckets (bucket, digest) VALUES (?, ?)
            ON CONFLICT (bucket) DO UPDATE SET digest = excluded.digest
            """
        try db.run(sql, [bucket, Blob(digest)])
    }
}
