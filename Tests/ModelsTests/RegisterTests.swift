import Models
import TestSupport
import Testing

@Suite struct RegisterTests {
    private func stamp(_ time: UInt64, _ replica: UInt64) -> Stamp { Stamp(time: time, replica: ReplicaID(replica)) }

    @Test func `the latest of the values written apart is current, and the others are kept`() {
        var register = Register<String>()
        register.write("early", at: stamp(1, 1), replacing: [], hasArrived: { _ in false })
        register.write("late", at: stamp(3, 2), replacing: [], hasArrived: { _ in false })
        register.write("between", at: stamp(2, 3), replacing: [], hasArrived: { _ in false })
        #expect(register.current == "late")
        #expect(register.heads.map(\.content) == ["late", "between", "early"])
        #expect(register.versions.count == 3)
    }

    @Test func `the replica decides between two values of the same time`() {
        var register = Register<String>()
        register.write("of 2", at: stamp(1, 2), replacing: [], hasArrived: { _ in false })
        register.write("of 1", at: stamp(1, 1), replacing: [], hasArrived: { _ in false })
        #expect(register.current == "of 2")
    }

    @Test func `a value that was seen is replaced even by one with an earlier stamp`() {
        var register = Register<String>()
        register.write("from 2050", at: stamp(9, 1), replacing: [], hasArrived: { _ in false })
        register.write("seen it", at: stamp(2, 2), replacing: [stamp(9, 1)], hasArrived: { _ in true })
        #expect(register.current == "seen it")
        #expect(register.versions.count == 1)
    }

    @Test func `a replaced value that comes late is dropped`() {
        var register = Register<String>()
        register.write("new", at: stamp(2, 2), replacing: [stamp(1, 1)], hasArrived: { _ in false })
        #expect(register.awaited == [stamp(1, 1)])
        register.write("old", at: stamp(1, 1), replacing: [], hasArrived: { _ in false })
        #expect(register.heads.map(\.content) == ["new"])
        register.forget(through: stamp(1, 1))
        #expect(register.awaited.isEmpty)
    }

    @Test func `a replaced stamp that has come and is gone is not awaited`() {
        var register = Register<String>()
        register.write("new", at: stamp(3, 2), replacing: [stamp(1, 1)], hasArrived: { $0 == stamp(1, 1) })
        #expect(register.awaited.isEmpty)
    }

    @Test func `the same value written apart is no conflict`() {
        var register = Register<String>()
        register.write("same", at: stamp(1, 1), replacing: [], hasArrived: { _ in false })
        register.write("same", at: stamp(2, 2), replacing: [], hasArrived: { _ in false })
        #expect(register.heads.count == 2)
        #expect(register.versions.count == 1)
    }

    @Test func `two spellings of the same letters are a conflict`() {
        var register = Register<Value>()
        register.write(.text("é"), at: stamp(1, 1), replacing: [], hasArrived: { _ in false })
        register.write(.text("e\u{301}"), at: stamp(2, 2), replacing: [], hasArrived: { _ in false })
        #expect(register.versions.count == 2)
    }

    @Test func `removing takes a value away, and one that is still to come`() {
        var register = Register<String>()
        register.write("here", at: stamp(1, 1), replacing: [], hasArrived: { _ in false })
        register.remove([stamp(1, 1), stamp(2, 2)], hasArrived: { $0 == stamp(1, 1) })
        #expect(register.heads.isEmpty)
        register.write("to come", at: stamp(2, 2), replacing: [], hasArrived: { _ in false })
        #expect(register.heads.isEmpty)
    }
}

@Suite struct AwaitedStampTests {
    private func change(_ replica: UInt64, _ time: UInt64, _ operations: [Operation]) -> Change {
        Change(
            replica: ReplicaID(replica),
            sequence: time,
            time: time,
            record: Copy.record,
            kind: .note,
            operations: operations
        )
    }

    @Test func `a stamp is awaited until its replica has passed it`() throws {
        let ghost = Stamp(time: 5, replica: ReplicaID(2))
        let naming = change(1, 9, [.set(.title, .text("new"), replaces: [ghost])])
        let before = change(2, 3, [.set(.speaker, .text("x"), replaces: [])])
        let after = change(2, 7, [.set(.speaker, .text("y"), replaces: [Stamp(time: 3, replica: ReplicaID(2))])])
        #expect(merged([before, naming])?.registers.first?.content.awaited == [ghost])
        #expect(merged([naming, before, after]) == merged([before, after, naming]))
        #expect(merged([before, naming, after])?.registers.first?.content.awaited == [])
    }

    @Test func `a stamp is not confused with another replica's of the same time`() {
        let other = Stamp(time: 5, replica: ReplicaID(3))
        let naming = change(1, 9, [.set(.title, .text("new"), replaces: [other])])
        let same = change(2, 5, [.set(.title, .text("apart"), replaces: [])])
        let state = merged([naming, same])
        #expect(state?.registers.first?.content.versions.count == 2)
        #expect(state?.registers.first?.content.awaited == [other])
    }

    @Test func `of several values for one field in one change the last counts`() {
        let twice = change(
            1,
            1,
            [.set(.title, .text("first"), replaces: []), .set(.title, .text("second"), replaces: [])]
        )
        #expect(merged([twice])?.text(.title) == "second")
        #expect(merged([twice])?.conflictingFields == [])
        let replacing = change(2, 2, [.set(.title, .text("third"), replaces: [twice.stamp])])
        #expect(merged([replacing, twice]) == merged([twice, replacing]))
        #expect(merged([replacing, twice])?.conflictingFields == [])
    }
}
