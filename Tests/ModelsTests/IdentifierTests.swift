import Models
import Synchronization
import TestSupport
import Testing

@Suite struct IdentifierTests {
    static let milliseconds: [UInt64] = [0, 1, 1_385_100_000_000, Limits.maximumMilliseconds, 0xFFFF_FFFF_FFFF]

    @Test(arguments: milliseconds)
    func `a record's id is a UUIDv7 with the millisecond in front`(milliseconds: UInt64) {
        let id = RecordID(milliseconds: milliseconds, random: (.max, .max))
        #expect(id.bits.high >> 16 == milliseconds)
        #expect(id.bits.high >> 12 & 0xF == 7, "the version of RFC 9562, section 5.7")
        #expect(id.bits.low >> 62 == 0b10, "the variant of RFC 9562, section 4.1")
    }

    @Test func `an id's text is the one that RFC 9562 gives as an example`() throws {
        // Appendix A.6: 2022-02-22T19:22:22Z.
        let id = RecordID(milliseconds: 0x017F_22E2_79B0, random: (0xCC3, 0x18C4_DC0C_0C07_398F))
        #expect(id.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
        #expect(RecordID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F") == id)
        #expect(UUIDBits(bytes: id.bits.bytes) == id.bits)
    }

    @Test(arguments: Seeds.some)
    func `an id survives its text and its bytes`(seed: UInt64) {
        var chance = Chance(seed: seed)
        let bits = UUIDBits(high: chance.next(), low: chance.next())
        #expect(UUIDBits(text: bits.text) == bits)
        #expect(UUIDBits(text: bits.text.uppercased()) == bits)
        #expect(UUIDBits(bytes: bits.bytes) == bits)
    }

    @Test(arguments: [
        "", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
        "017f22e279b0-7cc3-98c4-dc0c-0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}", "017f22e2 79b0 7cc3 98c4 dc0c0c07398f",
        "０17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    ])
    func `what is not an id is not read as one`(text: String) {
        #expect(RecordID(text) == nil)
        #expect(NotebookID(text) == nil)
    }

    @Test(arguments: [0, 15, 17])
    func `an id has sixteen bytes`(count: Int) {
        #expect(UUIDBits(bytes: [UInt8](repeating: 7, count: count)) == nil)
    }

    @Test(arguments: Seeds.some)
    func `ids sort as their texts do`(seed: UInt64) {
        var chance = Chance(seed: seed)
        let ids = (0..<20).map { _ in
            RecordID(milliseconds: chance.next() & 0xFF, random: (chance.next(), chance.next()))
        }
        #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
    }

    @Test func `a device's record has one id for each replica, and it is no UUIDv7`() {
        let one = RecordID.device(ReplicaID(1))
        #expect(one == RecordID.device(ReplicaID(1)))
        #expect(one != RecordID.device(ReplicaID(2)))
        #expect(one.bits.high >> 12 & 0xF == 8)
    }

    @Test func `a new replica id is never 0`() {
        let words: [UInt64] = [0, 0, 5]
        let index = Counter()
        let surroundings = Surroundings(now: { 0 }, uptime: { 0 }, random: { words[index.next()] })
        #expect(surroundings.newReplicaID() == ReplicaID(5))
    }

    @Test func `a new record's id keeps to the years that are accepted`() {
        let surroundings = Surroundings(now: { .max }, uptime: { 0 }, random: { 1 })
        #expect(surroundings.newRecordID().bits.high >> 16 == Limits.maximumMilliseconds)
    }

    @Test(arguments: [("0", 0 as UInt64), ("ff", 255), ("FFFFFFFFFFFFFFFF", .max), ("00000000000000af", 175)])
    func `hexadecimal digits are read in either case`(text: String, value: UInt64) {
        #expect(Hexadecimal.value(text) == value)
    }

    @Test(arguments: ["", "g", "11111111111111111", "-1", "0x1"])
    func `other digits are not read`(text: String) {
        #expect(Hexadecimal.value(text) == nil)
    }

    @Test func `texts are equal only byte for byte`() {
        #expect(ExactString("é") != ExactString("e\u{301}"))
        #expect(Set([ExactString("é"), ExactString("e\u{301}"), ExactString("é")]).count == 2)
        #expect(ExactString("e\u{301}") < ExactString("é"))
        #expect(Value.text("é") != Value.text("e\u{301}"))
        #expect(Value.none != Value.text(""))
    }
}

/// Counts up from 0.
final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            defer { value += 1 }
            return value
        }
    }
}
