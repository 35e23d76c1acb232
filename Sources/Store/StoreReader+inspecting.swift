import GRDB
public import Models
import Wire

/// The log and the state as they stand in the file, looked at without believing any of it.
extension StoreReader {
    private static let logColumns = "version, replica, sequence, body, hash, time, record, log_hash"

    /// Hands each row of the log after `version`, with what is wrong with it, to `body` until that says false.
    func inspectLog(
        after version: UInt64 = 0,
        _ body: (LogRow, LogInspector.Verdict) throws -> Bool
    ) throws {
        guard let logHash = try logHash(at: version) else { return }
        var inspector = LogInspector(after: version, logHash: logHash)
        let isLoading = try loading() != nil
        let rows = try db.rows(
            "SELECT \(Self.logColumns) FROM changes WHERE version > ? ORDER BY version",
            [version.stored]
        )
        while let row = try rows.next() {
            let row = try Self.logRow(row)
            let isUnchained = isLoading && row.hash == .zero
            let verdict = try isUnchained ? inspector.pass(row) : inspector.look(at: row) { try end(before: row) }
            guard try body(row, verdict) else { return }
        }
    }

    private static func logRow(_ row: Columns) throws -> LogRow {
        LogRow(
            version: row.word(0),
            replica: ReplicaID(row.word(1)),
            sequence: row.word(2),
            time: row.word(5),
            record: row.bytes(6),
            hash: try row.contentHash(4),
            logHash: try row.contentHash(7),
            body: row.bytes(3)
        )
    }

    private func end(before row: LogRow) throws -> LogInspector.End {
        guard row.sequence > 1 else { return .start }
        let end = try db.first(
            "SELECT time, hash FROM changes WHERE replica = ? AND sequence = ? AND version < ?",
            [row.replica.rawValue.stored, (row.sequence - 1).stored, row.version.stored]
        ) { before in
            LogInspector.End(sequence: row.sequence - 1, time: before.word(0), hash: try before.contentHash(1))
        }
        return end ?? .start
    }

    /// What is wrong in the log after `version`, as far as `maximumBytes` of changes (one at least) go.
    public func lookAtLog(after version: UInt64, maximumBytes: Int) throws -> LogLook {
        var look = LogLook(faults: [], through: version, hasMore: false)
        var byteCount = 0
        try inspectLog(after: version) { row, verdict in
            let isFull =
                byteCount >= maximumBytes
                || look.faults.count + verdict.faults.count > Limits.maximumLogFaultCount
            if isFull, look.through > version {
                look.hasMore = true
                return false
            }
            byteCount += row.body.count + 1
            look.through = row.version
            look.faults += verdict.faults
            return true
        }
        return look
    }

    /// The changes of `spans` from the beginning on, as many as fit into `maximumBytes` (one at least). What does not
    /// have its hash here is named and left out; so is what is not here.
    public func find(_ spans: [ChangeSpan], maximumBytes: Int) throws -> FoundChanges {
        var found = FoundChanges(runs: [], faults: [])
        var left = maximumBytes
        var count = 0
        for span in spans {
            let arguments: Arguments = [
                span.replica.rawValue.stored, span.first.stored, span.last.stored,
            ]
            let rows = try db.rows(
                """
                SELECT \(Self.logColumns) FROM changes WHERE replica = ? AND sequence BETWEEN ? AND ?
                ORDER BY sequence
                """,
                arguments
            )
            while let row = try rows.next() {
                let row = try Self.logRow(row)
                if count > 0, left < row.body.count || count == Limits.maximumExchangeChangeCount { return found }
                if found.faults.count == Limits.maximumLogFaultCount { return found }
                count += 1
                left -= row.body.count
                try add(row, to: &found)
            }
        }
        return found
    }

    private func add(_ row: LogRow, to found: inout FoundChanges) throws {
        let previous = try chainHash(of: row.replica, at: row.sequence &- 1)
        let hash = previous.map {
            Chain.hash(replica: row.replica, sequence: row.sequence, previous: $0, body: row.body)
        }
        guard let previous, hash == row.hash else {
            let fault = LogFault(replica: row.replica, sequence: row.sequence, part: .body, hash: row.hash)
            return found.faults.append(fault)
        }
        if let last = found.runs.last, last.replica == row.replica,
            last.firstSequence + UInt64(last.bodies.count) == row.sequence
        {
            found.runs[found.runs.count - 1].bodies.append(row.body)
        } else {
            found.runs.append(
                ChangeRun(
                    replica: row.replica,
                    firstSequence: row.sequence,
                    previous: previous,
                    bodies: [row.body]
                )
            )
        }
    }

    /// The changes after `version`, up to `last` (nil: the end), that somebody with these heads does not hold, and the
    /// records they touch. Looks at ``Limits/maximumVerifyRecordCount`` changes at most.
    public func touched(beyond heads: [Head], after version: UInt64, through last: UInt64? = nil) throws -> TouchedLook
    {
        let held = Dictionary(heads.map { ($0.replica, $0.sequence) }, uniquingKeysWith: max)
        var look = TouchedLook(through: version, hasMore: false)
        let rows = try db.rows(
            """
            SELECT version, replica, sequence, record FROM changes WHERE version > ? AND version <= ?
            ORDER BY version LIMIT ?
            """,
            [version.stored, (last ?? UInt64(Int64.max)).stored, Limits.maximumVerifyRecordCount + 1]
        )
        var count = 0
        while let row = try rows.next() {
            count += 1
            look.hasMore = count > Limits.maximumVerifyRecordCount
            if look.hasMore { break }
            look.through = row.word(0)
            let replica = ReplicaID(row.word(1))
            guard row.word(2) > held[replica] ?? 0 else { continue }
            look.records.insert(try row.record(3))
            look.spans.append(ChangeSpan(replica: replica, first: row.word(2), last: row.word(2)))
        }
        look.spans = ChangeSpan.joined(look.spans)
        return look
    }
}

extension StoreReader {
    /// All of what ``touched(beyond:after:through:)`` tells in parts.
    public func allTouched(beyond heads: [Head]) throws -> TouchedLook {
        var all = TouchedLook(through: 0, hasMore: true)
        while all.hasMore {
            let look = try touched(beyond: heads, after: all.through)
            all.records.formUnion(look.records)
            all.spans += look.spans
            (all.through, all.hasMore) = (look.through, look.hasMore)
        }
        return all
    }

    /// The digest of every record, computed from its row.
    public func recordDigests() throws -> [RecordDigest] {
        let all = Set(UInt8.min...UInt8.max)
        var digests: [RecordDigest] = []
        var look = StateLook(buckets: BucketDigests(), records: [], through: nil, hasMore: true)
        while look.hasMore {
            look = try lookAtState(after: look.through, naming: all, maximumBytes: Limits.verifyLookBytes)
            digests += look.records
        }
        return digests
    }
}

extension NotebookStore {
    /// The changes that have lost their bytes, the first ``Limits/maximumLogFaultCount`` of them.
    public func bodyFaults() throws -> [LogFault] {
        try read { reader in
            var faults: [LogFault] = []
            try reader.inspectLog { _, verdict in
                faults += verdict.faults.filter { $0.part == .body }
                return faults.count < Limits.maximumLogFaultCount
            }
            return faults
        }
    }
}
