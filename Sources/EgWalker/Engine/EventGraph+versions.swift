extension EventGraph {
    /// The changes that only `left`, and only `right`, has in its past (or is), each latest first.
    func difference(_ left: [Int32], _ right: [Int32]) -> (left: [Int32], right: [Int32]) {
        var difference = VersionDifference()
        difference.find(self, left, right[...])
        return (difference.left, difference.right)
    }

    /// Where a replay up to `version` may start: the latest node that all of the version's past either is in the past
    /// of, or follows. With it the nodes that follow it, ascending.
    func start(of version: [Int32]) -> (start: Int32, following: [Int32]) {
        var heap = MaximumHeap()
        for node in version { heap.push(Int(node)) }
        if version.isEmpty { heap.push(0) }
        var following: [Int32] = []
        while let node = heap.pop() {
            while heap.top == node { heap.pop() }
            if heap.isEmpty { return (Int32(node), following.reversed()) }
            following.append(Int32(node))
            // The root is an entry like any other: two changes that both begin a text meet only there.
            for index in parentRange(of: Int32(node)) { heap.push(Int(parentList[index])) }
        }
        return (0, following.reversed())
    }

    /// Whether `version` is `node` or has it in its past. Looks at nothing older than `node`.
    func contains(_ node: Int32, in version: [Int32]) -> Bool {
        version.contains(node) || !reached(from: version, among: [node]).isEmpty
    }

    /// `nodes` without those that another of them has in its past, ascending.
    func minimal(_ nodes: [Int32]) -> [Int32] {
        let candidates = Set(nodes).sorted()
        if candidates.count < 2 { return candidates }
        let reached = reached(from: candidates, among: candidates)
        return candidates.filter { !reached.contains($0) }
    }

    /// Those of `targets`, ascending, that are in the past of a node of `version`.
    private func reached(from version: [Int32], among targets: [Int32]) -> [Int32] {
        guard let oldest = targets.first else { return [] }
        var heap = MaximumHeap()
        for node in version { for parent in parents(of: node) where parent >= oldest { heap.push(Int(parent)) } }
        var reached: [Int32] = []
        while let node = heap.pop() {
            while heap.top == node { heap.pop() }
            if targets.contains(Int32(node)) { reached.append(Int32(node)) }
            for parent in parents(of: Int32(node)) where parent >= oldest { heap.push(Int(parent)) }
        }
        return reached
    }
}

/// What two versions do not share. A value of its own so that a walk can use its memory again and again.
struct VersionDifference {
    /// The changes that only one side has in its past (or is), latest first.
    private(set) var left: [Int32] = []
    private(set) var right: [Int32] = []
    private var heap = MaximumHeap()

    mutating func find(_ graph: EventGraph, _ leftVersion: [Int32], _ rightVersion: ArraySlice<Int32>) {
        left.removeAll(keepingCapacity: true)
        right.removeAll(keepingCapacity: true)
        heap.removeAll()
        // An entry is a number and two marks; a number's marks are complete when it is popped, because its children
        // have greater numbers. Open are the entries that only one side has.
        var openCount = leftVersion.count + rightVersion.count
        for node in leftVersion { heap.push(Int(node) << 2 | 1) }
        for node in rightVersion { heap.push(Int(node) << 2 | 2) }
        while openCount > 0, let entry = heap.pop() {
            var marks = entry & 3
            let node = entry >> 2
            if marks != 3 { openCount -= 1 }
            while let next = heap.top, next >> 2 == node {
                heap.pop()
                if next & 3 != 3 { openCount -= 1 }
                marks |= next & 3
            }
            if marks == 1 { left.append(Int32(node)) } else if marks == 2 { right.append(Int32(node)) }
            for index in graph.parentRange(of: Int32(node)) {
                heap.push(Int(graph.parentList[index]) << 2 | marks)
                if marks != 3 { openCount += 1 }
            }
        }
    }
}

/// A binary heap of integers, greatest first.
struct MaximumHeap {
    private var entries: [Int] = []

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }
    var top: Int? { entries.first }

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    mutating func push(_ entry: Int) {
        entries.append(entry)
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if entries[parent] >= entry { break }
            entries[child] = entries[parent]
            child = parent
        }
        entries[child] = entry
    }

    @discardableResult
    mutating func pop() -> Int? {
        guard let top = entries.first, let last = entries.popLast() else { return nil }
        if entries.isEmpty { return top }
        var parent = 0
        while true {
            var child = parent * 2 + 1
            if child >= entries.count { break }
            if child + 1 < entries.count, entries[child + 1] > entries[child] { child += 1 }
            if entries[child] <= last { break }
            entries[parent] = entries[child]
            parent = child
        }
        entries[parent] = last
        return top
    }
}
