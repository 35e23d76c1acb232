/// Branches that meet, over the text that they all began with.
struct BranchMeeting {
    private var replay: Replay
    private let branches: [Int32]
    private let base: Sentences
    /// By branch: the changes that are its own, that is, not in every branch's past.
    private let own: [[Bool]]
    /// By branch: what its own changes deleted, ascending.
    private var deletions: [[(range: IDRange, node: Int32)]] = []

    /// A run of sentences that a change of a branch touched.
    private struct Touch {
        var sentences: ClosedRange<Int>
        var branch: Int
        var node: Int32
    }

    init(part: EventGraph, branches: [Int32], base: Sentences) {
        replay = Replay(graph: part, oldTextCount: 0)
        self.branches = branches
        self.base = base
        let pasts = branches.map { part.past(of: [$0]) }
        own = pasts.map { past in
            past.indices.map { node in past[node] && !pasts.allSatisfy { $0[node] } }
        }
        replay.walkKeepingList(part.walkOrder { _ in false }.new, baseCount: base.scalars.count)
        deletions = own.map { own in
            var ranges: [(range: IDRange, node: Int32)] = []
            for node in own.indices where own[node] {
                for span in part.spanRange(of: Int32(node)) {
                    for target in replay.targetsOfSpan[span] {
                        ranges.append((replay.targets[Int(target)], Int32(node)))
                    }
                }
            }
            return ranges.sorted { $0.range.start < $1.range.start }
        }
    }

    /// The stretches that more than one branch changed, to different texts. `naming` turns numbers into the caller's.
    mutating func conflicts(
        naming: (Int32) -> Int32
    ) -> [(base: String, versions: [(nodes: Set<Int32>, text: String)])] {
        let groups = groups()
        if groups.isEmpty { return [] }
        // One pass for each branch and all stretches.
        var texts: [[String]] = []
        for branch in branches {
            replay.move(toVersion: [branch])
            texts.append(self.texts(of: groups.map(\.sentences)))
        }
        var conflicts: [(base: String, versions: [(nodes: Set<Int32>, text: String)])] = []
        for (index, group) in groups.enumerated() {
            let before = string(of: base.scalars[base.places(of: group.sentences)])
            var versions: [(nodes: Set<Int32>, text: String)] = []
            for (branch, nodes) in group.nodes.sorted(by: { $0.key < $1.key }) {
                let text = texts[branch][index]
                // A branch that came back to what was there says nothing.
                if text.utf8.elementsEqual(before.utf8) { continue }
                versions.append((Set(nodes.map(naming)), text))
            }
            let first = versions.first
            if versions.dropFirst().contains(where: { !$0.text.utf8.elementsEqual((first?.text ?? "").utf8) }) {
                conflicts.append((before, versions))
            }
        }
        return conflicts
    }

    private func string(of scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    // MARK: Who touched what

    private typealias Group = (sentences: ClosedRange<Int>, nodes: [Int: Set<Int32>])

    /// Touches that overlap, joined; those of more than one branch.
    private func groups() -> [Group] {
        let touches = touches().sorted { $0.sentences.lowerBound < $1.sentences.lowerBound }
        var groups: [Group] = []
        for touch in touches {
            if let last = groups.last, touch.sentences.lowerBound <= last.sentences.upperBound {
                let upper = max(last.sentences.upperBound, touch.sentences.upperBound)
                groups[groups.count - 1].sentences = last.sentences.lowerBound...upper
            } else {
                groups.append((touch.sentences, [:]))
            }
            groups[groups.count - 1].nodes[touch.branch, default: []].insert(touch.node)
        }
        return groups.filter { $0.nodes.count > 1 }
    }

    private func touches() -> [Touch] {
        var touches: [Touch] = []
        var gap = 0
        replay.list.forEach { run in
            if run.id < 0 {
                let places = base.withoutWhiteSpaceBehind(gap..<max(gap, min(gap + Int(run.count), base.scalars.count)))
                if !places.isEmpty {
                    let sentences = base.index(of: places.lowerBound)...base.index(of: places.upperBound - 1)
                    for branch in branches.indices {
                        for node in deleters(of: run.id, branch: branch) {
                            touches.append(Touch(sentences: sentences, branch: branch, node: node))
                        }
                    }
                }
                gap += Int(run.count)
                return
            }
            guard let sentence = base.touched(at: gap, by: text(of: run)) else { return }
            let author = replay.graph.nodeOfInsertion(run.id)
            for branch in branches.indices {
                if own[branch][author] {
                    touches.append(Touch(sentences: sentence...sentence, branch: branch, node: Int32(author)))
                }
                for node in deleters(of: run.id, branch: branch) {
                    touches.append(Touch(sentences: sentence...sentence, branch: branch, node: node))
                }
            }
        }
        return touches
    }

    /// The branch's own changes that deleted the scalar `id`. Deletions of one branch overlap only if it has branches
    /// in it, so a look at few neighbours is enough, and more is not worth its time.
    private func deleters(of id: Int32, branch: Int) -> [Int32] {
        let ranges = deletions[branch]
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].range.start <= id { low = middle + 1 } else { high = middle }
        }
        var nodes: [Int32] = []
        var index = low - 1
        while index >= 0, nodes.count < 8, low - index < 16 {
            if ranges[index].range.end > id { nodes.append(ranges[index].node) }
            index -= 1
        }
        return nodes
    }

    private func text(of run: MergeList.Run) -> String {
        replay.graph.store.string(from: Int(run.id), count: Int(run.count))
    }

    // MARK: What became of it

    /// The text of each stretch in the version that the list is moved to.
    private func texts(of stretches: [ClosedRange<Int>]) -> [String] {
        var views = Array(repeating: String.UnicodeScalarView(), count: stretches.count)
        var gap = 0
        var next = 0
        replay.list.forEach { run in
            if run.id < 0 {
                let end = min(gap + Int(run.count), base.scalars.count)
                // A long run of the base may reach over several stretches.
                while next < stretches.count, base.places(of: stretches[next]).upperBound < gap { next += 1 }
                var stretch = next
                while run.prepare == 1, stretch < stretches.count {
                    let places = base.places(of: stretches[stretch])
                    if places.lowerBound >= end { break }
                    let part = places.clamped(to: gap..<max(end, gap))
                    views[stretch].append(contentsOf: base.scalars[part])
                    stretch += 1
                }
                gap += Int(run.count)
                return
            }
            guard run.prepare == 1 else { return }
            let inserted = text(of: run)
            guard let sentence = base.touched(at: gap, by: inserted) else {
                appendInside(inserted, gap, stretches, &views)
                return
            }
            for stretch in stretches.indices.dropFirst(max(next - 1, 0)) {
                if stretches[stretch].lowerBound > sentence { break }
                if stretches[stretch].contains(sentence) { views[stretch].append(contentsOf: inserted.unicodeScalars) }
            }
        }
        return views.map(String.init)
    }

    /// A line or sentence of its own belongs to a stretch only if it stands between two of its sentences.
    private func appendInside(
        _ inserted: String,
        _ gap: Int,
        _ stretches: [ClosedRange<Int>],
        _ views: inout [String.UnicodeScalarView]
    ) {
        for stretch in stretches.indices {
            let places = base.places(of: stretches[stretch])
            if places.lowerBound >= gap { break }
            if gap < places.upperBound { views[stretch].append(contentsOf: inserted.unicodeScalars) }
        }
    }
}
