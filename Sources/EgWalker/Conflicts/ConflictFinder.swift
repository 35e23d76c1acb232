/// Lists the unsettled conflicts of a whole graph: for each place where branches meet, the stretches that more than one
/// of them changed. A function of the graph alone, so every replica lists the same ones.
struct ConflictFinder {
    private let graph: EventGraph
    /// By node: the length of the longest way to it from the root.
    private let depths: [Int]
    private var textsAtStart: [Int32: Sentences] = [:]

    init(_ graph: EventGraph) {
        self.graph = graph
        var depths = [Int](repeating: 0, count: graph.count)
        for node in 0..<graph.count {
            for parent in graph.parents(of: Int32(node)) { depths[node] = max(depths[node], depths[Int(parent)] + 1) }
        }
        self.depths = depths
    }

    mutating func conflicts(heads: [Int32]) -> [TextConflict] {
        var found: [TextConflict] = []
        for merge in merges(heads: heads) {
            for conflict in conflicts(between: merge) where !found.contains(conflict) {
                found.append(conflict)
                if found.count == EgWalkerLimits.maximumConflictCount { return found }
            }
        }
        return found
    }

    /// The versions with several heads that somebody went on from, or that the text has now, and that no settling
    /// change follows; earliest first.
    private func merges(heads: [Int32]) -> [[Int32]] {
        var isSettled = graph.flags.map { $0.contains(.settles) }
        for node in stride(from: graph.count - 1, to: 0, by: -1) where isSettled[node] {
            for parent in graph.parents(of: Int32(node)) { isSettled[Int(parent)] = true }
        }
        var merges: Set<[Int32]> = []
        if heads.count > 1 { merges.insert(heads) }
        for node in 1..<max(graph.count, 1) where !isSettled[node] && !graph.flags[node].contains(.isRepair) {
            let parents = graph.realNodes(graph.parents(of: Int32(node)))
            if parents.count > 1 { merges.insert(parents) }
        }
        func key(_ merge: [Int32]) -> (Int, [ChangeID]) {
            (merge.map { depths[Int($0)] }.max() ?? 0, merge.map { graph.ids[Int($0)] }.sorted())
        }
        let sorted = merges.map { (key($0), $0) }.sorted { left, right in
            left.0.0 != right.0.0 ? left.0.0 < right.0.0 : left.0.1.lexicographicallyPrecedes(right.0.1)
        }
        return sorted.suffix(EgWalkerLimits.maximumMergeCount).map(\.1)
    }

    private mutating func conflicts(between branches: [Int32]) -> [TextConflict] {
        let (start, following) = graph.start(of: branches)
        let base = textsAtStart[start] ?? Sentences(graph.text(at: [start]))
        textsAtStart[start] = base
        let part = graph.part(of: following, start: start)
        var meeting = BranchMeeting(part: part.graph, branches: part.numbers(branches), base: base)
        return meeting.conflicts { part.wholeNumbers[Int($0)] }.map { conflict in
            TextConflict(base: conflict.base, versions: versions(conflict.versions))
        }
    }

    /// Names the changes, oldest first, joins equal texts, and sorts.
    private func versions(_ versions: [(nodes: Set<Int32>, text: String)]) -> [TextConflict.Version] {
        var joined: [(nodes: Set<Int32>, text: String)] = []
        for version in versions {
            if let same = joined.firstIndex(where: { $0.text.utf8.elementsEqual(version.text.utf8) }) {
                joined[same].nodes.formUnion(version.nodes)
            } else {
                joined.append(version)
            }
        }
        return joined.map { version in
            let nodes = version.nodes.sorted { left, right in
                (depths[Int(left)], graph.ids[Int(left)]) < (depths[Int(right)], graph.ids[Int(right)])
            }
            return TextConflict.Version(ids: nodes.map { graph.ids[Int($0)] }, text: version.text)
        }.sorted { left, right in
            switch (left.ids.last, right.ids.last) {
            case (let left?, let right?): left < right
            case (nil, _?): true
            default: false
            }
        }
    }
}
