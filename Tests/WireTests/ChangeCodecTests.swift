import EgWalker
import Models
import TestSupport
import Testing
import Wire

@Suite struct ChangeCodecTests {
    private func decoded(_ bytes: [UInt8], replica: ReplicaID = Samples.replica, sequence: UInt64 = 7) throws -> Change
    {
        try ChangeCodec.decode(bytes, replica: replica, sequence: sequence)
    }

    @Test(arguments: Samples.operations.indices)
    func `every operation survives its bytes`(index: Int) throws {
        let change = Samples.change([Samples.operations[index]])
        #expect(try decoded(ChangeCodec.encode(change)) == change)
    }

    @Test(arguments: Seeds.some)
    func `any change of ours survives its bytes, and has one form`(seed: UInt64) throws {
        let change = Samples.random(seed: seed)
        let bytes = ChangeCodec.encode(change)
        let read = try decoded(bytes)
        #expect(read == change, "seed \(seed)")
        #expect(ChangeCodec.encode(read) == bytes, "seed \(seed)")
    }

    @Test func `replica and sequence stand outside the bytes`() throws {
        let bytes = ChangeCodec.encode(Samples.change([.unknown]))
        let read = try decoded(bytes, replica: ReplicaID(99), sequence: 12)
        #expect(read.replica == ReplicaID(99))
        #expect(read.sequence == 12)
    }

    @Test(arguments: ["", "e\u{301}", "é", "\u{FEFF}begins with a mark", "日本語", "a\u{202E}b", "👩‍👩‍👧", "\r\n\t\u{1}"])
    func `text keeps every scalar`(text: String) throws {
        let change = Samples.change([
            .set(.title, .text(text), replaces: []), .include(.tags, ExactString(text), replaces: []),
            .edit(.body, TextEdit(parents: [], spans: text.isEmpty ? [] : [.insert(at: 0, text: text)])),
        ])
        let read = try decoded(ChangeCodec.encode(change))
        #expect(read == change)
        guard case .set(_, .text(let back), _) = read.operations[0] else { throw Samples.Unexpected() }
        #expect(Array(back.utf8) == Array(text.utf8))
    }

    @Test(arguments: [Int64.min, -1, 0, 1, .max])
    func `whole numbers keep their sign and size`(number: Int64) throws {
        let change = Samples.change([.set(.position, .integer(number), replaces: [])])
        #expect(try decoded(ChangeCodec.encode(change)) == change)
    }

    // MARK: Damage

    @Test(arguments: Seeds.few)
    func `bytes cut off anywhere are an error or another valid change`(seed: UInt64) {
        let bytes = ChangeCodec.encode(Samples.random(seed: seed))
        for count in bytes.indices { readDamaged(Array(bytes[..<count]), seed) }
    }

    @Test(arguments: Seeds.few)
    func `a flipped bit anywhere is an error or another valid change`(seed: UInt64) {
        let change = Samples.random(seed: seed)
        let bytes = ChangeCodec.encode(change)
        for index in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << bit
                readDamaged(damaged, seed)
            }
        }
    }

    @Test(arguments: Seeds.some)
    func `noise is an error or a valid change`(seed: UInt64) {
        var chance = Chance(seed: seed)
        for _ in 0..<20 { readDamaged((0..<chance.below(80)).map { _ in UInt8(chance.below(256)) }, seed) }
    }

    /// A typed error, or a change within every limit that has bytes again.
    private func readDamaged(_ bytes: [UInt8], _ seed: UInt64) {
        do {
            let change = try decoded(bytes)
            try change.validate()
            let again = try decoded(ChangeCodec.encode(change))
            if again != change { Issue.record("seed \(seed): \(change) does not survive its bytes") }
        } catch {
            if !(error is InvalidChange) { Issue.record("seed \(seed): \(error)") }
        }
    }

    @Test func `a change over its limits is refused by name`() {
        let cases: [(Change, InvalidChange.Reason)] = [
            (Samples.change([.set(.title, .text("a\0b"), replaces: [])]), .textHasNull),
            (Samples.change(Array(repeating: .set(.title, .none, replaces: []), count: 5000)), .tooManyOperations),
            (Samples.change([.unknown], time: .max), .timeOutOfRange),
        ]
        for (change, reason) in cases {
            #expect(throws: InvalidChange(reason)) { try decoded(ChangeCodec.encode(change)) }
        }
        #expect(throws: InvalidChange(.sequenceIsZero)) {
            try decoded(ChangeCodec.encode(Samples.change([.unknown])), sequence: 0)
        }
        #expect(throws: InvalidChange(.textTooLong)) {
            try decoded([UInt8](repeating: 0, count: Limits.maximumChangeBytes + 1))
        }
        #expect(throws: InvalidChange(.undecodable)) { try decoded([]) }
    }
}
