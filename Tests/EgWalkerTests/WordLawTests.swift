import Testing

@testable import EgWalker

/// Two people change a 20 KB note apart, 200 times each; every inserted word is one of its kind, so that its fate can be
/// followed. The method is that of the measurements that the word diff rests on (docs/text-merge.md).
@Suite struct WordLawTests {
    static let base: String = {
        let end = (try? Traces.sequential("seph-blog1").end) ?? ""
        return String(String.UnicodeScalarView(end.unicodeScalars.prefix(20_000)))
    }()

    @Test(arguments: amount(200, inDebug: 30))
    func `no typed word is lost, doubled or invented`(seed: UInt64) throws {
        #expect(Self.base.unicodeScalars.count == 20_000)
        var editors = [
            NoteEditor(Self.base, tag: "A", seed: seed * 2), NoteEditor(Self.base, tag: "B", seed: seed * 2 + 1),
        ]
        for index in editors.indices { for _ in 0..<200 { editors[index].step() } }
        var first = TextDocument(agent: 1)
        try first.edit([.insert(at: 0, text: Self.base)])
        var second = try TextDocument(agent: 2, decoding: first.encoded())
        let known = first.heads
        try first.setText(editors[0].text)
        try second.setText(editors[1].text)
        let sent = first.encoded(since: known)
        try first.merge(second.encoded(since: known))
        try second.merge(sent)
        #expect(isSame(first.text, second.text))
        #expect(judge(first.text, base: Self.base, editors: editors) == Verdict(), "seed \(seed)")
    }
}
