/// The walk over a graph that turns positions, each meant for its author's version, into one text.
///
/// The graph's nodes fall into two parts: those that the old text has already, walked first and only to build the list,
/// and the new ones. Where the graph has no branches, spans go to the pieces as they are; where it has, to a list that
/// is dropped at the next version that all later changes follow.
struct Replay {
    private(set) var graph: EventGraph
    private var oldTextCount: Int
    /// Whether a version with several heads is shown with its repair.
    private let isRepairing: Bool
    /// Nodes found not to fit their parents' version during this walk: they count as empty.
    private(set) var refused: [Int32] = []
    private(set) var pieces: PieceTable
    /// Whether two changes made apart met.
    private(set) var hasMetConcurrency = false
    var list = MergeList()
    /// The scalars each deletion hit, and by span (by node, of a repair) where its targets lie.
    var targets: [IDRange] = []
    var targetsOfSpan: [Range<Int32>]
    var targetsOfRepair: [Int32: Range<Int32>] = [:]
    var leftOut = LeftOut()
    private var isVoid: [Bool]
    private var difference = VersionDifference()
    /// The node whose text the list's base is; nil if there is no list.
    private(set) var listStart: Int32?
    /// The most scalars a change may leave. What the old text has was measured when it was new.
    private var longestText = EgWalkerLimits.maximumScalarCount
    /// The version whose text the list's prepare states spell.
    private var at: [Int32] = [0]

    /// - Parameter oldTextCount: Scalars of the text at the old version. At the root, 0.
    init(graph: EventGraph, oldTextCount: Int, isRepairing: Bool = true) {
        self.graph = graph
        self.isRepairing = isRepairing
        self.oldTextCount = oldTextCount
        pieces = PieceTable(oldTextCount: oldTextCount)
        isVoid = graph.flags.map { $0.contains(.isVoid) }
        targetsOfSpan = []
    }

    func isEmptyNode(_ node: Int32) -> Bool { isVoid[Int(node)] }

    // MARK: The two parts

    /// Walks what the old text has: the text of `version`.
    mutating func walkOld(_ nodes: [Int32], version: [Int32]) throws(TextError) {
        if nodes.isEmpty { return }
        beginList(baseCount: MergeList.unknownBaseCount, isInOldText: true)
        longestText = Int.max
        defer { longestText = EgWalkerLimits.maximumScalarCount }
        for node in nodes {
            apply(node)
            if !refused.isEmpty { throw .inconsistentHistory }
        }
        hideCopies(at: version)
        var shown = 0
        list.changeEach { run in
            run.isInOldText = !run.isGone && !run.isHidden
            if run.isInOldText { shown += Int(run.count) }
            run.isHidden = false
        }
        try shrinkBase(by: shown - 1 - pieces.count)
    }

    /// The old text tells how long the base really is.
    private mutating func shrinkBase(by excess: Int) throws(TextError) {
        let block = list.order.count - 1
        let tail = list.position(MergeList.Place(block: block, index: list.usedCount(block) - 1))
        guard excess >= 0, Int(list.runs[tail].count) > excess else { throw .inconsistentHistory }
        list.runs[tail].count -= Int32(excess)
        list.visible[block] -= Int32(excess)
    }

    /// Walks new changes. `order` holds them in the order of the walk, and `cuts`, beside it, whether the version that
    /// a change makes is one that everything walked before is in the past of and everything after follows.
    mutating func walkNew(_ order: [Int32], cuts: [Bool], startsAtCut: Bool) {
        var wasCut = startsAtCut
        if wasCut { endList() }
        for (index, node) in order.enumerated() {
            let isCut = cuts[index]
            if wasCut, isCut {
                applyToPieces(node)
                at.removeAll(keepingCapacity: true)
                at.append(node)
            } else {
                hasMetConcurrency = true
                if listStart == nil {
                    beginList(baseCount: Int32(pieces.count + 1), isInOldText: true)
                }
                apply(node)
                if isCut { endList() }
            }
            wasCut = isCut
        }
    }

