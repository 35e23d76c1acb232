import Models
import TestSupport
import Testing

/// The rows of the table in docs/merge.md.
@Suite struct MergeTableTests {
    /// Two replicas that hold the same record and then part.
    private struct Pair {
        var left: Copy
        var right: Copy

        init(tags: [ExactString] = []) {
            left = Copy(1)
            left.write(at: 100) { _ in
                [.set(.title, .text("Opening"), replaces: [])] + tags.map { .include(.tags, $0, replaces: []) }
            }
            right = Copy(2, from: left)
        }

        /// Each side takes in the other's changes since they parted.
        mutating func sync() {
            let (ours, theirs) = (left.log.dropFirst(), right.log)
            left.take(theirs)
            right.take(Array(ours))
        }

        var state: RecordState? { left.state }
        var isEqual: Bool { left.state == right.state }
    }

    @Test func `different fields: both`() {
        var pair = Pair()
        pair.left.write(at: 200) { [$0.setting(.speaker, to: .text("Ana"))] }
        pair.right.write(at: 300) { [$0.setting(.source, to: .text("slide 3"))] }
        pair.sync()
        #expect(pair.isEqual)
        #expect(pair.state?.text(.speaker) == "Ana")
        #expect(pair.state?.text(.source) == "slide 3")
        #expect(pair.state?.conflictingFields == [])
    }

    @Test func `the same register: the later stamp, and the other value is kept until somebody settles it`() {
        var pair = Pair()
        pair.left.write(at: 200) { [$0.setting(.title, to: .text("left"))] }
        pair.right.write(at: 300) { [$0.setting(.title, to: .text("right"))] }
        pair.sync()
        #expect(pair.isEqual)
        #expect(pair.state?.text(.title) == "right")
        #expect(pair.state?.conflictingFields == [.title])
        #expect(pair.state?.registers.first?.content.versions.map(\.content) == [.text("right"), .text("left")])
        let settling = pair.left.write(at: 400) { [$0.settling(.title, with: .text("left"))] }
        pair.right.take(settling)
        #expect(pair.isEqual)
        #expect(pair.state?.text(.title) == "left")
        #expect(pair.state?.conflictingFields == [])
    }

    @Test func `setting the current value anew leaves the other value as a conflict`() {
        var pair = Pair()
        pair.left.write(at: 200) { [$0.setting(.title, to: .text("left"))] }
        pair.right.write(at: 300) { [$0.setting(.title, to: .text("right"))] }
        pair.sync()
        pair.left.write(at: 400) { [$0.setting(.title, to: .text("newer"))] }
        #expect(pair.state?.registers.first?.content.versions.map(\.content) == [.text("newer"), .text("left")])
    }

    @Test func `clearing against setting is a conflict, too`() {
        var pair = Pair()
        pair.left.write(at: 200) { [$0.setting(.title, to: .none)] }
        pair.right.write(at: 300) { [$0.setting(.title, to: .text("right"))] }
        pair.sync()
        #expect(pair.isEqual)
        #expect(pair.state?.registers.first?.content.versions.map(\.content) == [.text("right"), .none])
    }

