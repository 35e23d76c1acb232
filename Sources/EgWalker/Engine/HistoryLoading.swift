/// Brings from a history the part of the graph that a replay needs.
struct HistoryLoading<History: TextHistory> {
    private let history: History
    private var nodes: [ChangeID: TextNode] = [:]
    private var locals: [ChangeID: Int32] = [:]

    init(_ history: History) { self.history = history }

    /// The numbers of a version whose changes are in the graph or are its start. No changes are the start.
    func locals(_ version: [ChangeID]) -> [Int32] {
        version.isEmpty ? [0] : version.map { locals[$0] ?? 0 }.sorted()
    }

    /// The graph of everything in the past of `version` and `new`, back to the latest change that dominates it all, or
    /// to the root.
    mutating func graph(of version: [ChangeID], new: [TextChange], toRoot: Bool) throws -> EventGraph {
        // Greatest order first; an entry's children are all popped before it.
        var heap = MaximumHeap()
        var idsByOrder: [Int: ChangeID] = [:]
        let newOrder = Int.max / 2
        for (index, change) in new.enumerated() {
            if let known = nodes[change.id] {
                if known.change != change { throw TextError.forked(change.id) }
                continue
            }
            nodes[change.id] = TextNode(order: newOrder + index, change: change)
            idsByOrder[newOrder + index] = change.id
            heap.push(newOrder + index)
        }
        for id in version {
            guard let node = try node(id) else { throw TextError.unknownVersion(id) }
            push(node, &heap, &idsByOrder)
        }
        if toRoot || version.isEmpty { heap.push(-1) }
        var popped: [ChangeID] = []
        var start: ChangeID?
        while let order = heap.pop() {
            while heap.top == order { heap.pop() }
            // The root is an entry of its own, so that two changes that both begin a text meet there.
            guard order >= 0, let id = idsByOrder[order] else { break }
            if heap.isEmpty {
                start = id
                break
            }
            guard popped.count < EgWalkerLimits.maximumChangeCount else { throw TextError.tooLarge }
            popped.append(id)
            guard let change = nodes[id]?.change else { throw TextError.inconsistentHistory }
            if change.parents.isEmpty { heap.push(-1) }
            for parent in change.parents {
                guard let node = try node(parent) else { throw TextError.unknownParent(parent, of: id) }
                guard node.order < order else { throw TextError.inconsistentHistory }
                push(node, &heap, &idsByOrder)
            }
        }
        return try build(popped.reversed(), start: start)
    }

    private mutating func node(_ id: ChangeID) throws -> TextNode? {
        if let known = nodes[id] { return known }
        guard let loaded = try history.node(id) else { return nil }
        guard loaded.order >= 0, loaded.order < Int.max / 2 else { throw TextError.inconsistentHistory }
        nodes[id] = loaded
        return loaded
    }

    private func push(_ node: TextNode, _ heap: inout MaximumHeap, _ idsByOrder: inout [Int: ChangeID]) {
        idsByOrder[node.order] = node.change.id
        heap.push(node.order)
    }

    private mutating func build(_ ids: [ChangeID], start: ChangeID?) throws -> EventGraph {
        var graph = EventGraph()
        if let start { locals[start] = 0 }
        for id in ids {
            guard let node = nodes[id] else { throw TextError.inconsistentHistory }
            let parents = try node.change.parents.map { parent throws(TextError) in
                guard let local = locals[parent] else { throw .inconsistentHistory }
                return local
            }
            locals[id] = try graph.append(
                node.change,
                parents: parents,
                isVoid: node.isVoid
            )
        }
        return graph
    }
}

extension EventGraph {
    /// Adds a change as it stands at the border.
    @discardableResult
    mutating func append(
        _ change: TextChange,
        parents: [Int32],
        isVoid: Bool
    ) throws(TextError) -> Int32 {
        let limit = Int32(EgWalkerLimits.maximumScalarCount)
        for span in change.spans {
            switch span {
            case .insert(let at, let text):
                let source = Int32(store.scalarCount)
                let count = store.append(text)
                guard store.scalarCount <= EgWalkerLimits.maximumInsertedScalarCount else { throw .tooLarge }
                if count == 0 { continue }
                append(Span(position: Int32(exactly: at) ?? -1, count: Int32(count), source: source))
            case .delete(let at, let count):
                if count == 0 { continue }
                let isSane = at >= 0 && at <= limit && count > 0 && count <= limit
                append(
                    isSane
                        ? Span(position: Int32(at), count: -Int32(count), source: 0)
                        : Span(position: -1, count: -1, source: 0)
                )
            }
        }
        var flags: Flags = []
        if isVoid { flags.insert(.isVoid) }
        if change.isRepaired { flags.insert(.isRepaired) }
        if change.settles { flags.insert(.settles) }
        return close(change.id, parents: parents.sorted(), flags: flags, sourceEnd: store.scalarCount)
    }

    /// By node, whether `version` is it or has it in its past.
    func past(of version: [Int32]) -> [Bool] {
        var isPast = [Bool](repeating: false, count: count)
        for node in version { isPast[Int(node)] = true }
        for node in stride(from: Int32(count - 1), through: 0, by: -1) where isPast[Int(node)] {
            for parent in parents(of: node) { isPast[Int(parent)] = true }
        }
        return isPast
    }
}
