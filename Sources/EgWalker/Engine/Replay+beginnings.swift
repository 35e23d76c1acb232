/// A text that was begun more than once with the same words: one file imported on two devices, or a record made once and
/// sent by two copies of a device. One beginning is shown, the others are left out.
///
/// Which one is a function of the version's past, and is asked anew for every version with several heads: an earlier
/// answer, given by somebody who knew less, binds nobody, or two of them could leave out all. Writing on from a version
/// never changes the answer: who has all of them can only touch what is shown, and that stays.
extension Replay {
    /// The equal beginnings that are not shown, for all versions walked, and who shows what.
    struct LeftOut {
        /// By node, as far as any was left out: a place in ``choices``.
        private var choiceOfNode: [Int32] = []
        private(set) var choices: [[IDRange]] = [[]]
        /// The choice that the list's prepare states are in.
        fileprivate var current: Int32 = 0

        func choice(of node: Int32) -> Int32 {
            Int(node) < choiceOfNode.count ? choiceOfNode[Int(node)] : 0
        }

        fileprivate mutating func note(_ choice: Int32, of node: Int32) {
            if choice == 0 { return }
            let missing = Int(node) + 1 - choiceOfNode.count
            if missing > 0 { choiceOfNode.append(contentsOf: repeatElement(0, count: missing)) }
            choiceOfNode[Int(node)] = choice
        }

        fileprivate mutating func add(_ ranges: [IDRange]) -> Int32 {
            if ranges.isEmpty { return 0 }
            if let known = choices.firstIndex(of: ranges) { return Int32(known) }
            choices.append(ranges)
            return Int32(choices.count - 1)
        }
    }

    /// Brings the list, which is at the parents of `node`, to what the node's author saw of equal beginnings. That is
    /// also what is seen at the node.
    mutating func leaveOutBeginnings(for node: Int32) {
        guard graph.beginnings.count > 1 else { return }
        let parents = Array(graph.parents(of: node))
        let choice: Int32
        if graph.flags[Int(node)].contains(.isRepair) {
            leaveOut(0)
            choice = leftOut.add(surplusBeginnings(in: parents) { $0.prepare == 1 })
        } else {
            choice = bareChoice(of: parents)
        }
        leaveOut(choice)
        leftOut.note(choice, of: node)
    }

    /// Brings the list, which is at `version`, to what is seen there without a new repair.
    mutating func leaveOutBeginnings(at version: [Int32]) { leaveOut(bareChoice(of: version)) }

    /// Hides what is left out at `version` without a new repair.
    mutating func hideLeftOut(at version: [Int32]) {
        for range in leftOut.choices[Int(bareChoice(of: version))] { hide(range) }
    }

    private mutating func leaveOut(_ choice: Int32) {
        if choice == leftOut.current { return }
        for range in leftOut.choices[Int(leftOut.current)] { list.flip(range, by: -1) }
        for range in leftOut.choices[Int(choice)] { list.flip(range, by: 1) }
        leftOut.current = choice
    }

    /// One head: what it leaves out. Several, with no repair: what each of them that has it leaves out.
    private mutating func bareChoice(of version: [Int32]) -> Int32 {
        let choices = version.map { leftOut.choice(of: $0) }
        guard let first = choices.first, choices.contains(where: { $0 != first }) else { return choices.first ?? 0 }
        let candidates = choices.flatMap { leftOut.choices[Int($0)] }.sorted { $0.start < $1.start }
        var common: [IDRange] = []
        for range in candidates where common.last != range {
            let node = Int32(graph.nodeOfInsertion(range.start))
            let isLeftOut = zip(version, choices).allSatisfy { head, choice in
                leftOut.choices[Int(choice)].contains(range) || !graph.contains(node, in: [head])
            }
            if isLeftOut { common.append(range) }
        }
        return leftOut.add(common)
    }

    // MARK: Which one stays

