import Foundation
import Testing

@testable import EgWalker

/// Devices edit, exchange and restart in an order drawn from a seed; whoever has the same changes must show the same
/// text, and that of the slow model. `EGWALKER_FUZZ=1000000` runs that many histories, `EGWALKER_SEED` one of them.
@Suite struct FuzzTests {
    static var seeds: [Range<UInt64>] {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["EGWALKER_SEED"].flatMap(UInt64.init) { return [seed..<seed + 1] }
        let count = environment["EGWALKER_FUZZ"].flatMap(UInt64.init) ?? 10_000
        return stride(from: 0, to: count, by: 500).map { $0..<min($0 + 500, count) }
    }

    @Test(arguments: FuzzTests.seeds)
    func `replicas converge, and no typed scalar is lost`(seeds: Range<UInt64>) throws {
        for seed in seeds {
            let failure = try Self.run(seed)
            #expect(failure == nil, "seed \(seed): \(failure ?? "")")
        }
    }

    /// A text begun twice alike, where one repair took out one of the two, and another the other.
    @Test(arguments: [24_155, 34_515, 67_393] as [UInt64])
    func `the histories that failed once`(seed: UInt64) throws {
        #expect(try Self.run(seed) == nil)
    }

    /// One history. Gives what went wrong, or nil.
    static func run(_ seed: UInt64) throws -> String? {
        var random = Seeded(seed)
        var replicas = (0..<3 + random.below(3)).map { Replica(agent: UInt64($0) * 7 % 5) }
        let steps = seed % 100 == 0 ? 60 : 6 + random.below(14)
        for _ in 0..<steps {
            let one = random.below(replicas.count)
            if random.chance(60) {
                try replicas[one].edit(&random)
            } else {
                let other = random.below(replicas.count)
                if let failure = try exchange(one, other, &replicas, &random) { return failure }
            }
        }
        for one in replicas.indices.dropFirst() {
            if let failure = try exchange(0, one, &replicas, &random) { return failure }
        }
        let all = replicas[0]
        let model = SlowModel(all.changes)
        guard isSame(model.text(at: all.heads), all.text) else { return "the slow model has another text" }
        return try misses(all, model)
    }

    /// Both have the same changes afterwards.
    private static func exchange(
        _ one: Int,
        _ other: Int,
        _ replicas: inout [Replica],
        _ random: inout Seeded
    ) throws -> String? {
        if one == other { return nil }
        let sent = replicas[one].changes
        let returned = replicas[other].changes
        if random.chance(70) {
            try replicas[other].receive(sent)
        } else {
            for change in sent { try replicas[other].receive([change]) }
        }
        try replicas[one].receive(returned)
        guard replicas[one].heads == replicas[other].heads else { return "two versions of the same changes" }
        guard isSame(replicas[one].text, replicas[other].text) else {
            return "two texts: \(replicas[one].text.debugDescription) and \(replicas[other].text.debugDescription)"
        }
        for index in [one, other] {
            let document = replicas[index].document
            guard document.heads == replicas[index].heads, isSame(document.text, replicas[index].text) else {
                return "the document has another text: \(document.text.debugDescription)"
            }
        }
        guard replicas[one].misfits.isEmpty else { return "an honest change did not fit" }
        let (graph, heads) = try graph(of: replicas[one].changes)
        guard isSame(graph.wholeText(at: heads), replicas[one].text) else { return "a whole replay has another text" }
        return nil
    }

    /// Every inserted scalar that nobody deleted must be there once; counted from the spans, not by the engine.
    private static func misses(_ replica: Replica, _ model: SlowModel) throws -> String? {
        let bare = model.text(at: replica.heads, isRepairing: false).unicodeScalars.count
        let kept = model.records.filter { $0.deleters.isEmpty }.count
        let inserted = replica.changes.flatMap(\.spans).reduce(0) { sum, span in
            if case .insert(_, let text) = span { sum + text.unicodeScalars.count } else { sum }
        }
        guard model.records.count == inserted else { return "a scalar was lost or doubled" }
        return bare <= kept ? nil : "a deleted scalar came back"
    }
}
