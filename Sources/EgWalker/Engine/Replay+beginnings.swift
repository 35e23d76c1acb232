/// A text that was begun twice with the same words: one file imported on two devices, or a record made once and sent by
/// two copies of a device. One beginning is enough.
extension Replay {
    /// The untouched beginnings beside an equal one that stays: of those that still show something, the one of the
    /// smallest id that was built on, else the one of the smallest id. One that an earlier repair took out cannot stay
    /// for the others, or none would be left.
    func surplusBeginnings(in version: [Int32], where isVisible: (MergeList.Run) -> Bool) -> [IDRange] {
        guard graph.beginnings.count > 1 else { return [] }
        let past = graph.start(of: version).following
        var rest = past.filter { node in
            graph.flags[Int(node)].contains(.isBeginning) && isOneInsertion(node)
                && !list.allRuns(of: insertion(of: node), satisfy: { !isVisible($0) })
        }
        guard rest.count > 1 else { return [] }
        rest.sort { graph.ids[Int($0)] < graph.ids[Int($1)] }
        var surplus: [IDRange] = []
        while let first = rest.first {
            let equal = rest.filter { isSameInsertion($0, first) }
            rest.removeAll { equal.contains($0) }
            let kept = equal.first { node in past.contains { graph.parents(of: $0).contains(node) } } ?? first
            surplus += equal.filter { $0 != kept }.map(insertion).filter { list.allRuns(of: $0, satisfy: isVisible) }
        }
        return surplus
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
