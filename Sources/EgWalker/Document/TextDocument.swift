/// A merging text with its whole history in memory.
///
///     var here = TextDocument(agent: 1)
///     try here.setText("one two three")
///     var there = try TextDocument(agent: 2, decoding: here.encoded())
///     try here.setText("one 2 three")
///     try there.setText("one two three four")
///     try there.apply(here.changes(since: []))
///     there.text                                   // "one 2 three four"
///
/// A value: copies are independent, but two that write under one agent are one author with two minds. Give each copy
/// that writes an agent of its own, also after a restored backup.
public struct TextDocument: Sendable {
    /// The author of the changes made here.
    public let agent: UInt64
    /// What a person sees: the merge of ``heads`` with its repair.
    public internal(set) var text = ""
    /// Changes made apart have met here.
    public internal(set) var hasMetConcurrency = false

    /// Scalars in ``text``.
    var textCount = 0
    var graph = EventGraph()
    var nodes: [ChangeID: Int32] = [:]
    var headNodes: [Int32] = []
    var waiting = WaitingChanges()
    /// The last merge, while what it merged stays apart.
    var standing: StandingReplay?
    /// Whether versions with several heads are shown with their repair. Every replica of a text must choose alike.
    let isRepairing: Bool
    private var lastSequence: UInt64 = 0

    /// An empty text.
    public init(agent: UInt64, isRepairing: Bool = true) {
        self.agent = agent
        self.isRepairing = isRepairing
    }

    // MARK: Versions

    /// The version: the changes that no other known change follows, ascending.
    public var heads: [ChangeID] { headNodes.map { graph.ids[Int($0)] }.sorted() }

    /// Changes known, those that wait for a parent not counted.
    public var changeCount: Int { nodes.count }

    /// Changes that wait for a parent.
    public var waitingCount: Int { waiting.count }

    public func contains(_ id: ChangeID) -> Bool { nodes[id] != nil }

    /// The text as it was at a version, with its repair. Replays the version's past.
    public func text(at version: [ChangeID]) throws(TextError) -> String {
        graph.text(at: try numbers(version), isRepairing: isRepairing)
    }

    /// What `version` does not have, parents first.
    public func changes(since version: [ChangeID]) throws(TextError) -> [TextChange] {
        newer(than: try numbers(version)).map(change)
    }

    /// The unsettled conflicts, see ``TextMerge/conflicts(heads:history:)``.
    public func conflicts() -> [TextConflict] {
        var finder = ConflictFinder(graph)
        return finder.conflicts(heads: headNodes.sorted())
    }

    // MARK: Writing

    /// Makes one change of `spans` on the text as it is now.
    ///
    /// - Throws: ``TextError/outOfBounds(_:)`` if a span does not fit; then nothing has changed.
    @discardableResult
    public mutating func edit(_ spans: [TextSpan], settles: Bool = false) throws(TextError) -> TextChange {
        let change = TextChange(
            id: ChangeID(agent: agent, sequence: lastSequence + 1),
            parents: heads,
            isRepaired: isRepairing && headNodes.count > 1,
            settles: settles,
            spans: spans
        )
        try check(change)
        guard change.fits(textCount) else { throw .outOfBounds(change.id) }
        let firstNew = Int32(graph.count)
        let oldHeads = headNodes
        try add(change)
        try merge(from: firstNew, oldHeads: oldHeads)
        return change
    }

    /// Makes the change, word by word, that turns the text into `new`. Nil if there is nothing to change.
    @discardableResult
    public mutating func setText(_ new: String) throws(TextError) -> TextChange? {
        let spans = WordDiff.spans(from: text, to: new)
        return spans.isEmpty ? nil : try edit(spans)
    }

    // MARK: Receiving

    /// Takes in changes of others, in any order and any number of times: known ones are skipped, those whose parents
    /// are missing wait for them.
    ///
    /// - Returns: The changes that do not fit their parents' version, and count as empty here and everywhere.
    /// - Throws: ``TextError``; the changes before the offending one are taken in.
    @discardableResult
    public mutating func apply(_ changes: [TextChange]) throws(TextError) -> [ChangeID] {
        let firstNew = Int32(graph.count)
        let oldHeads = headNodes
        var failure: TextError?
        for change in changes {
            do throws(TextError) {
                try receive(change)
            } catch {
                failure = error
                break
            }
        }
        let misfits = try merge(from: firstNew, oldHeads: oldHeads)
        if let failure { throw failure }
        return misfits
    }

    private mutating func receive(_ received: TextChange) throws(TextError) {
        var ready = [received]
        while let change = ready.popLast() {
            if let known = nodes[change.id] {
                guard self.change(known) == change else { throw .forked(change.id) }
                continue
            }
            try check(change)
            if let missing = change.parents.first(where: { nodes[$0] == nil }) {
                try waiting.add(change, for: missing)
                continue
            }
            try add(change)
            ready.append(contentsOf: waiting.take(waitingFor: change.id))
        }
    }

    private func check(_ change: TextChange) throws(TextError) {
        guard change.parents.count <= EgWalkerLimits.maximumParentCount,
            change.spans.count <= EgWalkerLimits.maximumSpanCount, graph.count < EgWalkerLimits.maximumChangeCount
        else { throw .tooLarge }
        for (parent, next) in zip(change.parents, change.parents.dropFirst()) where parent >= next {
            throw .parentsNotMinimal(change.id)
        }
        if change.parents.contains(change.id) { throw .unknownParent(change.id, of: change.id) }
    }

    /// Adds a change whose parents are known to the graph; ``merge(from:oldHeads:)`` brings it into the text.
    private mutating func add(_ change: TextChange) throws(TextError) {
        let parents = change.parents.compactMap { nodes[$0] }.sorted()
        guard parents.count < 2 || graph.minimal(parents).count == parents.count else {
            throw .parentsNotMinimal(change.id)
        }
        try note(change.id, graph.append(change, parents: parents, isVoid: false), parents: parents)
    }

    /// Makes a node known that the graph has just got.
    mutating func note(_ id: ChangeID, _ node: Int32, parents: some Sequence<Int32>) {
        nodes[id] = node
        for parent in parents { headNodes.removeAll { $0 == parent } }
        headNodes.append(node)
        if id.agent == agent { lastSequence = max(lastSequence, id.sequence) }
    }
}

extension TextChange {
    /// Whether the spans fit a text of so many scalars, each after those before it.
    func fits(_ textCount: Int) -> Bool {
        var count = textCount
        for span in spans {
            switch span {
            case .insert(let at, let text):
                guard at >= 0, at <= count else { return false }
                count += text.scalarCount
            case .delete(let at, let length):
                guard at >= 0, length >= 0, at <= count, length <= count - at else { return false }
                count -= length
            }
        }
        return count <= EgWalkerLimits.maximumScalarCount
    }
}
