extension TextDocument {
    /// The numbers of a version's changes; the root's if it is empty.
    func numbers(_ version: [ChangeID]) throws(TextError) -> [Int32] {
        var numbers: [Int32] = []
        for id in version {
            guard let number = nodes[id] else { throw .unknownVersion(id) }
            numbers.append(number)
        }
        return numbers.isEmpty ? [0] : numbers.sorted()
    }

    /// The nodes that a version does not have in its past, ascending, repairs left out.
    func newer(than version: [Int32]) -> [Int32] {
        let newer =
            version == [0]
            ? Array(1..<Int32(max(graph.count, 1))) : graph.difference(headNodes, version).left.reversed()
        return newer.filter { !graph.flags[Int($0)].contains(.isRepair) }
    }

    /// A node as a change at the border.
    func change(_ node: Int32) -> TextChange {
        let flags = graph.flags[Int(node)]
        let parents = graph.realNodes(graph.parents(of: node)).filter { $0 != 0 }
        return TextChange(
            id: graph.ids[Int(node)],
            parents: parents.map { graph.ids[Int($0)] }.sorted(),
            isRepaired: flags.contains(.isRepaired),
            settles: flags.contains(.settles),
            spans: graph.spanRange(of: node).map { index in
                let span = graph.spans[index]
                return span.count > 0
                    ? .insert(
                        at: Int(span.position),
                        text: graph.store.string(from: Int(span.source), count: Int(span.count))
                    )
                    : .delete(at: Int(span.position), count: Int(-span.count))
            }
        )
    }

    /// Brings the nodes from `firstNew` on, which the graph has already, into the text: one replay of what is newer
    /// than the last change that all have in common. `oldHeads` are the heads that the text is of.
    ///
    /// - Returns: Those of them that do not fit their parents' version.
    @discardableResult
    mutating func merge(from firstNew: Int32, oldHeads: [Int32]) throws(TextError) -> [ChangeID] {
        let new = firstNew..<Int32(graph.count)
        if new.isEmpty { return [] }
        let merged: MergedText
        // Taken out, so that it is changed in place.
        var standing = self.standing
        self.standing = nil
        if standing?.canTake(from: firstNew, of: graph) == true,
            let taken = standing?.take(from: firstNew, of: graph, heads: headNodes, text: text, textCount: textCount)
        {
            merged = taken
            self.standing = standing
        } else {
            merged = try replayed(new, oldHeads: oldHeads.isEmpty ? [0] : oldHeads.sorted())
        }
        text = merged.text
        textCount = merged.textCount
        for node in merged.misfits { graph.flags[Int(node)].insert(.isVoid) }
        return merged.misfits.map { graph.ids[Int($0)] }.sorted()
    }

    /// One replay of what is newer than the last change that `new` and `oldHeads` have in common.
    private mutating func replayed(_ new: Range<Int32>, oldHeads: [Int32]) throws(TextError) -> MergedText {
        let (start, following) =
            isChain(new, on: oldHeads)
            ? (oldHeads[0], new.filter { !graph.flags[Int($0)].contains(.isRepair) })
            : graph.start(of: oldHeads + headNodes)
        let part = graph.part(of: following, start: start)
        let order = part.graph.walkOrder { part.wholeNumbers[Int($0)] < new.lowerBound }
        var replay = Replay(graph: part.graph, oldTextCount: textCount, isRepairing: isRepairing)
        try replay.walkOld(order.old, version: part.numbers(oldHeads))
        replay.walkNew(order.new, cuts: order.cuts, startsAtCut: order.startsAtCut)
        replay.finish(version: part.numbers(headNodes).sorted())
        if replay.hasMetConcurrency { hasMetConcurrency = true }
        defer { standing = StandingReplay(part, replay) }
        return MergedText(part, replay, old: text)
    }

    /// Whether each new node was made on the text that the one before left, the first on the text as it is. Then the
    /// old version may stand as the start, whatever heads it has, and nothing older is looked at.
    private func isChain(_ new: Range<Int32>, on oldHeads: [Int32]) -> Bool {
        var last = oldHeads
        for node in new where !graph.flags[Int(node)].contains(.isRepair) {
            let isRepaired = graph.flags[Int(node)].contains(.isRepaired)
            guard last.count < 2 || isRepaired == isRepairing,
                graph.realNodes(graph.parents(of: node)) == last
            else { return false }
            last = [node]
        }
        return true
    }
}
