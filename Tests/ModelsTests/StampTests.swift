import Models
import TestSupport
import Testing

@Suite struct StampTests {
    @Test func `the time decides before the replica does`() {
        let early = Stamp(time: 1, replica: ReplicaID(9))
        let late = Stamp(time: 2, replica: ReplicaID(1))
        #expect(early < late)
        #expect(Stamp(time: 2, replica: ReplicaID(1)) < Stamp(time: 2, replica: ReplicaID(2)))
        #expect(late.milliseconds == 0)
        #expect(Stamp(time: 5 << 16 | 3, replica: ReplicaID(1)).milliseconds == 5)
    }

    @Test(arguments: Seeds.some)
    func `a clock never issues a time twice, nor one before what was seen`(seed: UInt64) {
        var chance = Chance(seed: seed)
        var clock = HybridClock()
        var last: UInt64 = 0
        for _ in 0..<60 {
            // The wall clock goes anywhere, also back.
            let wall = UInt64(chance.below(1000))
            let seen = chance.oneIn(3) ? UInt64(chance.below(1 << 26)) : 0
            let time = clock.next(wallMilliseconds: wall, seen: seen)
            if time <= last || time <= seen || time <= wall << 16 { Issue.record("seed \(seed): \(time)") }
            last = time
        }
    }

    @Test func `a save within a second carries the wall clock's time`() {
        var clock = HybridClock()
        #expect(clock.next(wallMilliseconds: 1_385_100_000_000) >> 16 == 1_385_100_000_000)
    }

    @Test func `more saves in a millisecond than the counter holds go on in the next`() {
        var clock = HybridClock(last: 5 << 16 | 0xFFFF)
        #expect(clock.next(wallMilliseconds: 5) == 6 << 16)
    }

    @Test func `no wall clock is so wrong that a save fails`() throws {
        var clock = HybridClock()
        let time = clock.next(wallMilliseconds: .max)
        let change = Change(
            replica: ReplicaID(1),
            sequence: 1,
            time: time,
            record: Copy.record,
            kind: .note,
            operations: [.unknown]
        )
        try change.validate()
    }

    @Test(arguments: [Limits.maximumMilliseconds << 16 | 0xFFFF, Limits.maximumStampMilliseconds << 16])
    func `no stamp that was seen leaves a save without one`(seen: UInt64) {
        var clock = HybridClock()
        for _ in 0..<3 {
            #expect(clock.next(wallMilliseconds: 1_385_100_000_000, seen: seen) >> 16 == 1_385_100_000_000)
        }
    }

    @Test func `a clock that was reset issues earlier times again`() {
        var clock = HybridClock()
        _ = clock.next(wallMilliseconds: 2_000_000)
        clock.reset(to: 7)
        #expect(clock.next(wallMilliseconds: 0) == 8)
    }
}
