import Foundation
import Testing

@testable import EgWalker

/// Devices edit, exchange and restart in an order drawn from a seed; whoever has the same changes must show the same
/// text, and that of the slow model. In every fourth history some begin with the same words. `EGWALKER_FUZZ=1000000` runs
/// that many histories, `EGWALKER_FROM=500000` with it from that seed on, `EGWALKER_SEED` one of them.
@Suite struct FuzzTests {
    static var seeds: [Range<UInt64>] {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["EGWALKER_SEED"].flatMap(UInt64.init) { return [seed..<seed + 1] }
        let count = environment["EGWALKER_FUZZ"].flatMap(UInt64.init) ?? 10_000
        let first = environment["EGWALKER_FROM"].flatMap(UInt64.init) ?? 0
        return stride(from: first, to: first + count, by: 500).map { $0..<min($0 + 500, first + count) }
    }

    @Test(arguments: FuzzTests.seeds)
    func `replicas converge, and no typed scalar is lost`(seeds: Range<UInt64>) throws {
        for seed in seeds {
            let failure = try Self.run(seed)
            #expect(failure == nil, "seed \(seed): \(failure ?? "")")
        }
    }

    /// A text begun twice alike, where one repair took out one of the two, and another the other.
    @Test(arguments: [2, 206, 2958, 24_155, 34_515, 67_393] as [UInt64])
    func `the histories that failed once`(seed: UInt64) throws {
        #expect(try Self.run(seed) == nil)
    }

    /// One history. Gives what went wrong, or nil.
    static func run(_ seed: UInt64) throws -> String? {
        var random = Seeded(seed)
        var replicas = (0..<3 + random.below(3)).map { Replica(agent: UInt64($0) * 7 % 5) }
        let steps = seed % 100 == 0 ? 60 : 6 + random.below(14)
        let isBegunAlike = seed % 4 == 2
        if isBegunAlike {
            let beginning = random.pick(["begun", "one two", "中", "a\r\nb c"])
            for index in 0..<2 + random.below(2) { try replicas[index].save([.insert(at: 0, text: beginning)]) }
        }
        for _ in 0..<steps {
            let one = random.below(replicas.count)
            if isBegunAlike, random.chance(30) {
                let other = random.below(replicas.count)
                if let failure = try hand(one, other, &replicas) { return failure }
            } else if random.chance(60) {
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

    /// The other has what the one has afterwards, and not the other way round: so two may each see half of a third's
    /// work.
    private static func hand(_ one: Int, _ other: Int, _ replicas: inout [Replica]) throws -> String? {
        if one == other { return nil }
        try replicas[other].receive(replicas[one].changes)
        return try wrong(with: replicas[other])
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
        if let failure = try wrong(with: replicas[other]) { return failure }
        return try wrong(with: replicas[one])
    }

    private static func wrong(with replica: Replica) throws -> String? {
        let document = replica.document
        guard document.heads == replica.heads, isSame(document.text, replica.text) else {
            return "the document has another text: \(document.text.debugDescription)"
        }
        guard replica.misfits.isEmpty else { return "an honest change did not fit" }
        let (graph, heads) = try graph(of: replica.changes)
        guard isSame(graph.wholeText(at: heads), replica.text) else { return "a whole replay has another text" }
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
        guard bare <= kept else { return "a deleted scalar came back" }
        return vanished(replica, model).map { "a typed scalar vanished: \($0)" }
    }

    /// A scalar that is not shown though no person deleted it must have a twin: the same place of an equal insertion, whose
    /// scalar is shown or was deleted by a person.
    private static func vanished(_ replica: Replica, _ model: SlowModel) -> SlowModel.Name? {
        let shown = model.shown(at: replica.heads)
        let missing = model.records.filter { $0.deleters.isEmpty && !shown.contains($0.name) }.map(\.name)
        if missing.isEmpty { return nil }
        let accounted = shown.union(model.records.filter { !$0.deleters.isEmpty }.map(\.name))
        let insertions = model.insertions
        return missing.first { name in
            guard let own = insertions.first(where: { $0.names.contains(name) }),
                let place = own.names.firstIndex(of: name)
            else { return true }
            return !insertions.contains { $0.text == own.text && accounted.contains($0.names[place]) }
        }
    }
}
