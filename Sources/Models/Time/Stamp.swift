/// A hybrid logical timestamp: a point in the total order of all changes. Wall clock first,
/// then a counter for changes within the same millisecond, then the replica to break ties.
///
/// Invariant: a replica never issues one twice (see ``HybridClock``), so no two changes
/// carry the same stamp.
public struct Stamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 48 bits of milliseconds since 1970-01-01T00:00:00Z, then 16 bits of counter.
    public var time: UInt64
    public var replica: ReplicaID

    public init(time: UInt64, replica: ReplicaID) {
        self.time = time
        self.replica = replica
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var milliseconds: UInt64 { time >> 16 }

    public var description: String { "\(milliseconds).\(time & 0xFFFF)@\(replica)" }

    public static func < (lhs: Self, rhs: Self) -> Bool {
        (lhs.time, lhs.replica) < (rhs.time, rhs.replica)
    }
}

/// Issues the times of stamps: max(own, any seen for that record, wall clock + known server
/// offset) + 1. Only what was seen *for that record* counts, so that one device with a wrong
/// clock does not drag the clocks of all records along.
public struct HybridClock: Hashable, Sendable {
    /// The time of the newest stamp this replica has issued.
    public private(set) var last: UInt64

    public init(last: UInt64 = 0) { self.last = last }

    /// A time greater than every one issued before and than `seen`; but one that leaves no room before the end of time
    /// is not outdone, since what follows on what does not depend on it.
    public mutating func next(wallMilliseconds: UInt64, seen: UInt64 = 0) -> UInt64 {
        let end = Limits.maximumStampMilliseconds << 16
        let wall = min(wallMilliseconds, Limits.maximumStampMilliseconds) << 16
        last = max(last, seen < end ? seen : 0, wall) + 1
        return last
    }

    /// Forgets a lead that a wrong clock gave, before unsent changes are stamped again.
    public mutating func reset(to time: UInt64) { last = time }
}
