/// Merging for a store whose history is not in memory.
public enum TextMerge {
    /// Takes new changes into a text: one replay, however many they are.
    ///
    /// If each change was made on the text as it then is, the history is not asked, and the cost is one pass over the
    /// text. Otherwise the changes since the last one that all of them and `heads` have in common are loaded,
    /// and only these are replayed.
    ///
    /// - Parameters:
    ///   - changes: Parents before children, none of them known already. One of several parents must say that it
    ///     ``TextChange/isRepaired``, or the text it was made on is that of the bare merge.
    ///   - text: What a person sees at `heads`: the merge with its repair, as an earlier call gave it.
    ///   - history: Must have every change in the past of `heads` that is asked for. It is not asked for `changes`.
    /// - Throws: ``TextError``, and what `history` throws. Nothing is half applied.
    public static func apply(
        _ changes: [TextChange],
        to text: String,
        heads: [ChangeID],
        history: some TextHistory
    ) throws -> TextMergeResult {
        for change in changes { try check(change) }
        guard let last = changes.last else {
            return TextMergeResult(text: text, heads: heads, metConcurrency: false, misfits: [])
        }
        if isChain(changes, on: heads) { return try applyChain(changes, to: text, head: last.id) }
        return try merge(changes, into: text, heads: heads, history: history)
    }

    /// The text of a version, with its repair, as whoever made it saw it. Replays all of the version's past.
    public static func text(at version: [ChangeID], history: some TextHistory) throws -> String {
        var loading = HistoryLoading(history)
        let graph = try loading.graph(of: version, new: [], toRoot: true)
        return graph.wholeText(at: loading.locals(version))
    }

    /// The unsettled conflicts in the past of `heads`: where changes made apart touched the same sentence, what each
    /// side wrote. A function of the graph alone. Settled is what lies in the past of a change that
    /// ``TextChange/settles``; writing on without settling leaves a conflict listed.
    ///
    /// Reads the whole history; the work is bounded by ``EgWalkerLimits/maximumMergeCount`` and
    /// ``EgWalkerLimits/maximumConflictCount``, beyond which the earliest merges are left out.
    public static func conflicts(heads: [ChangeID], history: some TextHistory) throws -> [TextConflict] {
        var loading = HistoryLoading(history)
        let graph = try loading.graph(of: heads, new: [], toRoot: true)
        var finder = ConflictFinder(graph)
        return finder.conflicts(heads: loading.locals(heads))
    }

    // MARK: One after the other

    private static func check(_ change: TextChange) throws(TextError) {
        guard change.parents.count <= EgWalkerLimits.maximumParentCount,
            change.spans.count <= EgWalkerLimits.maximumSpanCount
        else { throw .tooLarge }
        for (parent, next) in zip(change.parents, change.parents.dropFirst()) where parent >= next {
            throw .parentsNotMinimal(change.id)
        }
        if change.parents.contains(change.id) { throw .unknownParent(change.id, of: change.id) }
    }

    /// Whether each change was made on the text that the one before left.
    private static func isChain(_ changes: [TextChange], on heads: [ChangeID]) -> Bool {
        var heads = heads
        for change in changes {
            guard change.parents == heads, heads.count < 2 || change.isRepaired else { return false }
            heads = [change.id]
        }
        return true
    }

    private static func applyChain(_ changes: [TextChange], to text: String, head: ChangeID) throws -> TextMergeResult {
        var graph = EventGraph()
        for change in changes {
            // The parent is the start, which stands for all heads and their repair, or the change before.
            let parent = Int32(graph.count - 1)
            try graph.append(change, parents: [parent], isVoid: false)
        }
        var replay = Replay(graph: graph, oldTextCount: text.scalarCount)
        let nodes = Array(1..<Int32(graph.count))
        replay.walkNew(nodes, cuts: nodes.map { _ in true }, startsAtCut: true)
        return TextMergeResult(
            text: replay.text(old: text),
            heads: [head],
            metConcurrency: false,
            misfits: replay.refused.map { graph.ids[Int($0)] }.sorted()
        )
    }

    // MARK: Apart

    private static func merge(
        _ changes: [TextChange],
        into text: String,
        heads: [ChangeID],
        history: some TextHistory
    ) throws -> TextMergeResult {
        var loading = HistoryLoading(history)
        let graph = try loading.graph(of: heads, new: changes, toRoot: false)
        let oldHeads = loading.locals(heads)
        let isOld = graph.past(of: oldHeads)
        let order = graph.walkOrder { isOld[Int($0)] }
        var newHeads = Set(heads)
        for change in changes {
            newHeads.subtract(change.parents)
            newHeads.insert(change.id)
        }
        var replay = Replay(graph: graph, oldTextCount: text.scalarCount)
        try replay.walkOld(order.old, version: oldHeads)
        replay.walkNew(order.new, cuts: order.cuts, startsAtCut: order.startsAtCut)
        replay.finish(version: loading.locals(newHeads.sorted()))
        return TextMergeResult(
            text: replay.text(old: text),
            heads: newHeads.sorted(),
            metConcurrency: replay.hasMetConcurrency,
            misfits: replay.refused.map { graph.ids[Int($0)] }.sorted()
        )
    }
}