    /// Walks nodes over a text of `baseCount` scalars and keeps the list, to be asked about versions between.
    mutating func walkKeepingList(_ order: [Int32], baseCount: Int) {
        beginList(baseCount: Int32(baseCount + 1), isInOldText: true)
        for node in order { apply(node) }
    }

    /// Takes over what the list has, with the repair of `version` if it has several heads. Ends the walk.
    ///
    /// - Returns: Whether the repair took anything out.
    @discardableResult
    mutating func finish(version: [Int32]) -> Bool {
        guard listStart != nil else { return false }
        hasMetConcurrency = true
        let isRepaired = hideCopies(at: version)
        takeOverList()
        return isRepaired
    }

    /// Hides what a person does not see at `version`, which everything walked must be in the past of.
    ///
    /// - Returns: Whether a new repair takes anything out.
    @discardableResult
    private mutating func hideCopies(at version: [Int32]) -> Bool {
        if isRepairing, version.count > 1 { return hideRepair(of: version) }
        hideLeftOut(at: version)
        return false
    }

    /// Goes on after ``finish(version:)``, if that left a list, with the nodes that `graph` has now in addition. The old
    /// text is then the one that the walk has come to.
    ///
    /// Right because any walk with parents first gives the same text: what came later may be walked later. No new node
    /// may have a parent that is older than ``listStart``.
    mutating func resume(graph: EventGraph, oldTextCount: Int) {
        let firstNew = Int32(self.graph.count)
        self.graph = graph
        self.oldTextCount = oldTextCount
        pieces = PieceTable(oldTextCount: oldTextCount)
        refused = []
        isVoid += graph.flags[Int(firstNew)...].map { $0.contains(.isVoid) }
        targetsOfSpan += repeatElement(0..<0, count: graph.spans.count - targetsOfSpan.count)
        list.changeEach { run in
            run.isInOldText = !run.isGone && !run.isHidden
            run.isHidden = false
        }
        for node in firstNew..<Int32(graph.count) { apply(node) }
    }

    /// Lets go of the text of the changes until ``resume(graph:oldTextCount:)``, so that the owner can add to it without
    /// a copy.
    mutating func rest() { graph.store = TextStore() }

    /// The text that all of it came to.
    func text(old: String) -> String { pieces.text(old: old, oldCount: oldTextCount, store: graph.store) }

    // MARK: List and pieces

    private mutating func beginList(baseCount: Int32, isInOldText: Bool) {
        if targetsOfSpan.isEmpty { targetsOfSpan = Array(repeating: 0..<0, count: graph.spans.count) }
        targets.removeAll(keepingCapacity: true)
        targetsOfRepair.removeAll()
        leftOut = LeftOut()
        list.reset(baseCount: baseCount, isInOldText: isInOldText)
        listStart = at[0]
    }

    /// Takes over what the list has, and drops it.
    private mutating func endList() {
        guard listStart != nil else { return }
        hideLeftOut(at: at)
        takeOverList()
        leftOut = LeftOut()
        listStart = nil
    }

    /// Turns the list into what it does to the text.
    private mutating func takeOverList() {
        var patch: [PatchStep] = []
        list.forEach { run in
            let isShown = !run.isGone && !run.isHidden
            switch (run.isInOldText, isShown) {
            case (true, true): patch.add(.keep(run.count))
            case (true, false): patch.add(.drop(run.count))
            case (false, true): patch.add(.insert(Piece(source: run.id, count: run.count)))
            case (false, false): break
            }
        }
        // The end mark is not text.
        if case .keep(let count) = patch.last { patch[patch.count - 1] = .keep(count - 1) }
        pieces.apply(patch)
    }

