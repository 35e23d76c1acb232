import Models
import Wire

/// A row of the log as it stands in the file, believed in nothing.
struct LogRow {
    var version: UInt64
    var replica: ReplicaID
    var sequence: UInt64
    var time: UInt64
    var record: [UInt8]
    var hash: ContentHash
    var logHash: ContentHash
    var body: [UInt8]

    var span: ChangeSpan { ChangeSpan(replica: replica, first: sequence, last: sequence) }
}

/// Holds the rows of a log, in their order, against one another: what is wrong, and what follows from the rest.
///
/// Two hashes vouch for each change. Its replica's chain covers the bytes, and the running hash of the log covers the
/// chain's hash; so where one of the three was damaged, the other two tell which. Pure: rows are handed in.
struct LogInspector {
    /// The end of a replica's log before the row that is looked at.
    struct End {
        var sequence: UInt64
        var time: UInt64
        var hash: ContentHash

        static let start = End(sequence: 0, time: 0, hash: .zero)
    }

    /// What a look at one row says.
    struct Verdict {
        var faults: [LogFault] = []
        /// The row as it should stand, where it does not and that follows from the rest.
        var mended: LogRow?
    }

    private var version: UInt64
    /// The running hash before the next row: as it follows from what is before, and as it is kept.
    private var logHash: (derived: ContentHash, kept: ContentHash)
    /// Either of the two may be the right one, and the next row tells which.
    private var isUnsure = false
    private var ends: [ReplicaID: End] = [:]

    /// Begins behind `version`, where the log has `logHash`.
    init(after version: UInt64 = 0, logHash: ContentHash = .zero) {
        self.version = version
        self.logHash = (logHash, logHash)
    }

    /// Looks at the next row. Its numbers may be anything.
    ///
    /// - Parameter endBefore: the end of the row's replica before it, asked for where the inspection has not seen it.
    mutating func look(at row: LogRow, endBefore: () throws -> End) rethrows -> Verdict {
        let end = try ends[row.replica] ?? endBefore()
        guard row.sequence &- 1 == end.sequence, row.version &- 1 == version else {
            // Something is not there, so nothing vouches for this row; what comes after it is held against it.
            go(on: row, logHash: (row.logHash, row.logHash))
            return Verdict(faults: [fault(.missing, row)])
        }
        let computed = Chain.hash(
            replica: row.replica,
            sequence: row.sequence,
            previous: end.hash,
            body: row.body
        )
        if isUnsure, fits(row, computed, after: logHash.kept) { logHash.derived = logHash.kept }
        isUnsure = false
        let isVouchedFor =
            computed == row.hash || fits(row, computed, after: logHash.derived)
            || fits(row, computed, after: logHash.kept)
        guard isVouchedFor,
            let change = try? ChangeCodec.decode(row.body, replica: row.replica, sequence: row.sequence)
        else {
            // The row's own hash is all there is, and without its bytes it may be as wrong as the running one.
            isUnsure = true
            go(on: row, logHash: (Chain.logHash(previous: logHash.derived, change: row.hash), row.logHash))
            return Verdict(faults: [fault(.body, row)])
        }
        return judge(row, change, hash: computed, end: end)
    }

    /// Goes on behind a row of a snapshot that is not whole yet: what vouches for it comes with the rest.
    mutating func pass(_ row: LogRow) -> Verdict {
        version = row.version
        logHash = (row.logHash, row.logHash)
        return Verdict()
    }

    /// A row whose bytes are right: everything else follows from them.
    private mutating func judge(_ row: LogRow, _ change: Change, hash: ContentHash, end: End) -> Verdict {
        var right = row
        right.hash = hash
        right.time = change.time
        right.record = change.record.bits.bytes
        right.logHash = Chain.logHash(previous: logHash.derived, change: hash)
        var parts: [LogFault.Part] = []
        if right.hash != row.hash { parts.append(.hash) }
        if right.logHash != row.logHash { parts.append(.logHash) }
        if right.time != row.time || right.record != row.record { parts.append(.filing) }
        let isMended = !parts.isEmpty
        if change.time <= end.time { parts.append(.order) }
        go(on: right, logHash: (right.logHash, row.logHash))
        return Verdict(faults: parts.map { fault($0, row) }, mended: isMended ? right : nil)
    }

    /// Whether the running hash at `row` says that the change there has `hash`. The one kept before it vouches as well
    /// as the one that follows: what was damaged may be either.
    private func fits(_ row: LogRow, _ hash: ContentHash, after logHash: ContentHash) -> Bool {
        Chain.logHash(previous: logHash, change: hash) == row.logHash
    }

    private mutating func go(on row: LogRow, logHash: (ContentHash, ContentHash)) {
        version = row.version
        ends[row.replica] = End(sequence: row.sequence, time: row.time, hash: row.hash)
        self.logHash = logHash
    }

    private func fault(_ part: LogFault.Part, _ row: LogRow) -> LogFault {
        LogFault(replica: row.replica, sequence: row.sequence, part: part, hash: row.hash)
    }
}
