/// What a device asks to find out whether the server holds the same. It changes nothing, and each question is about
/// as much as one answer carries: the answer says how far it got, and the next question goes on there.
public enum VerifyQuestion: Hashable, Sendable {
    /// Which changes does the server hold? `heads`: the ends of all logs that the device holds.
    case position(heads: [Head])
    /// What is wrong in the server's log after this version?
    case log(after: UInt64)
    /// What is the state of the records after this one, in order of their ids (nil: from the first)? The records
    /// in these buckets are named one by one.
    case state(after: RecordID?, naming: Set<UInt8>)
    /// Which changes after this version, up to that one (nil: the last), does a device with these heads not hold, and
    /// which records do they touch?
    case touched(beyond: [Head], after: UInt64, through: UInt64?)
    /// Changes by their numbers, as their authors wrote them.
    case changes([ChangeSpan], maximumBytes: Int)
}

/// What the server answers.
public struct VerifyAnswer: Hashable, Sendable {
    /// Where its log stood then.
    public var at: Cursor
    /// The form of its records' state; only equal forms compare.
    public var stateVersion: UInt32
    public var content: Content

    public enum Content: Hashable, Sendable {
        case position(LogPosition)
        case log(LogLook)
        case state(StateLook)
        case touched(TouchedLook)
        case changes(FoundChanges)
    }

    public init(at: Cursor, stateVersion: UInt32, content: Content) {
        self.at = at
        self.stateVersion = stateVersion
        self.content = content
    }
}

/// Which changes a replica of the notebook holds.
public struct LogPosition: Hashable, Sendable {
    /// The ends of all its logs, by replica.
    public var heads: [Head]
    /// Those of the question's heads that are not its own log up to there.
    public var forked: [ReplicaID]

    public init(heads: [Head], forked: [ReplicaID]) {
        self.heads = heads
        self.forked = forked
    }
}

/// What a look at a part of a log found.
public struct LogLook: Hashable, Sendable {
    public var faults: [LogFault]
    /// The last version that was looked at.
    public var through: UInt64
    public var hasMore: Bool

    public init(faults: [LogFault], through: UInt64, hasMore: Bool) {
        self.faults = faults
        self.through = through
        self.hasMore = hasMore
    }
}

/// The digests of a part of the records.
public struct StateLook: Hashable, Sendable {
    /// Of the records that were looked at alone.
    public var buckets: BucketDigests
    /// Those in the buckets that were asked for.
    public var records: [RecordDigest]
    /// The last record that was looked at; nil if there was none.
    public var through: RecordID?
    public var hasMore: Bool

    public init(buckets: BucketDigests, records: [RecordDigest], through: RecordID?, hasMore: Bool) {
        self.buckets = buckets
        self.records = records
        self.through = through
        self.hasMore = hasMore
    }
}

/// The changes that somebody lacks, and what they are about.
public struct TouchedLook: Hashable, Sendable {
    public var records: Set<RecordID>
    public var spans: [ChangeSpan]
    /// The last version that was looked at.
    public var through: UInt64
    public var hasMore: Bool

    public init(records: Set<RecordID> = [], spans: [ChangeSpan] = [], through: UInt64, hasMore: Bool) {
        self.records = records
        self.spans = spans
        self.through = through
        self.hasMore = hasMore
    }
}

/// Changes that were asked for by their numbers.
public struct FoundChanges: Hashable, Sendable {
    /// From the beginning of the question on, as much as fits. What is not there is left out.
    public var runs: [ChangeRun]
    /// Those among them whose bytes were lost: they stay where they are.
    public var faults: [LogFault]

    public init(runs: [ChangeRun], faults: [LogFault]) {
        self.runs = runs
        self.faults = faults
    }
}

/// What a device brings a damaged server. Only what fits the server's own hashes is taken.
public struct RepairRequest: Hashable, Sendable {
    public var runs: [ChangeRun]
    /// Build the state anew from the log.
    public var rebuilds: Bool

    public init(runs: [ChangeRun], rebuilds: Bool) {
        self.runs = runs
        self.rebuilds = rebuilds
    }
}

/// What became of it.
public struct RepairAnswer: Hashable, Sendable {
    /// Changes that have their bytes again.
    public var healedCount: Int
    /// Faults that were mended because the right value followed from the rest.
    public var mendedCount: Int
    /// False where it was not asked for, or the log is not whole.
    public var isRebuilt: Bool

    public init(healedCount: Int, mendedCount: Int, isRebuilt: Bool) {
        self.healedCount = healedCount
        self.mendedCount = mendedCount
        self.isRebuilt = isRebuilt
    }
}
