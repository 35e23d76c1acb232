/// The repair of a merged version: where both sides deleted the same scalars and put equal text in their place, one
/// copy is enough.
///
/// It is a function of the version's past alone, deletes only, and so needs no names and may be made by any replica any
/// number of times. The copy of the smallest (change, place in the change) stays, whole; a copy that was edited since
/// is no copy any more. For texts that were begun twice there is a rule of its own, see ``LeftOut``.
extension Replay {
    /// A stretch that a change replaced: a deletion and, at its place, an insertion.
    private struct Replacement {
        var id: ChangeID
        /// The inserting span.
        var span: Int
        /// What was deleted, in text order, joined where names follow each other.
        var deleted: [IDRange]
    }

    /// Applies the repair that `node` stands for. The list's prepare version is that of its parents.
    mutating func applyRepair(_ node: Int32) {
        let copies = surplusCopies(in: Array(graph.parents(of: node))) { $0.prepare == 1 }
        let first = Int32(targets.count)
        targets.append(contentsOf: copies)
        targetsOfRepair[node] = first..<Int32(targets.count)
        for copy in copies { list.delete(copy) }
    }

    /// Hides what the repair of `version` takes out. Everything walked must be in the version's past.
    @discardableResult
    mutating func hideRepair(of version: [Int32]) -> Bool {
        let copies = surplusCopies(in: version) { !$0.isGone } + surplusBeginnings(in: version) { !$0.isGone }
        for copy in copies { hide(copy) }
        return !copies.isEmpty
    }

    mutating func hide(_ range: IDRange) {
        list.forEachRun(of: range) { list, place in list.runs[list.position(place)].isHidden = true }
    }

    private func surplusCopies(in version: [Int32], where isVisible: (MergeList.Run) -> Bool) -> [IDRange] {
        guard !list.doubleDeletions.isEmpty else { return [] }
        var surplus: [IDRange] = []
        for group in replacements(in: version) where group.count > 1 {
            let whole = group.filter { list.allRuns(of: inserted(by: $0), satisfy: isVisible) }
            // Groups are ascending, so equal texts meet in the order of their names.
            var kept: [Replacement] = []
            for replacement in whole {
                let isCopy = kept.contains { isSameText($0, replacement) }
                if isCopy { surplus.append(inserted(by: replacement)) } else { kept.append(replacement) }
            }
        }
        return surplus.sorted { $0.start < $1.start }
    }

    /// The replacements since the version's start, grouped by what they deleted, each group ascending by name.
    private func replacements(in version: [Int32]) -> [[Replacement]] {
        var groups: [[Replacement]] = []
        var groupsByFirst: [Int32: [Int]] = [:]
        for node in graph.start(of: version).following where !isEmptyNode(node) {
            let range = graph.spanRange(of: node)
            for index in range.dropLast() {
                let deletion = graph.spans[index]
                let insertion = graph.spans[index + 1]
                guard deletion.count < 0, insertion.count > 0, deletion.position == insertion.position else { continue }
                // Two that deleted the same begin with the same scalar, and the later one found it gone.
                guard let place = targetsOfSpan[index].first,
                    list.doubleDeletions.contains(targets[Int(place)].start)
                else { continue }
                let deleted = joinedTargets(of: index)
                let first = deleted[0].start
                let replacement = Replacement(id: graph.ids[Int(node)], span: index + 1, deleted: deleted)
                let candidates = groupsByFirst[first, default: []]
                if let group = candidates.first(where: { groups[$0][0].deleted == deleted }) {
                    groups[group].append(replacement)
                } else {
                    groupsByFirst[first, default: []].append(groups.count)
                    groups.append([replacement])
                }
            }
        }
        return groups.map { $0.sorted { ($0.id, $0.span) < ($1.id, $1.span) } }
    }

    private func joinedTargets(of span: Int) -> [IDRange] {
        var joined: [IDRange] = []
        for index in targetsOfSpan[span] {
            let target = targets[Int(index)]
            if let last = joined.last, last.end == target.start {
                joined[joined.count - 1].count += target.count
            } else {
                joined.append(target)
            }
        }
        return joined
    }

    private func inserted(by replacement: Replacement) -> IDRange {
        let span = graph.spans[replacement.span]
        return IDRange(start: span.source, count: span.count)
    }

    private func isSameText(_ left: Replacement, _ right: Replacement) -> Bool {
        graph.store.isEqual(inserted(by: left), inserted(by: right))
    }
}
