/// The order of a walk: first what the old text has, then the rest.
struct WalkOrder {
    var old: [Int32] = []
    var new: [Int32] = []
    /// Beside `new`: whether everything walked before is in the change's past, and everything after follows it.
    var cuts: [Bool] = []
    /// The same of the last old change.
    var startsAtCut = false
}

extension EventGraph {
    /// An order with parents first that finishes a branch before it starts the next, short branches first, because a
    /// branch that is left must be walked back. Any order gives the same text. O(nodes and their parents).
    func walkOrder(isOld: (Int32) -> Bool) -> WalkOrder {
        let (order, oldCount) = branchwise(isOld: isOld)
        let cuts = self.cuts(order)
        return WalkOrder(
            old: Array(order[1..<oldCount]),
            new: Array(order[oldCount...]),
            cuts: Array(cuts[oldCount...]),
            startsAtCut: cuts[oldCount - 1]
        )
    }

    /// All nodes from the start on, and how many of them are old (the start is).
    private func branchwise(isOld: (Int32) -> Bool) -> (order: [Int32], oldCount: Int) {
        // The size of what hangs below a node alone.
        var sizes = [Int32](repeating: 1, count: count)
        var childCounts = [Int32](repeating: 0, count: count + 1)
        var missing = [Int32](repeating: 0, count: count)
        for node in stride(from: Int32(count - 1), to: 0, by: -1) {
            let parents = self.parents(of: node)
            missing[Int(node)] = Int32(parents.count)
            for parent in parents { childCounts[Int(parent) + 1] += 1 }
            if parents.count == 1, let parent = parents.first { sizes[Int(parent)] += sizes[Int(node)] }
        }
        for node in 0..<count { childCounts[node + 1] += childCounts[node] }
        var children = [Int32](repeating: 0, count: Int(childCounts[count]))
        var next = childCounts
        for node in 1..<Int32(max(count, 1)) {
            for parent in parents(of: node) {
                children[Int(next[Int(parent)])] = node
                next[Int(parent)] += 1
            }
        }
        var order: [Int32] = []
        order.reserveCapacity(count)
        var oldStack: [Int32] = [0]
        var newStack: [Int32] = []
        var oldCount = 0
        while let node = oldStack.popLast() ?? newStack.popLast() {
            order.append(node)
            if node == 0 || isOld(node) { oldCount += 1 }
            let range = Int(childCounts[Int(node)])..<Int(childCounts[Int(node) + 1])
            if range.count > 1 { children[range].sort { (sizes[Int($0)], $0) > (sizes[Int($1)], $1) } }
            for child in children[range] {
                missing[Int(child)] -= 1
                if missing[Int(child)] > 0 { continue }
                if isOld(child) { oldStack.append(child) } else { newStack.append(child) }
            }
        }
        return (order, oldCount)
    }

    private func cuts(_ order: [Int32]) -> [Bool] {
        var place = [Int32](repeating: 0, count: count)
        for (index, node) in order.enumerated() { place[Int(node)] = Int32(index) }
        // The earliest parent of everything behind a place.
        var cuts = [Bool](repeating: false, count: order.count)
        var earliest = Int32.max
        for index in stride(from: order.count - 1, through: 0, by: -1) {
            cuts[index] = earliest >= Int32(index)
            for parent in parents(of: order[index]) { earliest = min(earliest, place[Int(parent)]) }
        }
        var hasChild = [Bool](repeating: false, count: count)
        var headCount = 0
        for (index, node) in order.enumerated() {
            for parent in parents(of: node) where !hasChild[Int(parent)] {
                hasChild[Int(parent)] = true
                headCount -= 1
            }
            headCount += 1
            if headCount > 1 { cuts[index] = false }
        }
        return cuts
    }
}
