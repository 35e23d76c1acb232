import Models
import TestSupport

/// One replica's copy of a single record, for laws about merging: it writes changes as the store
/// does, and takes in those of others.
struct Copy {
    static let record = RecordID(milliseconds: 1_385_100_000_000, random: (1, 2))

    let replica: ReplicaID
    private(set) var state: RecordState?
    /// Its own changes, in order.
    private(set) var log: [Change] = []
    private var clock = HybridClock()

    init(_ number: UInt64, from other: Copy? = nil) {
        replica = ReplicaID(number)
        state = other?.state
    }

    /// Saves what `operations` make of the present state; nil where that is nothing.
    @discardableResult
    mutating func write(
        at milliseconds: UInt64,
        kind: RecordKind = .note,
        _ operations: (RecordState) -> [Operation?]
    ) -> Change? {
        let time = clock.next(wallMilliseconds: milliseconds, seen: state?.latestTime ?? 0)
        var change = Change(
            replica: replica,
            sequence: UInt64(log.count) + 1,
            time: time,
            record: Self.record,
            kind: kind,
            operations: []
        )
        change.operations = operations(state ?? RecordState(before: change)).compactMap { $0 }
        guard !change.operations.isEmpty else { return nil }
        log.append(change)
        take(change)
        return change
    }

    mutating func take(_ change: Change?) {
        guard let change else { return }
        var state = self.state ?? RecordState(before: change)
        state.apply(change)
        self.state = state
    }

    mutating func take(_ changes: [Change]) { for change in changes { take(change) } }
}

/// The state that `changes` add up to in this order.
func merged(_ changes: [Change]) -> RecordState? {
    var copy = Copy(0)
    copy.take(changes)
    return copy.state
}
