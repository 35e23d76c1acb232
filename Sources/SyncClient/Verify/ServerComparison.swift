public import Models

/// Finds out, question by question, what a server holds otherwise than this device. Pure: what the device holds is
/// handed in, and the questions and answers travel by somebody else.
///
///     position -> log, page by page -> state, page by page -> the records of the buckets that differ
///              -> what this device has lost of what it had read -> what it has not read yet
///
/// All answers but the log's are about one place of the server's log. If others write meanwhile, it begins again.
public struct ServerComparison: Sendable {
    /// What the device holds, in one view.
    public struct Here: Hashable, Sendable {
        /// The ends of all logs.
        public var heads: [Head]
        /// How far it has read the server's log.
        public var cursor: Cursor
        /// The form of the records' state; digests compare only where the server has the same.
        public var stateVersion: UInt32
        /// The digest of each record's state, computed from what is stored.
        public var records: [RecordID: ContentHash]

        /// - Parameter records: each record once, in any order.
        public init(heads: [Head], cursor: Cursor, stateVersion: UInt32, records: [RecordDigest]) {
            self.heads = heads
            self.cursor = cursor
            self.stateVersion = stateVersion
            self.records = Dictionary(records.map { ($0.record, $0.digest) }) { first, _ in first }
        }

        var buckets: BucketDigests {
            var buckets = BucketDigests()
            for (record, digest) in records { buckets.toggle(RecordDigest(record: record, digest: digest)) }
            return buckets
        }
    }

    /// What was found.
    public struct Findings: Hashable, Sendable {
        /// What is wrong with the server's own log.
        public var logFaults: [LogFault] = []
        /// The ends of the server's logs.
        public var heads: [Head] = []
        /// Logs that are not the same on both sides as far as both go.
        public var forked: Set<ReplicaID> = []
        /// Records whose state is not the same, or that are on one side only.
        public var differing: Set<RecordID> = []
        /// Changes that this device had read from the server, and does not hold.
        public var lost: [ChangeSpan] = []
        /// Changes that it has not read yet.
        public var unread: [ChangeSpan] = []
        /// The records that the lost and the unread changes touch.
        public var touchedThere: Set<RecordID> = []
        /// Whether both keep their state in the same form.
        public var isComparable = true
    }

    private enum Stage: Hashable {
        case position
        case log(after: UInt64)
        case state(after: RecordID?, BucketDigests)
        case naming(after: RecordID?, Set<UInt8>, [RecordID: ContentHash])
        case lost(after: UInt64)
        case unread(after: UInt64)
        case finished
    }

    private let here: Here
    private var stage = Stage.position
    /// Where the server's log stood at the beginning.
    private var place: Cursor?
    private var restartCount = 0
    /// What was found so far; all of it once ``question`` is nil. Empty again where a comparison began again.
    public private(set) var findings = Findings()

    /// - Parameter here: as it was at one moment; what the device writes later is not compared.
    public init(_ here: Here) { self.here = here }

    /// What to ask next; nil once everything is known.
    public var question: VerifyQuestion? {
        switch stage {
        case .position: .position(heads: here.heads)
        case .log(let after): .log(after: after)
        case .state(let after, _): .state(after: after, naming: [])
        case .naming(let after, let buckets, _): .state(after: after, naming: buckets)
        case .lost(let after): .touched(beyond: here.heads, after: after, through: here.cursor.version)
        case .unread(let after): .touched(beyond: here.heads, after: after, through: nil)
        case .finished: nil
        }
    }

    /// Takes in the answer to ``question``.
    ///
    /// - Throws: ``VerifyError`` if the answer is to no such question, leads nowhere, or the server's log moved for the
    ///   sixth time.
    public mutating func take(_ answer: VerifyAnswer) throws(VerifyError) {
        guard answer.at == place ?? answer.at else { return try restart() }
        switch (stage, answer.content) {
        case (.position, .position(let position)): take(position, at: answer.at, answer.stateVersion)
        case (.log(let after), .log(let look)): try take(look, after: after)
        case (.state(let after, let sum), .state(let look)): try take(look, after: after, sum)
        case (.naming(let after, let buckets, let named), .state(let look)):
            try take(look, after: after, buckets, named)
        case (.lost(let after), .touched(let look)): try take(lost: look, after: after)
        case (.unread(let after), .touched(let look)): try take(unread: look, after: after)
        default: throw .protocolBroken("it answers another question than was asked")
        }
    }

