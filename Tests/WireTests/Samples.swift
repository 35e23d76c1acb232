import EgWalker
import Models
import TestSupport

/// Changes and states to put into bytes.
enum Samples {
    struct Unexpected: Error {}

    static let replica = ReplicaID(0x0123_4567_89AB_CDEF)
    static let record = RecordID(milliseconds: 1_385_100_000_000, random: (0xABC, 0x1234_5678_9ABC_DEF0))
    static let stamps = [
        Stamp(time: 1_385_100_000_000 << 16 | 3, replica: ReplicaID(1)), Stamp(time: 0, replica: ReplicaID(.max)),
    ]

    /// One of each, with and without what may be missing.
    static let operations: [Operation] = [
        .set(.title, .text("Opening"), replaces: stamps),
        .set(.title, .text(""), replaces: []),
        .set(.title, .none, replaces: stamps),
        .set(.position, .integer(-1), replaces: []),
        .set(.position, .integer(0), replaces: []),
        .set(.session, .reference(record), replaces: []),
        .set(Field(rawValue: 0), .none, replaces: []),
        .set(Field(rawValue: .max), .text("of a later program"), replaces: []),
        .include(.tags, "rust", replaces: stamps),
        .include(.tags, "", replaces: []),
        .exclude(.tags, "日本", replaces: stamps),
        .edit(.body, TextEdit(parents: [], spans: [])),
        .edit(.body, TextEdit(parents: [], spans: [.insert(at: 0, text: "Zwölf 十二 twelve")])),
        .edit(
            .text,
            TextEdit(
                parents: [ChangeID(agent: 1, sequence: 4), ChangeID(agent: .max, sequence: 1)],
                isRepaired: true,
                settles: true,
                spans: [.delete(at: 3, count: 2), .insert(at: 3, text: "\u{FEFF}e\u{301}")]
            )
        ),
        .delete(seen: stamps),
        .delete(seen: []),
        .restore(replaces: stamps),
        .restore(replaces: []),
        .purge(seen: stamps),
        .revive(seen: stamps),
        .salvage(seen: stamps),
    ]

    static func change(_ operations: [Operation], time: UInt64 = 1_385_100_000_000 << 16) -> Change {
        Change(replica: replica, sequence: 7, time: time, record: record, kind: .note, operations: operations)
    }

    static func random(seed: UInt64) -> Change {
        var chance = Chance(seed: seed)
        return Change(
            replica: replica,
            sequence: 7,
            time: chance.next() >> 18,
            record: RecordID(UUIDBits(high: chance.next(), low: chance.next())),
            kind: RecordKind(rawValue: UInt32(chance.below(12))),
            operations: (0..<chance.below(6)).map { _ in operations[chance.below(operations.count)] }
        )
    }

    /// A state with every part that a state can have.
    static func state(seed: UInt64) -> RecordState {
        var chance = Chance(seed: seed)
        let logs = (1...3).map { number in
            (0..<1 + chance.below(6)).map { index in
                Change(
                    replica: ReplicaID(UInt64(number)),
                    sequence: UInt64(index) + 1,
                    time: UInt64(index * 4 + chance.below(4)) + 1,
                    record: record,
                    kind: .note,
                    operations: (0..<1 + chance.below(3)).map { _ in operations[chance.below(operations.count)] }
                )
            }
        }
        var state = RecordState(before: logs[0][0])
        for change in chance.interleaving(of: logs) { state.apply(change) }
        for field in [Field.body, .text] where chance.oneIn(2) {
            state.setText(
                field,
                RecordState.TextHeads(
                    heads: (0..<chance.below(3)).map { ChangeID(agent: UInt64($0), sequence: chance.next() >> 20) },
                    hash: (0..<16).map { _ in UInt8(chance.below(256)) },
                    count: chance.below(1 << 20)
                )
            )
        }
        return state
    }
}