    @Test func `what is written again after a purge stands behind what somebody had put in its place`() {
        var one = Copy(1)
        one.write(at: 100) { _ in
            [.set(.title, .text("old"), replaces: []), .include(.tags, "rust", replaces: [])]
        }
        one.write(at: 110) { [$0.deleting()] }
        var two = Copy(2, from: one)
        two.write(at: 120) { [$0.restoring()] }
        // It has not read what the second does next, and writes the record again as it knew it.
        var three = Copy(3, from: two)
        let known = three.state
        two.write(at: 130) { [$0.setting(.title, to: .text("new"))] }
        two.write(at: 140) { [$0.excluding("rust", from: .tags)] }
        three.take(one.write(at: 200) { [$0.purging()] })
        three.write(at: 300) { state in (known?.restating(in: state) ?? []) + [.revive(seen: state.seen)] }

        let logs = [one, two, three].map(\.log)
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let state = merged(order.flatMap { logs[$0] })
            #expect(state == merged(logs.flatMap(\.self)))
            #expect(state?.registers.first?.content.versions.map(\.content) == [.text("new"), .text("old")])
            #expect(state?.elements(.tags) == [])
        }
    }

    @Test func `a tag that one adds and another removes is present`() {
        var pair = Pair(tags: ["rust"])
        pair.left.write(at: 200) { [$0.excluding("rust", from: .tags)] }
        let again = pair.left.write(at: 210) { [$0.including("rust", in: .tags)] }
        pair.right.write(at: 900) { [$0.excluding("rust", from: .tags)] }
        pair.sync()
        #expect(again != nil)
        #expect(pair.isEqual)
        #expect(pair.state?.elements(.tags) == ["rust"])
    }

    @Test func `a tag that both remove is gone, and one that both add is there once`() {
        var pair = Pair(tags: ["old"])
        for keyPath in [\Pair.left, \Pair.right] {
            pair[keyPath: keyPath].write(at: 200) {
                [$0.excluding("old", from: .tags), $0.including("new", in: .tags)]
            }
        }
        pair.sync()
        #expect(pair.isEqual)
        #expect(pair.state?.elements(.tags) == ["new"])
        pair.left.write(at: 300) { [$0.excluding("new", from: .tags)] }
        #expect(pair.state?.elements(.tags) == [], "whoever sees both additions removes both")
    }

    @Test func `a tag removed with all its additions seen stays away`() {
        var pair = Pair(tags: ["rust"])
        let removal = pair.right.write(at: 150) { [$0.excluding("rust", from: .tags)] }
        pair.left.take(removal)
        #expect(pair.isEqual)
        #expect(pair.state?.elements(.tags) == [])
    }

    @Test(arguments: [(200, 300), (300, 200)] as [(UInt64, UInt64)])
    func `delete and edit: the edit wins whatever the clocks say, and the record comes back flagged`(
        deleted: UInt64,
        edited: UInt64
    ) {
        var pair = Pair()
        pair.left.write(at: deleted) { [$0.deleting()] }
        #expect(pair.state?.isDeleted == true)
        pair.right.write(at: edited) { [$0.setting(.speaker, to: .text("Ana"))] }
        pair.sync()
        #expect(pair.isEqual)
        #expect(pair.state?.isDeleted == false)
        #expect(pair.state?.isReturned == true)
        #expect(pair.state?.deleted == nil)
    }

    @Test func `a record that came back is deleted for good by whoever has seen it`() {
        var pair = Pair()
        pair.left.write(at: 200) { [$0.deleting()] }
        pair.right.write(at: 300) { [$0.setting(.speaker, to: .text("Ana"))] }
        pair.sync()
        let again = pair.left.write(at: 400) { [$0.deleting()] }
        pair.right.take(again)
        #expect(pair.isEqual)
        #expect(pair.state?.isDeleted == true)
        #expect(pair.state?.isReturned == false)
    }

    @Test func `a record that came back is kept without a flag by whoever restores it`() {
        var pair = Pair()
        pair.left.write(at: 200) { [$0.deleting()] }
        pair.right.write(at: 300) { [$0.setting(.speaker, to: .text("Ana"))] }
        pair.sync()
        let kept = pair.right.write(at: 400) { [$0.restoring()] }
        pair.left.take(kept)
        #expect(pair.isEqual)
        #expect(pair.state?.isDeleted == false)
        #expect(pair.state?.isReturned == false)
        #expect(pair.left.state?.restoring() == nil)
    }

    @Test func `delete and delete: deleted, and one restore takes both back`() {
        var pair = Pair()
        pair.left.write(at: 200) { [$0.deleting()] }
        pair.right.write(at: 300) { [$0.deleting()] }
        pair.sync()
        #expect(pair.isEqual)
        #expect(pair.state?.isDeleted == true)
        #expect(pair.state?.deleted?.milliseconds == 300)
        let restored = pair.left.write(at: 400) { [$0.restoring()] }
        pair.right.take(restored)
        #expect(pair.isEqual)
        #expect(pair.state?.isDeleted == false)
        #expect(pair.state?.isReturned == false)
    }

    @Test func `a restore takes back only the deletes it saw`() {
        var pair = Pair()
        let first = pair.left.write(at: 200) { [$0.deleting()] }
        pair.right.write(at: 300) { [$0.deleting()] }
        let restored = pair.left.write(at: 250) { [$0.restoring()] }
        pair.sync()
        #expect(first != nil && restored != nil)
        #expect(pair.isEqual)
        #expect(pair.state?.deletes.heads.count == 1)
        #expect(pair.state?.isReturned == true, "to restore is an edit that the other delete had not seen")
    }

    @Test func `an edit that a delete has seen does not bring the record back`() {
        var pair = Pair()
        let edit = pair.right.write(at: 500) { [$0.setting(.speaker, to: .text("Ana"))] }
        pair.left.take(edit)
        let delete = pair.left.write(at: 200) { [$0.deleting()] }
        pair.right.take(delete)
        #expect(pair.isEqual)
        #expect(pair.state?.isDeleted == true)
        #expect(pair.left.state?.deleting() == nil)
    }

    @Test func `a delete that comes before the edit it has seen deletes all the same`() {
        var one = Copy(1)
        let made = one.write(at: 100) { _ in [.set(.title, .text("x"), replaces: [])] }
        var two = Copy(2, from: one)
        let edit = two.write(at: 200) { [$0.setting(.title, to: .text("y"))] }
        one.take(edit)
        let delete = one.write(at: 300) { [$0.deleting()] }
        let changes = [made, edit, delete].compactMap { $0 }
        let late = [made, delete, edit].compactMap { $0 }
        #expect(merged(changes) == merged(late))
        #expect(merged(late)?.isDeleted == true)
    }

    @Test func `the date of the last edit does not depend on a delete that comes first`() {
        let made = Change(
            replica: ReplicaID(1),
            sequence: 1,
            time: 1,
            record: Copy.record,
            kind: .note,
            operations: [.unknown]
        )
        let delete = Change(
            replica: ReplicaID(2),
            sequence: 1,
            time: 9,
            record: Copy.record,
            kind: .note,
            operations: [.delete(seen: [made.stamp])]
        )
        #expect(merged([delete, made]) == merged([made, delete]))
        #expect(merged([delete, made])?.edited == made.stamp)
        #expect(merged([delete])?.edited == delete.stamp)
    }

    @Test func `a record that two replicas call by two kinds is of the smaller`() {
        let one = Change(
            replica: ReplicaID(1),
            sequence: 1,
            time: 1,
            record: Copy.record,
            kind: .highlight,
            operations: [.unknown]
        )
        let two = Change(
            replica: ReplicaID(2),
            sequence: 1,
            time: 2,
            record: Copy.record,
            kind: .note,
            operations: [.unknown]
        )
        #expect(merged([one, two])?.kind == .note)
        #expect(merged([one, two]) == merged([two, one]))
    }
}
