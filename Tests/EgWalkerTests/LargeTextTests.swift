import Testing

import EgWalker

/// Texts that no person writes, but that some file holds: saved, merged apart and read back within bounded time.
/// Five megabytes in a release build, a twentieth of it in a debug build.
@Suite(.serialized) struct LargeTextTests {
    private static let byteCount = Int(amount(5_000_000, inDebug: 250_000).upperBound)

    private static func text(of kind: String) -> String {
        let piece =
            switch kind {
            case "words": "words in a single line "
            case "lines": "a line of text, one more\n"
            case "emoji": "👨‍👩‍👧👍🏽🇩🇪"
            case "marks": "\u{301}\u{302}"
            default: "中文字"
            }
        return String(repeating: piece, count: byteCount / piece.utf8.count)
    }

    @Test(arguments: ["words", "lines", "emoji", "marks", "Chinese"])
    func `a huge text is saved, edited apart, merged and read back`(kind: String) throws {
        let base = Self.text(of: kind)
        var first = TextDocument(agent: 1)
        try first.setText(base)
        var second = try TextDocument(agent: 2, decoding: first.encoded())
        #expect(isSame(second.text, base))
        let count = base.unicodeScalars.count
        try first.edit([.insert(at: count / 3, text: "one"), .delete(at: count / 2, count: count / 4)])
        try second.edit([.insert(at: count, text: "other"), .delete(at: 0, count: count / 5)])
        let sent = first.encoded(since: [ChangeID(agent: 1, sequence: 1)])
        try first.merge(second.encoded(since: [ChangeID(agent: 1, sequence: 1)]))
        try second.merge(sent)
        #expect(isSame(first.text, second.text))
        #expect(first.text.unicodeScalars.count == count - count / 4 - count / 5 + 8)
    }

    @Test(arguments: ["words", "lines", "emoji", "marks", "Chinese"])
    func `a huge text is compared with another in bounded time`(kind: String) {
        let base = Self.text(of: kind)
        for other in [Self.text(of: "words"), Self.text(of: "Chinese"), "x" + base, base + " x", ""] {
            let spans = WordDiff.spans(from: base, to: other)
            if spans.isEmpty { #expect(isSame(base, other)) } else { #expect(isSame(spliced(spans, base), other)) }
        }
    }

    /// Few spans on a huge text, without an array of its scalars.
    private func spliced(_ spans: [TextSpan], _ text: String) -> String {
        var document = TextDocument(agent: 1)
        _ = try? document.edit([.insert(at: 0, text: text)])
        _ = try? document.edit(spans)
        return document.text
    }
}
