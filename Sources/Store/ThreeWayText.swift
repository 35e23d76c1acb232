import EgWalker

/// Merges texts that have no history of their own here.
enum ThreeWayText {
    /// What `base` becomes when what turned it into `mine` and what turned it into `theirs` both apply.
    static func merge(base: String, mine: String, theirs: String) throws -> String {
        if ExactText.isSame(base, theirs) { return mine }
        if ExactText.isSame(base, mine) { return theirs }
        let root = ChangeID(agent: 1, sequence: 1)
        func change(_ agent: UInt64, _ parents: [ChangeID], _ spans: [TextSpan]) -> TextChange {
            TextChange(
                id: ChangeID(agent: agent, sequence: 1),
                parents: parents,
                isRepaired: false,
                settles: false,
                spans: spans
            )
        }
        let changes = [
            change(1, [], base.isEmpty ? [] : [.insert(at: 0, text: base)]),
            change(2, [root], WordDiff.spans(from: base, to: mine)),
            change(3, [root], WordDiff.spans(from: base, to: theirs)),
        ]
        return try TextMerge.apply(changes, to: "", heads: [], history: NoHistory()).text
    }
}

enum ExactText {
    /// Byte for byte, unlike Swift's `==`.
    static func isSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }
}
