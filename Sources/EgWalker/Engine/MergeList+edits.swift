/// Names of scalars, consecutive.
struct IDRange: Equatable {
    var start: Int32
    var count: Int32

    var end: Int32 { start + count }
}

extension MergeList {
    /// Inserts a run behind the first `position` visible scalars, where the ordering rule says.
    ///
    /// The place begins just behind the scalar before it, or at the very start. Runs there that the author could not
    /// see (prepare 0) make a gap in which the rule chooses; see ``placeInGap(_:from:left:stop:graph:)``.
    mutating func insert(_ inserted: IDRange, at position: Int, graph: EventGraph) {
        var run = Run(id: inserted.start, count: inserted.count, leftOrigin: Self.noOrigin, rightParent: 0, prepare: 1)
        guard position > 0 else {
            insert(&run, at: Place(block: 0, index: 0), graph: graph)
            return
        }
        var (place, offset) = findVisible(position - 1)
        place = makeRoom(place)
        let left = self[place]
        run.leftOrigin = left.id + offset
        if offset + 1 < left.count {
            // In the middle of a run there is no gap.
            cut(place, at: offset + 1)
            run.rightParent = run.leftOrigin + 1
            open(Place(block: place.block, index: place.index + 1), for: run)
            return
        }
        guard let following = next(place) else { preconditionFailure("nothing stands behind the end mark") }
        let stop = self[following]
        if stop.prepare != 0 {
            run.rightParent = stop.id
            if left.end == run.id, left.rightParent == run.rightParent, !left.isGone, !left.isInOldText, left.id >= 0 {
                // Typing on: the scalars follow each other in name and place, so they are one run.
                runs[self.position(place)].count += run.count
                visible[place.block] += run.count
            } else {
                open(Place(block: place.block, index: place.index + 1), for: run)
            }
            return
        }
        insert(&run, at: following, graph: graph)
    }

    /// Inserts at `first` or behind it: everything from there to the first run with prepare other than 0 is the gap.
    private mutating func insert(_ run: inout Run, at first: Place, graph: EventGraph) {
        var stop = first
        while self[stop].prepare == 0, let following = next(stop) { stop = following }
        run.rightParent = self[stop].id
        let chosen = placeInGap(run, from: first, graph: graph)
        // Room is made for the run before the chosen place, in the block of that place.
        open(makeRoom(chosen), for: run)
    }

    /// The ordering rule, FugueMax as a scan over the gap (docs/text-merge.md). Part of the format for ever.
    private func placeInGap(_ run: Run, from first: Place, graph: EventGraph) -> Place {
        var here = first
        var current = first
        var isHolding = false
        while true {
            let other = self[current]
            if other.prepare != 0 { break }
            if other.leftOrigin == run.leftOrigin {
                if other.rightParent == run.rightParent {
                    if graph.idOfInsertion(run.id) < graph.idOfInsertion(other.id) { break }
                    isHolding = false
                } else {
                    isHolding = isBefore(other.rightParent, run.rightParent)
                }
            } else if run.leftOrigin != Self.noOrigin {
                // Only a scalar behind the left one can be an origin here without ending the scan.
                if other.leftOrigin == Self.noOrigin || isBefore(other.leftOrigin, run.leftOrigin) { break }
            }
            guard let following = next(current) else { break }
            current = following
            if !isHolding { here = current }
        }
        return here
    }

    /// Deletes `count` visible scalars behind the first `position`, and appends their names to `targets`.
    mutating func delete(at position: Int, count: Int, targets: inout [IDRange]) {
        let firstTarget = targets.count
        var left = Int32(count)
        var (place, offset) = findVisible(position)
        while left > 0 {
            if self[place].prepare != 1 {
                guard let following = next(place) else {
                    preconditionFailure("a deletion was checked against the text")
                }
                place = following
                continue
            }
            if offset > 0 {
                place = makeRoom(place)
                cut(place, at: offset)
                place.index += 1
                offset = 0
            }
            if self[place].count > left {
                place = makeRoom(place)
                cut(place, at: left)
            }
            let index = self.position(place)
            let run = runs[index]
            if run.isGone, targets.count == firstTarget { doubleDeletions.insert(run.id) }
            runs[index].prepare = 2
            runs[index].isGone = true
            visible[place.block] -= run.count
            left -= run.count
            if targets.count > firstTarget, targets[targets.count - 1].end == run.id {
                targets[targets.count - 1].count += run.count
            } else {
                targets.append(IDRange(start: run.id, count: run.count))
            }
        }
    }

    /// Deletes scalars by name, visible ones; what a repair does.
    mutating func delete(_ range: IDRange) {
        forEachRun(of: range) { list, place in
            let index = list.position(place)
            if list.runs[index].prepare == 1 { list.visible[place.block] -= list.runs[index].count }
            list.runs[index].prepare += 1
            list.runs[index].isGone = true
        }
    }

    /// Moves scalars one step in the prepare version: +1 when the change that inserted or deleted them enters it, -1
    /// when it leaves. Neither order nor text change.
    mutating func flip(_ range: IDRange, by step: Int32) {
        forEachRun(of: range) { list, place in
            let index = list.position(place)
            let before = list.runs[index].prepare
            list.runs[index].prepare = before + step
            if before == 1 {
                list.visible[place.block] -= list.runs[index].count
            } else if before + step == 1 {
                list.visible[place.block] += list.runs[index].count
            }
        }
    }

    /// Calls `body` with each run of the range, cut so that it is all inside.
    mutating func forEachRun(of range: IDRange, _ body: (inout MergeList, Place) -> Void) {
        var id = range.start
        while id < range.end {
            var place = find(id)
            let run = self[place]
            if run.id < id {
                place = makeRoom(place)
                cut(place, at: id - run.id)
                place.index += 1
            }
            if self[place].end > range.end {
                place = makeRoom(place)
                cut(place, at: range.end - id)
            }
            let end = self[place].end
            body(&self, place)
            id = end
        }
    }

    /// Whether every scalar of the range satisfies `condition`.
    func allRuns(of range: IDRange, satisfy condition: (Run) -> Bool) -> Bool {
        var id = range.start
        while id < range.end {
            let run = self[find(id)]
            if !condition(run) { return false }
            id = run.end
        }
        return true
    }

    func forEach(_ body: (Run) -> Void) {
        for slot in order {
            let first = Int(slot) * Self.capacity
            for index in first..<first + Int(used[Int(slot)]) { body(runs[index]) }
        }
    }

    mutating func changeEach(_ body: (inout Run) -> Void) {
        for slot in order {
            let first = Int(slot) * Self.capacity
            for index in first..<first + Int(used[Int(slot)]) { body(&runs[index]) }
        }
    }
}
