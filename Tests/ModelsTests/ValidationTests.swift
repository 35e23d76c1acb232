import EgWalker
import Models
import TestSupport
import Testing

@Suite struct ValidationTests {
    private func reason(_ operations: [Operation], sequence: UInt64 = 1, time: UInt64 = 1) -> InvalidChange.Reason? {
        let change = Change(
            replica: ReplicaID(1),
            sequence: sequence,
            time: time,
            record: Copy.record,
            kind: .note,
            operations: operations
        )
        do throws(InvalidChange) {
            try change.validate()
            return nil
        } catch {
            #expect(!error.description.isEmpty)
            return error.reason
        }
    }

    private func insert(_ text: String) -> Operation {
        .edit(.body, TextEdit(parents: [], spans: [.insert(at: 0, text: text)]))
    }

    private func bytes(_ count: Int) -> String { String(repeating: "a", count: count) }

    @Test func `each text may be as long as its limit and no longer`() {
        let register = Limits.maximumRegisterBytes
        #expect(reason([.set(.title, .text(bytes(register)), replaces: [])]) == nil)
        #expect(reason([.set(.title, .text(bytes(register + 1)), replaces: [])]) == .textTooLong)
        let element = Limits.maximumElementBytes
        #expect(reason([.include(.tags, ExactString(bytes(element)), replaces: [])]) == nil)
        #expect(reason([.include(.tags, ExactString(bytes(element + 1)), replaces: [])]) == .textTooLong)
        #expect(reason([.exclude(.tags, ExactString(bytes(element + 1)), replaces: [])]) == .textTooLong)
        #expect(reason([insert(bytes(Limits.maximumTextBytes))]) == nil)
        #expect(reason([insert(bytes(Limits.maximumTextBytes + 1))]) == .textTooLong)
    }

    @Test func `limits count bytes, not letters`() {
        let letters = String(repeating: "é", count: Limits.maximumElementBytes / 2 + 1)
        #expect(reason([.include(.tags, ExactString(letters), replaces: [])]) == .textTooLong)
    }

    @Test(arguments: ["\0", "a\0b", "\u{0}日本"])
    func `U+0000 is refused wherever a text can stand`(text: String) {
        #expect(reason([.set(.title, .text(text), replaces: [])]) == .textHasNull)
        #expect(reason([.include(.tags, ExactString(text), replaces: [])]) == .textHasNull)
        #expect(reason([.exclude(.tags, ExactString(text), replaces: [])]) == .textHasNull)
        #expect(reason([insert(text)]) == .textHasNull)
    }

    @Test(arguments: ["\u{1}", "\u{FEFF}", "\u{202E}", "e\u{301}", "\r\n", "\u{10FFFF}", "👩‍👩‍👧"])
    func `any other character is taken`(text: String) {
        #expect(reason([.set(.title, .text(text), replaces: []), insert(text)]) == nil)
    }

    @Test func `a change has at most so many operations, and an operation so many references`() {
        let unset = Operation.set(.title, .none, replaces: [])
        #expect(reason(Array(repeating: unset, count: Limits.maximumOperationCount)) == nil)
        #expect(reason(Array(repeating: unset, count: Limits.maximumOperationCount + 1)) == .tooManyOperations)

        let stamps = (0...Limits.maximumReferenceCount).map { Stamp(time: 1, replica: ReplicaID(UInt64($0))) }
        let most = Array(stamps.dropFirst())
        for make in [
            { Operation.delete(seen: $0) }, { .restore(replaces: $0) }, { .set(.title, .none, replaces: $0) },
            { .include(.tags, "x", replaces: $0) }, { .exclude(.tags, "x", replaces: $0) },
        ] as [([Stamp]) -> Operation] {
            #expect(reason([make(most)]) == nil)
            #expect(reason([make(stamps)]) == .tooManyReferences)
        }
        // More the merge refuses, whatever else is known of the change.
        let parents = (0...EgWalkerLimits.maximumParentCount).map { ChangeID(agent: 7, sequence: UInt64($0 + 1)) }
        #expect(reason([.edit(.body, TextEdit(parents: parents.dropLast(), spans: []))]) == nil)
        #expect(reason([.edit(.body, TextEdit(parents: parents, spans: []))]) == .tooManyReferences)
    }

    @Test func `times beyond the year 9999 are refused, in a change and in what it names`() {
        let last = Limits.maximumMilliseconds << 16 | 0xFFFF
        #expect(reason([.unknown], time: last) == nil)
        #expect(reason([.unknown], time: last + 1) == .timeOutOfRange)
        #expect(reason([.unknown], time: .max) == .timeOutOfRange)
        let beyond = Stamp(time: last + 1, replica: ReplicaID(1))
        #expect(reason([.delete(seen: [beyond])]) == .timeOutOfRange)
        #expect(reason([.set(.title, .none, replaces: [beyond])]) == .timeOutOfRange)
    }

    @Test func `a change has a number from 1 on`() {
        #expect(reason([.unknown], sequence: 0) == .sequenceIsZero)
    }

    @Test func `a text edit's parents ascend, and it is not its own`() {
        let one = ChangeID(agent: 2, sequence: 1)
        let two = ChangeID(agent: 2, sequence: 2)
        #expect(reason([.edit(.body, TextEdit(parents: [one, two], spans: []))]) == nil)
        #expect(reason([.edit(.body, TextEdit(parents: [two, one], spans: []))]) == .parentsNotAscending)
        #expect(reason([.edit(.body, TextEdit(parents: [one, one], spans: []))]) == .parentsNotAscending)
        let own = ChangeID(agent: 1, sequence: 1)
        #expect(reason([.edit(.body, TextEdit(parents: [own], spans: []))]) == .parentsNotAscending)
    }

    @Test func `an operation of a later program is taken as it is`() {
        #expect(reason([.unknown]) == nil)
    }
}