    /// The beginnings that are left out at `version`, ascending. First in each group of equals come those that somebody
    /// deleted from, which stay anyway, then those that somebody built on who did not have all of the group, then the
    /// smaller id. Left out is one that is whole, if one before it stays and still shows something, or was deleted by
    /// those who had both.
    ///
    /// - Parameter isWhole: Whether nobody deleted the run, left out or not.
    func surplusBeginnings(in version: [Int32], where isWhole: (MergeList.Run) -> Bool) -> [IDRange] {
        guard graph.beginnings.count > 1 else { return [] }
        let (start, past) = graph.start(of: version)
        // All of them are in the past of the start, and nothing since could change the answer.
        if start > 0 { return leftOut.choices[Int(leftOut.choice(of: start))] }
        var rest = past.filter { graph.flags[Int($0)].contains(.isBeginning) && isOneInsertion($0) }
        guard rest.count > 1 else { return [] }
        rest.sort { graph.ids[Int($0)] < graph.ids[Int($1)] }
        var surplus: [IDRange] = []
        while let first = rest.first {
            let equal = rest.filter { isSameInsertion($0, first) }
            rest.removeAll { equal.contains($0) }
            guard equal.count > 1 else { continue }
            let isBuiltOn = builtOn(equal, past)
            let wholeness = equal.map { list.allRuns(of: insertion(of: $0), satisfy: isWhole) }
            let whole = zip(equal, wholeness).filter(\.1).map(\.0)
            var staying = zip(equal, wholeness).filter { !$0.1 }.map(\.0)
            for beginning in whole.filter(isBuiltOn.contains) + whole.filter({ !isBuiltOn.contains($0) }) {
                let isLeftOut = staying.contains { stands($0, for: beginning, past, isWhole) }
                if isLeftOut { surplus.append(insertion(of: beginning)) } else { staying.append(beginning) }
            }
        }
        return surplus.sorted { $0.start < $1.start }
    }

    /// Those of `equal` that are shown at a node of `past` which does not have all of them. What somebody wrote there
    /// stands in them, and would stand beside the text if another one were shown.
    private func builtOn(_ equal: [Int32], _ past: [Int32]) -> Set<Int32> {
        // By node: which of them it is or has. Of more than fit here, the others do not count.
        var has = [UInt64](repeating: 0, count: graph.count)
        let counted = equal.prefix(UInt64.bitWidth)
        for (place, beginning) in counted.enumerated() { has[Int(beginning)] = 1 << place }
        let all = counted.reduce(0) { $0 | has[Int($1)] }
        var unseen: [Int32: UInt64] = [:]
        var found: UInt64 = 0
        for node in past where !graph.flags[Int(node)].contains(.isBeginning) {
            for parent in graph.parents(of: node) { has[Int(node)] |= has[Int(parent)] }
            let own = has[Int(node)]
            if own | found == found || own == all { continue }
            let choice = leftOut.choice(of: node)
            let hidden = unseen[choice] ?? places(of: leftOut.choices[Int(choice)], in: counted)
            unseen[choice] = hidden
            found |= own & ~hidden
        }
        return Set(counted.enumerated().filter { found >> $0.offset & 1 == 1 }.map(\.element))
    }

    /// Which of `beginnings` are among `ranges`, a bit for each.
    private func places(of ranges: [IDRange], in beginnings: ArraySlice<Int32>) -> UInt64 {
        let ranges = Set(ranges.map(\.start))
        return beginnings.enumerated().reduce(0) { places, beginning in
            ranges.contains(insertion(of: beginning.element).start) ? places | 1 << beginning.offset : places
        }
    }

    /// Whether `kept` is a reason to leave out `copy`: some of it was deleted by nobody, or only by those who had `copy`
    /// as well.
    private func stands(
        _ kept: Int32,
        for copy: Int32,
        _ past: [Int32],
        _ isWhole: (MergeList.Run) -> Bool
    ) -> Bool {
        let range = insertion(of: kept)
        if !list.allRuns(of: range, satisfy: { !isWhole($0) }) { return true }
        var hasCopy = [Bool](repeating: false, count: graph.count)
        hasCopy[Int(copy)] = true
        var deleted: [IDRange] = []
        for node in past {
            if graph.parents(of: node).contains(where: { hasCopy[Int($0)] }) { hasCopy[Int(node)] = true }
            if hasCopy[Int(node)] || isEmptyNode(node) { continue }
            for span in graph.spanRange(of: node) { deleted += targetsOfSpan[span].map { targets[Int($0)] } }
        }
        var end = range.start
        deleted.sort { $0.start < $1.start }
        for target in deleted where target.start <= end { end = max(end, target.end) }
        return end < range.end
    }

    private func isOneInsertion(_ node: Int32) -> Bool {
        let spans = graph.spanRange(of: node)
        return spans.count == 1 && graph.spans[spans.lowerBound].count > 0 && !isEmptyNode(node)
    }

    private func insertion(of node: Int32) -> IDRange {
        let span = graph.spans[graph.spanRange(of: node).lowerBound]
        return IDRange(start: span.source, count: span.count)
    }

    private func isSameInsertion(_ left: Int32, _ right: Int32) -> Bool {
        graph.store.isEqual(insertion(of: left), insertion(of: right))
    }
}
