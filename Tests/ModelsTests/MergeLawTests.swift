import Models
import TestSupport
import Testing

/// What docs/merge.md promises of every record.
@Suite struct MergeLawTests {
    @Test(arguments: Seeds.some)
    func `the order in which changes of different replicas come does not matter`(seed: UInt64) {
        check(Histories.ours(seed: seed), seed)
    }

    @Test(arguments: Seeds.some)
    func `nor does it for changes that no program of ours writes`(seed: UInt64) {
        check(Histories.wild(seed: seed), seed)
    }

    @Test(arguments: Seeds.some)
    func `what was replaced or purged may lose its values, in any order`(seed: UInt64) throws {
        let logs = Histories.ours(seed: seed)
        let state = try #require(merged(logs.flatMap { $0 }))
        var foldedCount = 0
        let folded = logs.map { log in
            log.map { change in
                guard isNotNeeded(change, in: state) else { return change }
                foldedCount += 1
                return emptied(change)
            }
        }
        var chance = Chance(seed: seed ^ 0xF01D)
        for _ in 0..<4 { #expect(merged(chance.interleaving(of: folded)) == state, "seed \(seed)") }
        #expect(foldedCount > 0, "seed \(seed)")
    }

    private func isNotNeeded(_ change: Change, in state: RecordState) -> Bool {
        if state.isPurged(change) { return true }
        return change.operations.allSatisfy { operation in
            guard case .set(let field, _, _) = operation else { return false }
            let heads = state.registers.first { $0.field == field }?.content.heads ?? []
            return !heads.contains { $0.stamp == change.stamp }
        }
    }

    private func emptied(_ change: Change) -> Change {
        var change = change
        change.folded = .zero
        change.operations = change.operations.map { operation in
            if case .set(let field, _, let replaces) = operation {
                .set(field, .none, replaces: replaces)
            } else {
                operation
            }
        }
        return change
    }

    @Test(arguments: Seeds.some)
    func `a purge leaves no value behind that its author had seen`(seed: UInt64) throws {
        let state = try #require(merged(Histories.ours(seed: seed, stepCount: 60).flatMap { $0 }))
        let stamps =
            state.registers.flatMap { $0.content.heads.map(\.stamp) }
            + state.sets.flatMap { $0.content.entries.flatMap { $0.presence.heads.map(\.stamp) } }
        #expect(!stamps.contains { state.purged.covers($0) }, "seed \(seed)")
    }

    private func check(_ logs: [[Change]], _ seed: UInt64) {
        var chance = Chance(seed: seed ^ 0xABCD)
        let first = merged(logs.flatMap { $0 })
        #expect(first != nil, "seed \(seed) makes no changes")
        for _ in 0..<6 {
            let order = chance.interleaving(of: logs)
            guard merged(order) != first else { continue }
            Issue.record("seed \(seed): this order gives another state: \(order)")
            return
        }
    }

    @Test(arguments: Seeds.some)
    func `a change that comes alone or in a batch does the same`(seed: UInt64) {
        let logs = Histories.ours(seed: seed)
        var one = Copy(8)
        one.take(logs.flatMap { $0 })
        var other = Copy(9)
        for log in logs.reversed() { for change in log { other.take(change) } }
        #expect(one.state == other.state, "seed \(seed)")
    }

    @Test(arguments: Seeds.some)
    func `what a state keeps is in order and there once`(seed: UInt64) throws {
        for logs in [Histories.ours(seed: seed), Histories.wild(seed: seed)] {
            let state = try #require(merged(logs.flatMap { $0 }))
            func expectOrder(_ stamps: [Stamp]) {
                // What was written again after a purge stands behind the rest.
                let again = stamps.drop { !state.isRestated($0) }
                #expect(again.allSatisfy(state.isRestated), "seed \(seed)")
                #expect(isRising(stamps.dropLast(again.count).reversed()), "seed \(seed)")
                #expect(isRising(again.reversed()), "seed \(seed)")
            }
            #expect(isRising(state.authors.map(\.replica)))
            #expect(isRising(state.registers.map(\.field)))
            #expect(isRising(state.sets.map(\.field)))
            for register in state.registers.map(\.content) {
                expectOrder(register.heads.map(\.stamp))
                #expect(isRising(register.awaited), "seed \(seed)")
            }
            for set in state.sets.map(\.content) {
                #expect(isRising(set.entries.map(\.element)))
                for entry in set.entries { expectOrder(entry.presence.heads.map(\.stamp)) }
            }
        }
    }

    @Test(arguments: Seeds.some)
    func `whoever saw a value and set another leaves no conflict`(seed: UInt64) throws {
        var copy = Copy(9)
        copy.take(Histories.ours(seed: seed).flatMap { $0 })
        copy.write(at: 0) { state in state.conflictingFields.map { state.settling($0, with: .text("settled")) } }
        let state = try #require(copy.state)
        #expect(state.conflictingFields.isEmpty)
    }

    @Test(arguments: Seeds.some)
    func `nothing is awaited once everything has come`(seed: UInt64) throws {
        let state = try #require(merged(Histories.ours(seed: seed).flatMap { $0 }))
        #expect(state.registers.flatMap(\.content.awaited).isEmpty)
        #expect(state.deletes.awaited.isEmpty)
    }

    @Test(arguments: Seeds.some)
    func `the record's dates follow from its changes`(seed: UInt64) throws {
        let changes = Histories.ours(seed: seed).flatMap { $0 }
        let state = try #require(merged(changes))
        let touching = changes.filter { change in
            !change.operations.allSatisfy { operation in
                switch operation {
                case .delete, .purge: true
                default: false
                }
            }
        }
        #expect(state.created == changes.map(\.stamp).min())
        #expect(state.edited == touching.map(\.stamp).max() ?? state.created)
        #expect(state.latestTime == changes.map(\.time).max())
    }

    private func isRising(_ values: some Sequence<some Comparable>) -> Bool {
        let values = Array(values)
        return zip(values, values.dropFirst()).allSatisfy { $0 < $1 }
    }
}
