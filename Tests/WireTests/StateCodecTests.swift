import Models
import TestSupport
import Testing
import Wire

@Suite struct StateCodecTests {
    @Test(arguments: Seeds.some)
    func `a state survives its bytes, and has one form`(seed: UInt64) throws {
        let state = Samples.state(seed: seed)
        let bytes = StateCodec.encode(state)
        let read = try StateCodec.decode(bytes)
        #expect(read == state, "seed \(seed)")
        #expect(StateCodec.encode(read) == bytes, "seed \(seed)")
    }

    @Test(arguments: Seeds.some)
    func `two states have the same bytes only if they are the same`(seed: UInt64) {
        let one = Samples.state(seed: seed)
        let other = Samples.state(seed: seed + 1)
        #expect((StateCodec.encode(one) == StateCodec.encode(other)) == (one == other))
    }

    @Test(arguments: Seeds.few)
    func `bytes cut off anywhere are refused`(seed: UInt64) {
        let bytes = StateCodec.encode(Samples.state(seed: seed))
        #expect(bytes.indices.allSatisfy { (try? StateCodec.decode(Array(bytes[..<$0]))) == nil })
        #expect(throws: WireError(.malformed)) { try StateCodec.decode(bytes + [0]) }
    }

    @Test(arguments: Seeds.few)
    func `a flipped bit is refused or gives another state in its one form`(seed: UInt64) {
        let state = Samples.state(seed: seed)
        let bytes = StateCodec.encode(state)
        for index in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << bit
                guard let read = try? StateCodec.decode(damaged) else { continue }
                if read != state, StateCodec.encode(read) == damaged { continue }
                Issue.record("seed \(seed): byte \(index), bit \(bit) has another form")
            }
        }
    }

    @Test(arguments: [0, 2, 255])
    func `another version of the form is refused`(version: UInt8) {
        var bytes = StateCodec.encode(Samples.state(seed: 1))
        bytes[0] = version
        #expect(throws: WireError(.malformed)) { try StateCodec.decode(bytes) }
    }

    @Test func `a count beyond the bytes takes no memory`() {
        let start = Array(StateCodec.encode(Samples.state(seed: 1)).prefix(1 + 16))
        let huge = start + [3] + [UInt8](repeating: 1, count: 18) + [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]
        #expect(throws: WireError(.malformed)) { try StateCodec.decode(huge) }
    }
}