    /// A change with nothing beside it: its positions are those of the text.
    private mutating func applyToPieces(_ node: Int32) {
        let range = graph.spanRange(of: node)
        guard !isVoid[Int(node)], fits(range, textCount: pieces.count) else {
            refuse(node)
            return
        }
        for index in range {
            let span = graph.spans[index]
            if span.count > 0 {
                pieces.insert(Piece(source: span.source, count: span.count), at: Int(span.position))
            } else {
                pieces.delete(at: Int(span.position), count: Int(-span.count))
            }
        }
    }

    private mutating func refuse(_ node: Int32) {
        if isVoid[Int(node)] { return }
        isVoid[Int(node)] = true
        refused.append(node)
    }

    /// Whether spans fit a text of so many scalars, each after those before it.
    private func fits(_ range: Range<Int>, textCount: Int) -> Bool {
        var count = textCount
        for index in range {
            let span = graph.spans[index]
            if span.position < 0 { return false }
            if span.count > 0 {
                guard span.position <= count else { return false }
            } else {
                guard Int(span.position) - Int(span.count) <= count else { return false }
            }
            count += Int(span.count)
            guard count <= longestText else { return false }
        }
        return true
    }

    // MARK: The walk

    /// Moves the list to the node's parents and applies the node there.
    private mutating func apply(_ node: Int32) {
        move(to: node)
        leaveOutBeginnings(for: node)
        at.removeAll(keepingCapacity: true)
        at.append(node)
        if graph.flags[Int(node)].contains(.isRepair) {
            applyRepair(node)
            return
        }
        let range = graph.spanRange(of: node)
        guard !isVoid[Int(node)], fits(range, textCount: list.visibleCount) else {
            refuse(node)
            return
        }
        for index in range {
            let span = graph.spans[index]
            if span.count > 0 {
                list.insert(
                    IDRange(start: span.source, count: span.count),
                    at: Int(span.position),
                    graph: graph
                )
            } else {
                let first = Int32(targets.count)
                list.delete(at: Int(span.position), count: Int(-span.count), targets: &targets)
                targetsOfSpan[index] = first..<Int32(targets.count)
            }
        }
    }

    private mutating func move(to node: Int32) {
        let range = graph.parentRange(of: node)
        if at.count == 1, range.count == 1, at[0] == graph.parentList[range.lowerBound] { return }
        flipDifference(to: graph.parentList[range])
    }

    private mutating func flipDifference(to version: ArraySlice<Int32>) {
        difference.find(graph, at, version)
        for index in difference.left.indices { flip(difference.left[index], by: -1) }
        for index in difference.right.indices.reversed() { flip(difference.right[index], by: 1) }
    }

    /// Moves the prepare version to `version`, whose changes must all have been walked.
    mutating func move(toVersion version: [Int32]) {
        flipDifference(to: version[...])
        leaveOutBeginnings(at: version)
        at = version
    }

    private mutating func flip(_ node: Int32, by step: Int32) {
        if isVoid[Int(node)] { return }
        if graph.flags[Int(node)].contains(.isRepair), let range = targetsOfRepair[node] {
            for index in range { list.flip(targets[Int(index)], by: step) }
            return
        }
        for index in graph.spanRange(of: node) {
            let span = graph.spans[index]
            if span.count > 0 {
                list.flip(IDRange(start: span.source, count: span.count), by: step)
            } else {
                for target in targetsOfSpan[index] { list.flip(targets[Int(target)], by: step) }
            }
        }
    }
}

extension EventGraph {
    /// The text of `version`, replayed from the start, which must be the root. There must be nothing else in the graph.
    func wholeText(at version: [Int32], isRepairing: Bool = true) -> String {
        var replay = Replay(graph: self, oldTextCount: 0, isRepairing: isRepairing)
        let order = walkOrder { _ in false }
        replay.walkNew(order.new, cuts: order.cuts, startsAtCut: true)
        replay.finish(version: version)
        return replay.text(old: "")
    }
}
