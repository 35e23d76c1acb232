import EgWalker
import Testing

@Suite struct ConflictTests {
    /// A text that two devices have, and that each then makes its own.
    private func apart(_ base: String, _ one: String, _ other: String) throws -> (TextDocument, TextDocument) {
        var first = TextDocument(agent: 1)
        try first.setText(base)
        var second = try TextDocument(agent: 2, decoding: first.encoded())
        try first.setText(one)
        try second.setText(other)
        return (first, second)
    }

    private func met(_ base: String, _ one: String, _ other: String) throws -> TextDocument {
        var (first, second) = try apart(base, one, other)
        let back = try first.changes(since: [])
        try first.apply(second.changes(since: []))
        try second.apply(back)
        #expect(first.text == second.text)
        #expect(first.conflicts() == second.conflicts())
        return first
    }

    @Test func `one sentence changed on both sides is a conflict with both versions, and no word is lost`() throws {
        let text = try met(
            "First one. The cat sat. Last one.",
            "First one. The black cat sat. Last one.",
            "First one. The cat slept. Last one."
        )
        #expect(text.text.contains("black") && text.text.contains("slept"))
        #expect(
            text.conflicts() == [
                TextConflict(
                    base: " The cat sat.",
                    versions: [
                        .init(ids: [ChangeID(agent: 1, sequence: 2)], text: " The black cat sat."),
                        .init(ids: [ChangeID(agent: 2, sequence: 1)], text: " The cat slept."),
                    ]
                )
            ]
        )
    }

    @Test(arguments: [
        ("One. Two. Three.", "One a. Two. Three.", "One. Two b. Three."),
        ("- one\n- two\n", "- one\n- two\n- three\n", "- one\n- two\n- four\n"),
        ("A line\nand more", "A line\nput between\nand more", "A line\nand even more"),
        ("Same teh thing", "Same the thing", "Same the thing"),
        ("It is done.", "It is done. Yes.", "It is done. No."),
    ])
    func `no conflict where sentences differ, lines are added, or both wrote the same`(
        base: String,
        one: String,
        other: String
    ) throws {
        #expect(try met(base, one, other).conflicts() == [])
    }

    @Test(arguments: [
        ("", "mine", "yours"),
        ("open end", "open end here", "open end there"),
        ("Gone. Kept.", "Kept.", "Gone indeed. Kept."),
        ("今天天气好。明天也好。", "今天天氣好。明天也好。", "昨天天气好。明天也好。"),
    ])
    func `a conflict where one stretch got two texts`(base: String, one: String, other: String) throws {
        let conflicts = try met(base, one, other).conflicts()
        #expect(conflicts.count == 1)
        #expect(conflicts.first?.versions.count == 2)
    }

    @Test func `a conflict stays until a change settles it`() throws {
        var text = try met("The cat sat.", "The black cat sat.", "The cat slept.")
        let conflicts = text.conflicts()
        #expect(conflicts.count == 1)
        try text.setText(text.text + "\nMore.")
        #expect(text.conflicts() == conflicts)
        var copy = text
        try copy.edit([], settles: true)
        #expect(copy.conflicts() == [])
        try copy.setText(copy.text + " And more.")
        #expect(copy.conflicts() == [])
    }

    @Test func `a store finds the conflicts that a document finds`() throws {
        let text = try met("The cat sat.", "The black cat sat.", "The cat slept.")
        let history = MemoryHistory(try text.changes(since: []))
        #expect(try TextMerge.conflicts(heads: text.heads, history: history) == text.conflicts())
    }

    @Test func `three branches list three versions`() throws {
        var (first, second) = try apart("The cat sat.", "The black cat sat.", "The cat slept.")
        var third = TextDocument(agent: 3)
        try third.apply([try first.changes(since: [])[0]])
        try third.setText("The cat sat down.")
        try first.apply(second.changes(since: []))
        try first.apply(third.changes(since: []))
        #expect(first.conflicts().map(\.versions.count) == [3])
        try second.apply(third.changes(since: []))
        try second.apply(first.changes(since: []))
        #expect(first.conflicts() == second.conflicts())
    }
}
