/// The temporary list of a replay: every scalar that was ever inserted since the start, in text order, deleted ones too,
/// as runs; and the text from before the start as one unknown run, the base.
///
/// Runs lie in blocks of up to 32, with the count of visible scalars of each block beside, so that a position is found
/// in (blocks + one block) steps over contiguous integers, and with a sorted index from scalar names to blocks.
///
/// The base ends with one scalar more than the text has: the end mark. It is always visible and never deleted, so every
/// place in the text has a right neighbour and the list is never empty.
struct MergeList {
    /// A run of scalars with consecutive names and equal states.
    struct Run {
        /// The first scalar's name: its place in the ``TextStore``; negative for the base.
        var id: Int32
        var count: Int32
        /// The scalar before it, visible to the author, when it was inserted.
        var leftOrigin: Int32
        /// The scalar that ended the gap it was inserted into.
        var rightParent: Int32
        /// In the version that the next change was made in: 0 not inserted, 1 visible, 1 + k deleted by k changes.
        var prepare: Int32
        /// Deleted by a change walked so far. Never goes back.
        var isGone = false
        /// In the text before the replay.
        var isInOldText = false
        /// Taken out of the text by the repair of the version that is shown.
        var isHidden = false

        var end: Int32 { id + count }
    }

    /// A run's place: its block in text order, and its index there.
    struct Place {
        var block: Int
        var index: Int
    }

    static let capacity = 32
    static let noOrigin = Int32.min
    /// The name of the base's first scalar, and how many scalars a base of unknown length has.
    static let baseID: Int32 = -(1 << 30)
    static let unknownBaseCount: Int32 = (1 << 30) - 1

    var runs: [Run] = []
    /// By slot: runs in use.
    var used: [Int32] = []
    /// The slots in text order.
    var order: [Int32] = []
    /// By slot: its place in `order`.
    var blockOf: [Int32] = []
    /// By place in `order`: scalars visible in the prepare version.
    var visible: [Int32] = []
    /// The first names of all runs, and the slots they lie in. Inserted text mostly comes at its index's end, pieces of
    /// the base within theirs.
    private var insertedIndex = RunIndex()
    private var baseIndex = RunIndex()
    /// The first scalars of deletions that were gone already: where both sides may have deleted the same.
    var doubleDeletions: Set<Int32> = []

    init() {}

    /// Begins anew over a text of `count` scalars.
    mutating func reset(baseCount: Int32, isInOldText: Bool) {
        runs.removeAll(keepingCapacity: true)
        used.removeAll(keepingCapacity: true)
        order.removeAll(keepingCapacity: true)
        blockOf.removeAll(keepingCapacity: true)
        visible.removeAll(keepingCapacity: true)
        insertedIndex.removeAll()
        baseIndex.removeAll()
        doubleDeletions.removeAll()
        runs.append(contentsOf: repeatElement(Self.nothing, count: Self.capacity))
        var base = Self.nothing
        base.id = Self.baseID
        base.count = baseCount
        base.prepare = 1
        base.isInOldText = isInOldText
        runs[0] = base
        used.append(1)
        order.append(0)
        blockOf.append(0)
        visible.append(baseCount)
        baseIndex.add(base.id, slot: 0)
    }

    static let nothing = Run(id: 0, count: 0, leftOrigin: noOrigin, rightParent: 0, prepare: 0)

    /// Scalars of the prepare version's text, the end mark not counted.
    var visibleCount: Int {
        var sum = -1
        for count in visible { sum += Int(count) }
        return sum
    }

    // MARK: Places

    func position(_ place: Place) -> Int { Int(order[place.block]) * Self.capacity + place.index }

    subscript(place: Place) -> Run { runs[position(place)] }

    func usedCount(_ block: Int) -> Int { Int(used[Int(order[block])]) }

    /// The run after `place`.
    func next(_ place: Place) -> Place? {
        if place.index + 1 < usedCount(place.block) { return Place(block: place.block, index: place.index + 1) }
        return place.block + 1 < order.count ? Place(block: place.block + 1, index: 0) : nil
    }

