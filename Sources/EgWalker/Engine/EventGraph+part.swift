/// A part of a graph as a graph of its own, over the same store.
struct GraphPart {
    var graph: EventGraph
    /// By number in the part: the number in the whole.
    var wholeNumbers: [Int32]

    /// The number in the part of a node of the whole that is in it; what the start stands for gives 0.
    func number(_ whole: Int32) -> Int32 {
        var low = 1
        var high = wholeNumbers.count
        while low < high {
            let middle = (low + high) / 2
            if wholeNumbers[middle] < whole { low = middle + 1 } else { high = middle }
        }
        return low < wholeNumbers.count && wholeNumbers[low] == whole ? Int32(low) : 0
    }

    func numbers(_ whole: [Int32]) -> [Int32] { whole.map(number) }

    /// Adds nodes of the whole, ascending and later than those the part has.
    mutating func append(_ nodes: some Collection<Int32>, of whole: EventGraph) {
        graph.store = whole.store
        var parents: [Int32] = []
        wholeNumbers.reserveCapacity(wholeNumbers.count + nodes.count)
        for node in nodes {
            let place = graph.count
            for index in whole.spanRange(of: node) { graph.append(whole.spans[index]) }
            parents.removeAll(keepingCapacity: true)
            for index in whole.parentRange(of: node) {
                let parent = whole.parentList[index]
                // Mostly the node before.
                let number = wholeNumbers[place - 1] == parent ? Int32(place - 1) : number(parent)
                if parents.last != number { parents.append(number) }
            }
            graph.copy(whole, node, parents: parents)
            wholeNumbers.append(node)
        }
    }
}

extension EventGraph {
    /// The part that `nodes` make, ascending and without `start`, whose parents outside of it are `start` or stand
    /// for it.
    func part(of nodes: [Int32], start: Int32) -> GraphPart {
        var part = GraphPart(graph: EventGraph(), wholeNumbers: [start])
        part.graph.reserve(nodes: nodes.count, spans: nodes.reduce(0) { $0 + spanRange(of: $1).count })
        part.append(nodes, of: self)
        return part
    }

    /// The text of a version; the whole begins at the root. Replays the version's past.
    func text(at version: [Int32], isRepairing: Bool = true) -> String {
        let isPast = past(of: version)
        let part = part(of: (1..<Int32(max(count, 1))).filter { isPast[Int($0)] }, start: 0)
        return part.graph.wholeText(at: part.numbers(version), isRepairing: isRepairing)
    }

    /// The changes that `nodes` stand for: a repair stands for its parents.
    func realNodes(_ nodes: some Sequence<Int32>) -> [Int32] {
        nodes.flatMap { node in
            flags[Int(node)].contains(.isRepair) ? Array(parents(of: node)) : [node]
        }
    }
}
