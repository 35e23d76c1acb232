import EgWalker
import Models
import Wire

extension Decoder {
    var replica: ReplicaID { ReplicaID(0x0123_4567_89AB_CDEF) }
    var record: RecordID { RecordID(milliseconds: 1_385_100_000_000, random: (0xABC, 0x1234_5678_9ABC_DEF0)) }

    /// Changes, and what is left of them when they are folded.
    var bodies: [[UInt8]] {
        let whole = changes.map { ChangeCodec.encode($0) }
        return whole + whole.compactMap { ChangeBody($0)?.folded.bytes }
    }

    /// One of each kind, and one that does it all.
    var changes: [Change] {
        (operations.map { [$0] } + [operations]).enumerated().map { number, operations in
            Change(
                replica: replica,
                sequence: UInt64(number + 1),
                time: 1_385_100_000_001 << 16 | UInt64(number),
                record: record,
                kind: .note,
                operations: operations
            )
        }
    }

    /// A record before its first change, when it is there, in the trash, purged, and written again after that.
    var states: [RecordState] {
        let ends = [0, operations.count - 4, operations.count - 2, operations.count - 1, operations.count]
        return ends.map { end in
            var state = RecordState(before: changes[0])
            for change in changes[..<end] { state.apply(change) }
            return state
        }
    }

    private var stamps: [Stamp] { [Stamp(time: 1_385_100_000_000 << 16 | 3, replica: ReplicaID(1))] }

    private var operations: [Operation] {
        // Up to the restore, so that the record's end comes after what its author saw.
        let seen = [Stamp(time: 1_385_100_000_001 << 16 | 8, replica: replica)]
        return [
            .set(.title, .text("Opening"), replaces: stamps), .set(.position, .integer(-1), replaces: []),
            .set(.session, .reference(record), replaces: []), .set(.title, .none, replaces: []),
            .include(.tags, "rust", replaces: stamps), .exclude(.tags, "日本", replaces: stamps),
            .edit(.body, edit(isRepaired: false)), .edit(.body, edit(isRepaired: true)), .restore(replaces: stamps),
            .delete(seen: seen), .purge(seen: seen), .revive(seen: seen),
            .salvage(seen: seen),
        ]
    }

    private func edit(isRepaired: Bool) -> TextEdit {
        TextEdit(
            parents: [ChangeID(agent: 1, sequence: 4)],
            isRepaired: isRepaired,
            settles: isRepaired,
            spans: [.delete(at: 3, count: 2), .insert(at: 3, text: "twelve")]
        )
    }
}
