/// Which tokens of two texts are the same ones, in order: the longest such list where it can be found in bounded time
/// (Myers, "An O(ND) difference algorithm and its variations", 1986), otherwise one hung on the tokens that occur once
/// on both sides (the patience method).
struct TokenMatching {
    private let left: [Int32]
    private let right: [Int32]
    private var stepsLeft = EgWalkerLimits.maximumDiffStepCount
    private var matched: [(Int, Int)] = []
    /// By name: how often it occurs in the ranges at hand, and where. Cleared after each use.
    private var occurrences: [(left: Int32, right: Int32, leftPlace: Int32, rightPlace: Int32)]

    /// Two ranges that remain to be matched.
    private struct Task {
        var left: Range<Int>
        var right: Range<Int>
    }

    init(_ left: [Int32], _ right: [Int32], nameCount: Int) {
        self.left = left
        self.right = right
        occurrences = Array(repeating: (0, 0, 0, 0), count: nameCount)
    }

    /// The matched tokens, ascending on both sides.
    mutating func pairs() -> [(Int, Int)] {
        // A stack instead of recursion: ranges are met from left to right.
        var tasks = [Task(left: 0..<left.count, right: 0..<right.count)]
        while var task = tasks.popLast() {
            while let l = task.left.first, let r = task.right.first, left[l] == right[r] {
                matched.append((l, r))
                task.left.removeFirst()
                task.right.removeFirst()
            }
            var tail = 0
            while tail < min(task.left.count, task.right.count),
                left[task.left.upperBound - 1 - tail] == right[task.right.upperBound - 1 - tail]
            { tail += 1 }
            let inner = Task(left: task.left.dropLast(tail), right: task.right.dropLast(tail))
            if tail > 0, !(inner.left.isEmpty && inner.right.isEmpty) {
                // The common tail comes after what is inside.
                tasks.append(
                    Task(
                        left: inner.left.upperBound..<task.left.upperBound,
                        right: inner.right.upperBound..<task.right.upperBound
                    )
                )
                tasks.append(inner)
                continue
            }
            if tail > 0 {
                for step in 0..<tail { matched.append((task.left.lowerBound + step, task.right.lowerBound + step)) }
                continue
            }
            if inner.left.isEmpty || inner.right.isEmpty || shortest(inner) { continue }
            let anchors = anchors(inner)
            if anchors.isEmpty { continue }
            tasks.append(contentsOf: Self.between(anchors, inner).reversed())
        }
        return matched
    }

    // MARK: Myers

    /// Matches the shortest way, or not at all if the bounds do not allow it.
    private mutating func shortest(_ task: Task) -> Bool {
        let (n, m) = (task.left.count, task.right.count)
        let (leftBase, rightBase) = (task.left.lowerBound, task.right.lowerBound)
        let bound = min(n + m, EgWalkerLimits.maximumEditDistance)
        let center = bound + 1
        var furthest = [Int32](repeating: 0, count: 2 * bound + 3)
        // For each distance, the furthest points as they were before it, diagonals -d ... d.
        var trace: [Int32] = []
        for distance in 0...bound {
            trace.append(contentsOf: furthest[center - distance...center + distance])
            for diagonal in stride(from: -distance, through: distance, by: 2) {
                let goesDown =
                    diagonal == -distance
                    || (diagonal != distance && furthest[center + diagonal - 1] < furthest[center + diagonal + 1])
                var x = Int(goesDown ? furthest[center + diagonal + 1] : furthest[center + diagonal - 1] + 1)
                let first = x
                while x < n, x - diagonal < m, left[leftBase + x] == right[rightBase + x - diagonal] { x += 1 }
                stepsLeft -= 1 + x - first
                furthest[center + diagonal] = Int32(x)
                if x >= n, x - diagonal >= m {
                    walkBack(task, distance: distance, trace: trace)
                    return true
                }
            }
            if stepsLeft < 0 { return false }
        }
        return false
    }

    private mutating func walkBack(_ task: Task, distance: Int, trace: [Int32]) {
        var (x, y) = (task.left.count, task.right.count)
        var found: [(Int, Int)] = []
        func match(downTo start: Int) {
            while x > start, y > 0 {
                x -= 1
                y -= 1
                found.append((task.left.lowerBound + x, task.right.lowerBound + y))
            }
        }
        for step in stride(from: distance, to: 0, by: -1) {
            // The part of step d begins after 1 + 3 + … + (2d - 1) entries and has diagonal 0 at its entry d.
            let center = step * step + step
            let diagonal = x - y
            func reached(_ diagonal: Int) -> Int32 {
                diagonal < -step || diagonal > step ? -1 : trace[center + diagonal]
            }
            let goesDown =
                diagonal == -step
                || (diagonal != step && reached(diagonal - 1) < reached(diagonal + 1))
            let before = goesDown ? diagonal + 1 : diagonal - 1
            let beforeX = Int(reached(before))
            match(downTo: goesDown ? beforeX : beforeX + 1)
            (x, y) = (beforeX, beforeX - before)
        }
        match(downTo: 0)
        matched.append(contentsOf: found.reversed())
    }

    // MARK: Anchors

    /// The tokens that occur once on both sides, as many as stand in the same order.
    private mutating func anchors(_ task: Task) -> [(Int, Int)] {
        for place in task.left {
            occurrences[Int(left[place])].left += 1
            occurrences[Int(left[place])].leftPlace = Int32(place)
        }
        for place in task.right {
            occurrences[Int(right[place])].right += 1
            occurrences[Int(right[place])].rightPlace = Int32(place)
        }
        var unique: [(Int, Int)] = []
        for place in task.left {
            let entry = occurrences[Int(left[place])]
            if entry.left == 1, entry.right == 1 { unique.append((place, Int(entry.rightPlace))) }
        }
        for place in task.left { occurrences[Int(left[place])] = (0, 0, 0, 0) }
        for place in task.right { occurrences[Int(right[place])] = (0, 0, 0, 0) }
        stepsLeft -= task.left.count + task.right.count
        return Self.longestAscending(unique)
    }

    /// The longest part of `pairs` whose second members ascend. O(n log n).
    private static func longestAscending(_ pairs: [(Int, Int)]) -> [(Int, Int)] {
        var tails: [Int] = []
        var previous = [Int](repeating: -1, count: pairs.count)
        for (index, pair) in pairs.enumerated() {
            var low = 0
            var high = tails.count
            while low < high {
                let middle = (low + high) / 2
                if pairs[tails[middle]].1 < pair.1 { low = middle + 1 } else { high = middle }
            }
            if low > 0 { previous[index] = tails[low - 1] }
            if low == tails.count { tails.append(index) } else { tails[low] = index }
        }
        var chain: [(Int, Int)] = []
        var index = tails.last ?? -1
        while index >= 0 {
            chain.append(pairs[index])
            index = previous[index]
        }
        return chain.reversed()
    }

    /// The ranges before, between and behind the anchors; each begins with the anchor in front of it.
    private static func between(_ anchors: [(Int, Int)], _ task: Task) -> [Task] {
        var tasks: [Task] = []
        var (leftStart, rightStart) = (task.left.lowerBound, task.right.lowerBound)
        for (l, r) in anchors {
            tasks.append(Task(left: leftStart..<l, right: rightStart..<r))
            (leftStart, rightStart) = (l, r)
        }
        tasks.append(Task(left: leftStart..<task.left.upperBound, right: rightStart..<task.right.upperBound))
        return tasks
    }
}