    /// The run that holds visible scalar `target`, counted from 0, and the scalar's place in the run.
    func findVisible(_ target: Int) -> (place: Place, offset: Int32) {
        var rest = Int32(target)
        var block = 0
        while rest >= visible[block] {
            rest -= visible[block]
            block += 1
        }
        var index = Int(order[block]) * Self.capacity
        let first = index
        while true {
            if runs[index].prepare == 1 {
                if rest < runs[index].count { break }
                rest -= runs[index].count
            }
            index += 1
        }
        return (Place(block: block, index: index - first), rest)
    }

    /// The run that holds the scalar of this name.
    func find(_ id: Int32) -> Place {
        let slot = Int(id < 0 ? baseIndex.slot(of: id) : insertedIndex.slot(of: id))
        var index = slot * Self.capacity
        while id < runs[index].id || id >= runs[index].end { index += 1 }
        return Place(block: Int(blockOf[slot]), index: index - slot * Self.capacity)
    }

    /// Whether one scalar stands before another in the list.
    func isBefore(_ left: Int32, _ right: Int32) -> Bool {
        let leftPlace = find(left)
        let rightPlace = find(right)
        if leftPlace.block != rightPlace.block { return leftPlace.block < rightPlace.block }
        if leftPlace.index != rightPlace.index { return leftPlace.index < rightPlace.index }
        return left < right
    }

    // MARK: Shape

    /// Sees to it that two more runs fit the block of `place`, and returns where the place is then.
    mutating func makeRoom(_ place: Place) -> Place {
        let slot = Int(order[place.block])
        if Int(used[slot]) <= Self.capacity - 2 { return place }
        let half = Int(used[slot]) / 2
        let moved = Int(used[slot]) - half
        let new = used.count
        runs.append(contentsOf: repeatElement(Self.nothing, count: Self.capacity))
        var movedVisible: Int32 = 0
        for index in 0..<moved {
            let run = runs[slot * Self.capacity + half + index]
            runs[new * Self.capacity + index] = run
            if run.prepare == 1 { movedVisible += run.count }
            if run.id < 0 {
                baseIndex.move(run.id, toSlot: Int32(new))
            } else {
                insertedIndex.move(run.id, toSlot: Int32(new))
            }
        }
        used[slot] = Int32(half)
        used.append(Int32(moved))
        visible[place.block] -= movedVisible
        visible.insert(movedVisible, at: place.block + 1)
        order.insert(Int32(new), at: place.block + 1)
        blockOf.append(0)
        for block in place.block + 1..<order.count { blockOf[Int(order[block])] = Int32(block) }
        if place.index < half { return place }
        return Place(block: place.block + 1, index: place.index - half)
    }

    /// Puts a run before the one at `place`; there must be room.
    mutating func open(_ place: Place, for run: Run) {
        let slot = Int(order[place.block])
        let target = slot * Self.capacity + place.index
        let end = slot * Self.capacity + Int(used[slot])
        // Unsafe for speed only: one move within the block, which has room for one more.
        runs.withUnsafeMutableBufferPointer { runs in
            guard let base = runs.baseAddress, end < runs.count else { return }
            (base + target + 1).update(from: base + target, count: end - target)
            base[target] = run
        }
        used[slot] += 1
        if run.prepare == 1 { visible[place.block] += run.count }
        if run.id < 0 { baseIndex.add(run.id, slot: Int32(slot)) } else { insertedIndex.add(run.id, slot: Int32(slot)) }
    }

    /// Cuts the run at `place` before its scalar `offset`; there must be room. The second part keeps the right parent
    /// and hangs on the first.
    mutating func cut(_ place: Place, at offset: Int32) {
        let index = position(place)
        var second = runs[index]
        second.id += offset
        second.count -= offset
        second.leftOrigin = second.id - 1
        runs[index].count = offset
        if second.prepare == 1 { visible[place.block] -= second.count }
        open(Place(block: place.block, index: place.index + 1), for: second)
    }
}
