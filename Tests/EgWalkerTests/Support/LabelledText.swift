import EgWalker

/// A text whose scalars know where they come from, spliced plainly: what a side of a merge made of the base.
struct LabelledText {
    private(set) var scalars: [Unicode.Scalar]
    /// Beside each scalar: its place in the base, or -1 if it was typed since.
    private(set) var labels: [Int32]
    private var next: UInt32

    /// - Parameter typing: The first of the scalars that are put in, each of which is used once.
    init(_ base: [Unicode.Scalar], typing: UInt32) {
        scalars = base
        labels = Array(0..<Int32(base.count))
        // An earlier round typed from there on, too.
        let last = base.lazy.map(\.value).filter { $0 >= typing && $0 < typing + 0x8000 }.max()
        next = last.map { $0 + 1 } ?? typing
    }

    /// Puts in up to eight scalars, takes some out or both, and gives that as spans.
    mutating func randomSpans(_ random: inout Seeded) -> [TextSpan] {
        var spans: [TextSpan] = []
        if !scalars.isEmpty, random.chance(60) {
            let at = random.below(scalars.count)
            let most = random.chance(10) ? scalars.count / 50 + 1 : 12
            let count = min(scalars.count - at, 1 + random.below(most))
            spans.append(.delete(at: at, count: count))
            scalars.removeSubrange(at..<at + count)
            labels.removeSubrange(at..<at + count)
        }
        if spans.isEmpty || random.chance(60) {
            let at = random.below(scalars.count + 1)
            let typed = (0..<1 + random.below(8)).compactMap { _ in
                defer { next += 1 }
                return Unicode.Scalar(next)
            }
            spans.append(.insert(at: at, text: string(of: typed)))
            scalars.insert(contentsOf: typed, at: at)
            labels.insert(contentsOf: repeatElement(-1, count: typed.count), at: at)
        }
        return spans
    }
}
