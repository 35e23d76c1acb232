import Foundation
import GRDB
public import Models
import Wire

/// What a server hands out to a device that holds nothing yet (`SnapshotPage`).
extension StoreReader {
    /// The order of the log's first `version` changes. Looks at each of them: the caller keeps it for the next page.
    public func snapshotOrder(through version: UInt64) throws -> SnapshotOrder {
        let programme = Set(
            try Data.fetchAll(
                db.cachedStatement(sql: "SELECT id FROM records WHERE kind = 1 OR kind = 2 OR kind = 7")
            )
        )
        var numbers: [Data: Int] = [:]
        var isProgramme: [Bool] = []
        var records: [Int] = []
        let statement = try db.cachedStatement(sql: "SELECT record FROM changes WHERE version <= ? ORDER BY version")
        let ids = try Data.fetchCursor(statement, arguments: [version.stored])
        while let id = try ids.next() {
            let number = numbers[id] ?? numbers.count
            if numbers.updateValue(number, forKey: id) == nil { isProgramme.append(programme.contains(id)) }
            records.append(number)
        }
        return SnapshotOrder(records: records) { isProgramme[$0] }
    }

    /// The changes of `versions`, as many as fit into `maximumBytes` (at least one), with their hashes.
    ///
    /// - Throws: ``StoreError/corrupt(_:)`` where a body does not have its hash.
    public func snapshotChanges(
        _ versions: some Sequence<UInt64>,
        maximumBytes: Int
    ) throws -> [(change: SnapshotChange, hash: ContentHash)] {
        let sql = "SELECT replica, sequence, body, hash FROM changes WHERE version = ?"
        var changes: [(SnapshotChange, ContentHash)] = []
        var byteCount = 0
        for version in versions.prefix(Limits.maximumExchangeChangeCount) {
            let found = try db.first(sql, [version.stored]) { row in
                let replica = ReplicaID(row.word(0))
                return (
                    SnapshotChange(replica: replica, sequence: row.word(1), body: row.bytes(2)),
                    try row.contentHash(3)
                )
            }
            guard let (change, hash) = found else {
                throw StoreError.corrupt("version \(version) of the log is missing")
            }
            byteCount += change.body.count + 1
            if !changes.isEmpty, byteCount > maximumBytes { break }
            let expected = Chain.hash(
                replica: change.replica,
                sequence: change.sequence,
                previous: try chainHash(of: change.replica, at: change.sequence - 1) ?? .zero,
                body: change.body
            )
            guard hash == expected else {
                throw StoreError.corrupt(
                    "change \(change.sequence) of replica \(change.replica) does not have its hash"
                )
            }
            changes.append((change, hash))
        }
        return changes
    }

    /// The ends of all logs among the first `version` changes, by replica.
    public func heads(through version: UInt64) throws -> [Head] {
        let sql = """
            SELECT replica, max(sequence), hash FROM changes WHERE version <= ? GROUP BY replica ORDER BY replica
            """
        // The hash is that of the row with the maximum: <https://www.sqlite.org/lang_select.html#bareagg>
        return try db.all(sql, [version.stored]) {
            Head(replica: ReplicaID($0.word(0)), sequence: $0.word(1), hash: try $0.contentHash(2))
        }
    }
}
