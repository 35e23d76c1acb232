/// From scalar names to the slots of the blocks that hold their runs: the first names of all runs, ascending.
struct RunIndex {
    private var starts: [Int32] = []
    private var slots: [Int32] = []

    mutating func removeAll() {
        starts.removeAll(keepingCapacity: true)
        slots.removeAll(keepingCapacity: true)
    }

    /// Where the run that holds the scalar lies.
    func slot(of id: Int32) -> Int32 { slots[entry(of: id)] }

    mutating func add(_ start: Int32, slot: Int32) {
        if let last = starts.last, last > start {
            let entry = starts[0] > start ? 0 : entry(of: start) + 1
            starts.insert(start, at: entry)
            slots.insert(slot, at: entry)
        } else {
            starts.append(start)
            slots.append(slot)
        }
    }

    mutating func move(_ start: Int32, toSlot slot: Int32) { slots[entry(of: start)] = slot }

    /// The last start that is not greater than `id`.
    private func entry(of id: Int32) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= id { low = middle } else { high = middle }
        }
        return low
    }
}
