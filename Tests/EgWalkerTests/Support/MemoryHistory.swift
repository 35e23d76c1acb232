@testable import EgWalker

/// A history in memory, as a store would give it.
struct MemoryHistory: TextHistory {
    private(set) var nodes: [ChangeID: TextNode] = [:]

    init(_ changes: [TextChange] = []) { for change in changes { append(change) } }

    mutating func append(_ change: TextChange, isVoid: Bool = false) {
        nodes[change.id] = TextNode(order: nodes.count * 3, change: change, isVoid: isVoid)
    }

    func node(_ id: ChangeID) throws -> TextNode? { nodes[id] }
}

/// The graph of changes that come parents first.
func graph(of changes: [TextChange]) throws -> (graph: EventGraph, heads: [Int32]) {
    var graph = EventGraph()
    var locals: [ChangeID: Int32] = [:]
    var heads: Set<Int32> = []
    for change in changes {
        let parents = change.parents.compactMap { locals[$0] }
        let local = try graph.append(change, parents: parents, isVoid: false)
        locals[change.id] = local
        heads.subtract(parents)
        heads.insert(local)
    }
    return (graph, heads.sorted())
}
