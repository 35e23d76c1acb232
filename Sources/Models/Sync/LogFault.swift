/// What is wrong with one change of a log.
public struct LogFault: Hashable, Sendable {
    public enum Part: String, CaseIterable, Hashable, Sendable {
        /// The change's bytes do not have its hash. They are never sent, and must come from somebody who has them.
        case body
        /// The hash is wrong, and follows from the bytes and the log.
        case hash
        /// The running hash is wrong, and follows from what is before.
        case logHash
        /// It is filed under another time or record than its bytes say.
        case filing
        /// Changes before it are not there.
        case missing
        /// Its time is not after that of the one before.
        case order
    }

    public var replica: ReplicaID
    public var sequence: UInt64
    public var part: Part
    /// The chain's hash there, as it is kept: what the right bytes have.
    public var hash: ContentHash

    public init(replica: ReplicaID, sequence: UInt64, part: Part, hash: ContentHash) {
        self.replica = replica
        self.sequence = sequence
        self.part = part
        self.hash = hash
    }

    /// Whether its number can be one, so that somebody else can be asked for the change.
    public var isAskable: Bool { replica.rawValue != 0 && (1...UInt64(Int64.max) / 2).contains(sequence) }
}

/// Consecutive changes of one replica, by their numbers.
public struct ChangeSpan: Hashable, Sendable {
    public var replica: ReplicaID
    /// From 1 on, and up to ``last``.
    public var first: UInt64
    public var last: UInt64

    public init(replica: ReplicaID, first: UInt64, last: UInt64) {
        self.replica = replica
        self.first = first
        self.last = last
    }

    public var count: UInt64 { last &- first &+ 1 }

    /// The same changes in as few spans as possible, ascending.
    public static func joined(_ spans: [ChangeSpan]) -> [ChangeSpan] {
        var joined: [ChangeSpan] = []
        for span in spans.sorted(by: { ($0.replica, $0.first) < ($1.replica, $1.first) }) {
            if let end = joined.last, end.replica == span.replica, span.first <= end.last || span.first &- 1 == end.last
            {
                joined[joined.count - 1].last = max(end.last, span.last)
            } else {
                joined.append(span)
            }
        }
        return joined
    }

    /// One change.
    public init(_ fault: LogFault) {
        self.init(replica: fault.replica, first: fault.sequence, last: fault.sequence)
    }
}
