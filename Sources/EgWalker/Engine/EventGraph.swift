/// One step of a change, as the engine holds it.
struct Span: Sendable {
    var position: Int32
    /// Positive: scalars inserted. Negative: scalars deleted.
    var count: Int32
    /// Of an insertion: where its text begins in the ``TextStore``.
    var source: Int32
}

/// Changes and what follows what, in local numbers: parents have smaller ones. Number 0 is the start: the root, or the
/// one change that all others here follow.
///
/// Local numbers differ between replicas and never reach a result.
struct EventGraph: Sendable {
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8
        /// The change does not fit its parents' version and counts as empty, on every replica.
        static let isVoid = Flags(rawValue: 1)
        /// The repair of its parents' version, derived and never sent.
        static let isRepair = Flags(rawValue: 2)
        static let isRepaired = Flags(rawValue: 4)
        static let settles = Flags(rawValue: 8)
        /// The change has no parents: it begins the text.
        static let isBeginning = Flags(rawValue: 16)
    }

    /// What the changes insert.
    var store = TextStore()
    private(set) var ids: [ChangeID] = [ChangeID(agent: 0, sequence: 0)]
    var flags: [Flags] = [[]]
    private(set) var parentList: [Int32] = []
    private(set) var parentEnds: [Int32] = [0]
    private(set) var spans: [Span] = []
    private(set) var spanEnds: [Int32] = [0]
    /// By node: where its inserted text ends in the store.
    private(set) var sourceEnds: [Int32] = [0]
    /// Changes that begin the text. More than one only where a record was made twice under one id.
    private(set) var beginnings: [Int32] = []
    /// The repairs, so that changes with the same parents share one.
    private var repairs: [Int32] = []

    var count: Int { ids.count }

    func parents(of node: Int32) -> ArraySlice<Int32> {
        if node == 0 { return [] }
        return parentList[Int(parentEnds[Int(node) - 1])..<Int(parentEnds[Int(node)])]
    }

    /// Where in ``parentList`` a node's parents stand.
    func parentRange(of node: Int32) -> Range<Int> {
        if node == 0 { return 0..<0 }
        return Int(parentEnds[Int(node) - 1])..<Int(parentEnds[Int(node)])
    }

    mutating func reserve(nodes: Int, spans: Int) {
        ids.reserveCapacity(count + nodes)
        flags.reserveCapacity(count + nodes)
        parentList.reserveCapacity(parentList.count + nodes)
        parentEnds.reserveCapacity(count + nodes)
        spanEnds.reserveCapacity(count + nodes)
        sourceEnds.reserveCapacity(count + nodes)
        self.spans.reserveCapacity(self.spans.count + spans)
    }

    func spanRange(of node: Int32) -> Range<Int> {
        if node == 0 { return 0..<0 }
        return Int(spanEnds[Int(node) - 1])..<Int(spanEnds[Int(node)])
    }

    /// The change that inserted the scalar at `source`.
    func idOfInsertion(_ source: Int32) -> ChangeID { ids[nodeOfInsertion(source)] }

    func nodeOfInsertion(_ source: Int32) -> Int {
        var low = 0
        var high = sourceEnds.count - 1
        while low < high {
            let middle = (low + high) / 2
            if sourceEnds[middle] > source { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Adds a span to the node that ``close(_:parents:flags:sourceEnd:)`` will make.
    mutating func append(_ span: Span) { spans.append(span) }

    /// Takes back the spans that no node has yet.
    mutating func dropOpenSpans() { spans.removeLast(spans.count - Int(spanEnds[spanEnds.count - 1])) }

    /// Makes a node of the spans appended since the last one, and before it, if `flags` ask for it, the repair of its
    /// parents. No parents mean the start.
    @discardableResult
    mutating func close(_ id: ChangeID, parents: [Int32], flags added: Flags, sourceEnd: Int) -> Int32 {
        var parents = parents
        var added = added
        if parents.count > 1, added.contains(.isRepaired) {
            parents = [repair(of: parents, sourceEnd: sourceEnds[count - 1])]
        }
        if parents.isEmpty {
            parents = [0]
            added.insert(.isBeginning)
        }
        addNode(id, parents: parents, flags: added, spanEnd: Int32(spans.count), sourceEnd: Int32(sourceEnd))
        return Int32(count - 1)
    }

    /// Makes a node of the spans appended since the last one, as `node` is in `other`.
    mutating func copy(_ other: EventGraph, _ node: Int32, parents: [Int32]) {
        addNode(
            other.ids[Int(node)],
            parents: parents,
            flags: other.flags[Int(node)],
            spanEnd: Int32(spans.count),
            sourceEnd: other.sourceEnds[Int(node)]
        )
    }

    private mutating func repair(of parents: [Int32], sourceEnd: Int32) -> Int32 {
        for node in repairs.reversed() where self.parents(of: node).elementsEqual(parents) { return node }
        let node = Int32(count)
        addNode(
            ChangeID(agent: 0, sequence: 0),
            parents: parents,
            flags: .isRepair,
            spanEnd: spanEnds[count - 1],
            sourceEnd: sourceEnd
        )
        repairs.append(node)
        return node
    }

    private mutating func addNode(
        _ id: ChangeID,
        parents: [Int32],
        flags added: Flags,
        spanEnd: Int32,
        sourceEnd: Int32
    ) {
        ids.append(id)
        flags.append(added)
        parentList.append(contentsOf: parents)
        parentEnds.append(Int32(parentList.count))
        spanEnds.append(spanEnd)
        sourceEnds.append(sourceEnd)
        if added.contains(.isBeginning) { beginnings.append(Int32(count - 1)) }
    }
}
