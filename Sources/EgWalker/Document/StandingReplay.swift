/// The replay of the last merge, kept while branches stay apart, so that the next merge goes on with its list instead of
/// building it anew: what a text that is typed by several people at a time does with every message.
struct StandingReplay: Sendable {
    private var part: GraphPart
    private var replay: Replay
    /// The node of the whole graph whose text the list begins with.
    private let start: Int32
    /// Nodes up to which the list grows. Beyond, one that begins at a later change is likely to be shorter.
    private let maximumCount: Int

    /// Nil if the walk ended without a list: where nothing is apart, none is needed.
    init?(_ part: GraphPart, _ replay: Replay) {
        guard let listStart = replay.listStart else { return nil }
        start = part.wholeNumbers[Int(listStart)]
        maximumCount = part.graph.count * 2 + 32
        self.part = part
        self.replay = replay
        rest()
    }

    /// Whether the list has all that the nodes from `firstNew` on ask for. The whole graph's other nodes are in the
    /// list, or the list's start or in its past, and so older than it.
    func canTake(from firstNew: Int32, of whole: EventGraph) -> Bool {
        let newCount = whole.count - Int(firstNew)
        guard part.graph.count + newCount <= maximumCount else { return false }
        return whole.parentList[whole.parentRange(of: firstNew).lowerBound...].allSatisfy { $0 >= start }
    }

    /// Walks the nodes from `firstNew` on, and gives the text of `heads`, the old one being that of the last merge.
    mutating func take(
        from firstNew: Int32,
        of whole: EventGraph,
        heads: [Int32],
        text: String,
        textCount: Int
    ) -> MergedText {
        part.append(firstNew..<Int32(whole.count), of: whole)
        replay.resume(graph: part.graph, oldTextCount: textCount)
        replay.finish(version: part.numbers(heads).sorted())
        defer { rest() }
        return MergedText(part, replay, old: text)
    }

    private mutating func rest() {
        part.graph.store = TextStore()
        replay.rest()
    }
}

/// What a replay came to.
struct MergedText {
    var text: String
    var textCount: Int
    /// The nodes of the whole graph that do not fit.
    var misfits: [Int32]

    init(_ part: GraphPart, _ replay: Replay, old: String) {
        text = replay.text(old: old)
        textCount = replay.pieces.count
        misfits = replay.refused.map { part.wholeNumbers[Int($0)] }
    }
}