    private mutating func restart() throws(VerifyError) {
        restartCount += 1
        guard restartCount <= Limits.maximumVerifyRestartCount else { throw .keepsMoving }
        stage = .position
        place = nil
        findings = Findings()
    }

    private mutating func take(_ position: LogPosition, at place: Cursor, _ stateVersion: UInt32) {
        self.place = place
        findings.heads = position.heads
        findings.isComparable = stateVersion == here.stateVersion
        findings.forked = Set(position.forked)
        stage = .log(after: 0)
    }

    private mutating func take(_ look: LogLook, after: UInt64) throws(VerifyError) {
        let room = Limits.maximumLogFaultCount - findings.logFaults.count
        findings.logFaults += look.faults.prefix(room)
        guard look.hasMore, room > look.faults.count else {
            return stage = findings.isComparable ? .state(after: nil, BucketDigests()) : nextOfLogs
        }
        guard look.through > after else { throw .goesInCircles }
        stage = .log(after: look.through)
    }

    private mutating func take(
        _ look: StateLook,
        after: RecordID?,
        _ sum: BucketDigests
    ) throws(VerifyError) {
        var sum = sum
        sum.add(look.buckets)
        if look.hasMore { return stage = .state(after: try advanced(look, after), sum) }
        let buckets = sum.differing(from: here.buckets)
        stage = buckets.isEmpty ? nextOfLogs : .naming(after: nil, buckets, [:])
    }

    private mutating func take(
        _ look: StateLook,
        after: RecordID?,
        _ buckets: Set<UInt8>,
        _ named: [RecordID: ContentHash]
    ) throws(VerifyError) {
        var named = named
        for record in look.records { named[record.record] = record.digest }
        if look.hasMore { return stage = .naming(after: try advanced(look, after), buckets, named) }
        let mine = here.records.filter { buckets.contains(BucketDigests.bucket(of: $0.key)) }
        findings.differing = Set(mine.filter { named[$0.key] != $0.value }.keys)
            .union(named.filter { mine[$0.key] != $0.value }.keys)
        stage = nextOfLogs
    }

    private func advanced(_ look: StateLook, _ after: RecordID?) throws(VerifyError) -> RecordID {
        guard let through = look.through, after.map({ through > $0 }) ?? true else { throw .goesInCircles }
        return through
    }

    /// Where both hold the same changes there is nothing to explain.
    private var nextOfLogs: Stage {
        let held = Dictionary(here.heads.map { ($0.replica, $0.sequence) }, uniquingKeysWith: max)
        if findings.heads.allSatisfy({ $0.sequence <= held[$0.replica] ?? 0 }) { return .finished }
        return here.cursor.version > 0 && here.cursor.epoch == place?.epoch
            ? .lost(after: 0) : .unread(after: 0)
    }

    private mutating func take(lost look: TouchedLook, after: UInt64) throws(VerifyError) {
        findings.lost = ChangeSpan.joined(findings.lost + look.spans)
        findings.touchedThere.formUnion(look.records)
        guard look.hasMore else { return stage = .unread(after: here.cursor.version) }
        guard look.through > after else { throw .goesInCircles }
        stage = .lost(after: look.through)
    }

    private mutating func take(unread look: TouchedLook, after: UInt64) throws(VerifyError) {
        findings.unread = ChangeSpan.joined(findings.unread + look.spans)
        findings.touchedThere.formUnion(look.records)
        guard look.hasMore else { return stage = .finished }
        guard look.through > after else { throw .goesInCircles }
        stage = .unread(after: look.through)
    }
}

/// Why a comparison ended early. Nothing was changed by it.
public enum VerifyError: Error, Hashable, Sendable {
    /// Others wrote all the time.
    case keepsMoving
    /// The server answers what no server of ours answers.
    case protocolBroken(String)

    static let goesInCircles = VerifyError.protocolBroken("its answers go in circles")
}
