import Testing

import EgWalker

/// Texts that no person writes, but that some file holds: saved, merged apart and read back within bounded time.
/// Five megabytes in a release build, a twentieth of it in a debug build.
@Suite(.serialized, .timeLimit(.minutes(5))) struct LargeTextTests {
    private static let kinds = ["words", "lines", "emoji", "marks", "Chinese"]
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

    @Test(arguments: kinds)
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

    @Test(arguments: kinds)
    func `a huge text is compared with another in bounded time`(kind: String) {
        let base = Self.text(of: kind)
        for other in [Self.text(of: "words"), Self.text(of: "Chinese"), "x" + base, base + " x", ""] {
            let spans = WordDiff.spans(from: base, to: other)
            if spans.isEmpty { #expect(isSame(base, other)) } else { #expect(isSame(spliced(spans, base), other)) }
        }
    }

    @Test(arguments: kinds, amount(2, inDebug: 1))
    func `a huge text edited at random on both sides keeps every scalar once`(kind: String, seed: UInt64) throws {
        var random = Seeded(seed)
        var first = TextDocument(agent: 1)
        try first.setText(Self.text(of: kind))
        var second = try TextDocument(agent: 2, decoding: first.encoded())
        for round in 0..<2 {
            let known = first.heads
            let base = Array(first.text.unicodeScalars)
            // What a side types are scalars that stand nowhere else.
            var sides = [LabelledText(base, typing: 0xF0000), LabelledText(base, typing: 0x10_0000)]
            for _ in 0..<25 {
                try first.edit(sides[0].randomSpans(&random))
                try second.edit(sides[1].randomSpans(&random))
            }
            let sent = first.encoded(since: known)
            try first.merge(second.encoded(since: known))
            try second.merge(sent)
            #expect(isSame(first.text, second.text), "\(kind), seed \(seed), round \(round)")
            #expect(keptAndTyped(in: first.text, base, sides), "\(kind), seed \(seed), round \(round)")
        }
        #expect(try isSame(TextDocument(agent: 3, decoding: second.encoded()).text, first.text))

        // A save of what an editor made of it, of which only the two texts are known.
        var edited = LabelledText(Array(first.text.unicodeScalars), typing: 0xF8000)
        for _ in 0..<5 { _ = edited.randomSpans(&random) }
        let text = string(of: edited.scalars)
        try first.setText(text)
        #expect(isSame(first.text, text), "\(kind), seed \(seed)")
    }

    /// Whether a merge has what both sides kept of the base, in its order, and what each typed and kept, in its order.
    private func keptAndTyped(in text: String, _ base: [Unicode.Scalar], _ sides: [LabelledText]) -> Bool {
        var isKept = [Bool](repeating: true, count: base.count)
        for side in sides {
            var isThere = [Bool](repeating: false, count: base.count)
            for label in side.labels where label >= 0 { isThere[Int(label)] = true }
            for index in base.indices where !isThere[index] { isKept[index] = false }
        }
        // What an earlier round typed is base now.
        let newer = sides.map { side in side.labels.indices.filter { side.labels[$0] < 0 }.map { side.scalars[$0] } }
        let typed = newer.map(Set.init)
        let merged = text.unicodeScalars
        let old = merged.filter { scalar in !typed.contains { $0.contains(scalar) } }
        return old.elementsEqual(base.indices.filter { isKept[$0] }.map { base[$0] })
            && zip(newer, typed).allSatisfy { own, set in merged.filter { set.contains($0) }.elementsEqual(own) }
    }

    /// Few spans on a huge text, without an array of its scalars.
    private func spliced(_ spans: [TextSpan], _ text: String) -> String {
        var document = TextDocument(agent: 1)
        _ = try? document.edit([.insert(at: 0, text: text)])
        _ = try? document.edit(spans)
        return document.text
    }
}
