import Foundation
import GRDB
public import Models
import Wire

/// Puts a damaged log right. Nothing is deleted, and nothing is taken over that the hashes here do not prove.
extension StoreWriter {
    /// Mends what follows from the rest of the log: hashes, and the time and record that a change is filed under.
    ///
    /// - Returns: how many changes were mended.
    @discardableResult
    public func mendLog() throws -> Int {
        try flush()
        var count = 0
        var last: UInt64 = 0
        while true {
            let mended = try mendedRows(after: last)
            guard let end = mended.last else { return count }
            try mended.forEach(replace)
            count += mended.count
            last = end.version
        }
    }

    /// The next rows that should stand otherwise, without their bytes.
    private func mendedRows(after version: UInt64) throws -> [LogRow] {
        var mended: [LogRow] = []
        try StoreReader(db: db).inspectLog(after: version) { _, verdict in
            guard var row = verdict.mended else { return true }
            row.body = []
            mended.append(row)
            return mended.count < Limits.maximumLogFaultCount
        }
        return mended
    }

    private func replace(_ row: LogRow) throws {
        try db.run(
            "UPDATE changes SET hash = ?, log_hash = ?, time = ?, record = ? WHERE version = ?",
            [row.hash.stored, row.logHash.stored, row.time.stored, Blob(row.record), row.version.stored]
        )
    }

    /// Gives changes whose bytes were lost their bytes again, where those of `run` have the very hash that is kept
    /// here. Changes that are whole, and those that do not fit, are passed over.
    ///
    /// - Returns: how many changes have their bytes again.
    @discardableResult
    public func heal(with run: ChangeRun) throws -> Int {
        try flush()
        var count = 0
        for (index, body) in run.bodies.enumerated() {
            let sequence = run.firstSequence + UInt64(index)
            if try heal(run.replica, sequence, with: body) { count += 1 }
        }
        return count
    }

    private func heal(_ replica: ReplicaID, _ sequence: UInt64, with body: [UInt8]) throws -> Bool {
        guard let (kept, hash, previous) = try keptBody(replica, sequence),
            Chain.hash(replica: replica, sequence: sequence, previous: previous, body: kept) != hash,
            let change = try? ChangeCodec.decode(body, replica: replica, sequence: sequence),
            Chain.hash(replica: replica, sequence: sequence, previous: previous, body: body) == hash
        else { return false }
        try db.run(
            "UPDATE changes SET body = ?, time = ?, record = ? WHERE replica = ? AND sequence = ?",
            [
                Blob(body), change.time.stored, change.record.stored, replica.rawValue.stored, sequence.stored,
            ]
        )
        return true
    }

    /// A change's bytes as they are, with the hash they should have and the one of the change before.
    private func keptBody(
        _ replica: ReplicaID,
        _ sequence: UInt64
    ) throws -> (body: [UInt8], hash: ContentHash, previous: ContentHash)? {
        let found = try db.first(
            "SELECT body, hash FROM changes WHERE replica = ? AND sequence = ?",
            [replica.rawValue.stored, sequence.stored]
        ) { (body: $0.bytes(0), hash: try $0.contentHash(1)) }
        guard let found, let previous = try StoreReader(db: db).chainHash(of: replica, at: sequence - 1) else {
            return nil
        }
        return (found.body, found.hash, previous)
    }

    /// Looks for the one byte that a disk turned in the bytes of a change: with the right one they have their hash
    /// again. So the commonest damage is healed without anybody's help.
    ///
    /// - Returns: whether it was found and put right. Never for long changes, where the search would take too long.
    public func healTurnedByte(_ replica: ReplicaID, _ sequence: UInt64) throws -> Bool {
        try flush()
        guard let (kept, hash, previous) = try keptBody(replica, sequence) else { return false }
        let body = TurnedByte.search(in: kept) { candidate in
            Chain.hash(replica: replica, sequence: sequence, previous: previous, body: candidate) == hash
        }
        guard let body else { return false }
        return try heal(replica, sequence, with: body)
    }

    /// Builds the state anew, if the log is whole.
    ///
    /// - Returns: whether it was. A state that a damaged log adds up to would be a worse one.
    public func rebuildStateOfWholeLog() throws -> Bool {
        try flush()
        var isWhole = true
        try StoreReader(db: db).inspectLog { _, verdict in
            isWhole = verdict.faults.isEmpty
            return isWhole
        }
        if isWhole { try rebuildState() }
        return isWhole
    }
}

/// The search for one byte of many that is another than it was.
enum TurnedByte {
    /// The bytes with one of them changed so that `fits` holds; nil if there are none, or they are too many to try.
    static func search(in bytes: [UInt8], fits: ([UInt8]) -> Bool) -> [UInt8]? {
        let patterns = patterns(byteCount: bytes.count)
        var candidate = bytes
        for index in bytes.indices {
            for pattern in patterns {
                candidate[index] = bytes[index] ^ pattern
                if fits(candidate) { return candidate }
            }
            candidate[index] = bytes[index]
        }
        return nil
    }

    /// Which bits of a byte are turned: any, or one alone in longer changes, or none.
    private static func patterns(byteCount: Int) -> [UInt8] {
        let hashed = byteCount.multipliedReportingOverflow(by: byteCount + 48)
        guard !hashed.overflow, hashed.partialValue > 0 else { return [] }
        let tries = Limits.turnedByteSearchBytes / hashed.partialValue
        if tries >= 255 { return Array(1...255) }
        return tries >= 8 ? (0..<8).map { 1 << $0 } : []
    }
}
