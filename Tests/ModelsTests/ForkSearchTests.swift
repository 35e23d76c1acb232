import Models
import TestSupport
import Testing

@Suite struct ForkSearchTests {
    /// Plays the server, which has the changes through `alike` as the device has them.
    private func search(low: UInt64, end: UInt64, alike: UInt64) -> (common: UInt64?, exchanges: Int) {
        var search = ForkSearch(replica: ReplicaID(1), common: low, end: end)
        var count = 0
        while search.common == nil, count < 100 {
            count += 1
            let probes = search.probes
            search.learn(alike: probes.last { $0 <= alike } ?? 0)
        }
        return (search.common, count)
    }

    @Test(arguments: [0, 1, 2, 31, 32, 33, 34, 63, 64, 65, 90] as [UInt64])
    func `every answer between what is known and the end is found`(end: UInt64) {
        for low in 0...end {
            for alike in low...end {
                let found = search(low: low, end: end, alike: alike)
                guard found.common != alike else { continue }
                Issue.record("low \(low), end \(end), alike \(alike): found \(found.common ?? 0)")
            }
        }
    }

    @Test(arguments: Seeds.some)
    func `what is asked ascends, is open, and fits into one exchange`(seed: UInt64) {
        var chance = Chance(seed: seed)
        let low = UInt64(chance.below(50))
        let end = low + 1 + UInt64(chance.below(1 << chance.below(20)))
        let probes = ForkSearch(replica: ReplicaID(1), common: low, end: end).probes
        #expect(probes.count <= Limits.maximumProbeCount)
        #expect(zip(probes, probes.dropFirst()).allSatisfy { $0 < $1 })
        #expect(probes.allSatisfy { $0 > low } && probes.last == end, "seed \(seed)")
    }

    @Test(arguments: Seeds.some)
    func `a log of a million takes five exchanges or fewer`(seed: UInt64) {
        var chance = Chance(seed: seed)
        let end: UInt64 = 1_000_000
        let found = search(low: 0, end: end, alike: UInt64(chance.below(Int(end) + 1)))
        #expect(found.exchanges <= 5, "seed \(seed)")
    }

    @Test(arguments: Seeds.some)
    func `an answer that is no probe of ours never widens the search`(seed: UInt64) {
        var chance = Chance(seed: seed)
        var search = ForkSearch(replica: ReplicaID(1), common: UInt64(chance.below(9)), end: UInt64(chance.below(5000)))
        for _ in 0..<40 {
            let before = search
            search.learn(alike: UInt64(chance.below(6000)))
            #expect(before.low <= search.low && search.low <= search.high && search.high <= before.high, "seed \(seed)")
        }
    }

    @Test(arguments: Seeds.some)
    func `every probe narrows the search, even where the server's log moves meanwhile`(seed: UInt64) {
        var chance = Chance(seed: seed)
        var search = ForkSearch(replica: ReplicaID(1), common: 0, end: UInt64(chance.below(1_000_000)))
        while search.common == nil {
            let width = search.high - search.low
            let probes = search.probes
            search.learn(alike: chance.oneIn(4) ? 0 : probes[chance.below(probes.count)])
            #expect(search.high - search.low < width, "seed \(seed)")
        }
    }

    @Test func `a server that claims more than the device has is not believed`() {
        #expect(ForkSearch(replica: ReplicaID(1), common: 9, end: 4).common == 4)
    }
}
