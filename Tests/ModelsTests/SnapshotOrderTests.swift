import Models
import TestSupport
import Testing

/// In which order a new device gets a log.
@Suite struct SnapshotOrderTests {
    @Test(arguments: Seeds.some)
    func `every change comes once, a record's together and in their order, the programme first, then the newest`(
        seed: UInt64
    ) {
        var chance = Chance(seed: seed)
        var records: [Int] = []
        for _ in 0..<chance.below(60) {
            let new = (records.max() ?? -1) + 1
            records.append(chance.oneIn(3) ? new : min(new, chance.below(new + 1)))
        }
        let isProgramme: (Int) -> Bool = { $0 % 4 == 1 }
        let order = SnapshotOrder(records: records, isProgramme: isProgramme).versions
        #expect(order.sorted() == records.indices.map { UInt64($0) + 1 }, "seed \(seed)")
        let inOrder = order.map { records[Int($0) - 1] }
        var met: [Int] = []
        for (version, record) in zip(order, inOrder) where met.last != record {
            #expect(!met.contains(record), "seed \(seed)")
            #expect(records.firstIndex(of: record).map { UInt64($0) + 1 } == version, "seed \(seed)")
            met.append(record)
        }
        for (version, next) in zip(order, order.dropFirst())
        where records[Int(version) - 1] == records[Int(next) - 1] {
            #expect(version < next, "seed \(seed)")
        }
        let touched = met.map { record in (isProgramme(record) ? 1 : 0, records.lastIndex(of: record) ?? 0) }
        #expect(zip(touched, touched.dropFirst()).allSatisfy { $0 > $1 }, "seed \(seed)")
    }

    @Test func `an empty log has an empty order`() {
        #expect(SnapshotOrder(records: [], isProgramme: { _ in true }).versions.isEmpty)
    }
}
