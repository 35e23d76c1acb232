import Digest
import GRDB
public import Models
import Wire

/// The state in digests that are computed from the rows themselves.
///
/// ``StoreReader/digest()`` is kept with each save and costs nothing to ask. It stays what it was when a disk turns a
/// byte of a row; these do not.
extension StoreReader {
    /// The form of the records' state. Digests of different forms say nothing about each other.
    public static var stateVersion: UInt32 { UInt32(StateCodec.version) }

    /// The digests of the records after `record`, as far as `maximumBytes` of their states and texts (one record at
    /// least) go; those in the buckets `named` one by one.
    public func lookAtState(
        after record: RecordID?,
        naming named: Set<UInt8> = [],
        maximumBytes: Int
    ) throws -> StateLook {
        var look = StateLook(buckets: BucketDigests(), records: [], through: record, hasMore: false)
        let rows = try db.rows(
            "SELECT id, row, state FROM records WHERE id > ? ORDER BY id",
            [record?.stored ?? Self.beforeTheFirst]
        )
        var byteCount = 0
        while let row = try rows.next() {
            let isFull = byteCount >= maximumBytes || look.records.count == Limits.maximumVerifyRecordCount
            if isFull, look.through != record {
                look.hasMore = true
                break
            }
            let id = try row.record(0)
            let state = row.bytes(2)
            let texts = try texts(row: row[1])
            byteCount += texts.reduce(state.count) { $0 + $1.text.utf8.count }
            let digest = RecordDigest(record: id, digest: Self.digest(of: state, texts))
            look.buckets.toggle(digest)
            if named.contains(BucketDigests.bucket(of: id)) { look.records.append(digest) }
            look.through = id
        }
        return look
    }

    private static let beforeTheFirst = RecordID(UUIDBits(high: 0, low: 0)).stored

    private func texts(row: Int64) throws -> [(field: Field, text: String)] {
        try db.all("SELECT field, text FROM texts WHERE record = ? ORDER BY field", [row]) { row in
            (Field(rawValue: UInt32(truncatingIfNeeded: row[0] as Int64)), row[1])
        }
    }

    /// SHA-256 of the state's bytes; where the texts beside it are not those it speaks of, of all together.
    private static func digest(of state: [UInt8], _ texts: [(field: Field, text: String)]) -> ContentHash {
        let hashes = (try? StateCodec.decode(state))?.texts.map { ($0.field, $0.content.hash) } ?? []
        let fits =
            hashes.count == texts.count
            && zip(hashes, texts).allSatisfy { hash, text in
                hash.0 == text.field && hash.1 == TextTable.hash(of: text.text)
            }
        if fits { return ContentHash(digesting: state) }
        return ContentHash(digesting: texts.reduce(state) { $0 + Array($1.text.utf8) })
    }
}
