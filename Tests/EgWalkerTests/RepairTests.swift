import EgWalker
import Testing

@Suite struct RepairTests {
    private func replicas(_ base: String, count: UInt64) throws -> [TextDocument] {
        var first = TextDocument(agent: 1)
        try first.setText(base)
        let bytes = first.encoded()
        return [first] + (try (2...count).map { try TextDocument(agent: $0, decoding: bytes) })
    }

    private func exchange(_ all: inout [TextDocument], _ one: Int, _ other: Int) throws {
        let sent = all[one].encoded()
        try all[one].merge(all[other].encoded())
        try all[other].merge(sent)
    }

    @Test func `the same correction made on both sides is shown once`() throws {
        var all = try replicas("correct teh word", count: 2)
        try all[0].setText("correct the word")
        try all[1].setText("correct the word")
        try exchange(&all, 0, 1)
        #expect(all.map(\.text) == ["correct the word", "correct the word"])
    }

    @Test func `what is written on a repaired text means the same everywhere`() throws {
        var all = try replicas("correct teh word", count: 3)
        for index in all.indices { try all[index].setText("correct the word") }
        try exchange(&all, 0, 1)
        try all[0].setText("correct the long word")
        try all[1].setText("correct the short word")
        try exchange(&all, 1, 2)
        try exchange(&all, 0, 2)
        try exchange(&all, 0, 1)
        #expect(Set(all.map(\.text)).count == 1)
        #expect(all[0].text == "correct the long short word")
    }

    @Test func `different corrections both stay, and so does a copy that was edited since`() throws {
        var all = try replicas("need 10 more", count: 2)
        try all[0].setText("need 11 more")
        try all[1].setText("need 12 more")
        try exchange(&all, 0, 1)
        #expect(all[0].text == "need 11 12 more")

        all = try replicas("need 10 more", count: 2)
        try all[0].setText("need 11 more")
        try all[1].setText("need 11 more")
        try all[1].setText("need 13 more")
        try exchange(&all, 0, 1)
        #expect(all[0].text == "need 11 13 more")

        // The other way round, so that it is the copy of the smaller name that was edited.
        all = try replicas("need 10 more", count: 2)
        try all[0].setText("need 11 more")
        try all[0].setText("need 13 more")
        try all[1].setText("need 11 more")
        try exchange(&all, 0, 1)
        #expect(all[0].text == "need 13 11 more")
    }

    @Test func `words that both sides only added are kept twice`() throws {
        var all = try replicas("a list", count: 2)
        try all[0].setText("a long list")
        try all[1].setText("a long list")
        try exchange(&all, 0, 1)
        #expect(all[0].text == "a long long list")
    }

    @Test func `a text begun twice alike is shown once, a beginning that does not fit not at all`() throws {
        let beginnings = [0, 0, 5].enumerated().map { agent, place in
            TextChange(
                id: ChangeID(agent: UInt64(agent), sequence: 1),
                parents: [],
                spans: [.insert(at: place, text: "begun")]
            )
        }
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            var together = TextDocument(agent: 9)
            #expect(try together.apply(order.map { beginnings[$0] }) == [beginnings[2].id])
            #expect(together.text == "begun")
            var single = TextDocument(agent: 9)
            for place in order { try single.apply([beginnings[place]]) }
            #expect(single.text == "begun")
        }
    }

    @Test func `a beginning that an earlier repair took out does not take the one that stayed along`() throws {
        let first = change(1, 1, on: [], .insert(at: 0, text: "begun"))
        let second = change(2, 1, on: [], .insert(at: 0, text: "begun"))
        let more = change(2, 2, on: [second], .insert(at: 5, text: " more"))
        let repaired = change(1, 2, on: [first, more], .insert(at: 10, text: "!"))
        let beside = change(3, 1, on: [more], .insert(at: 0, text: "not "))
        for order in [[first, second, more, repaired, beside], [second, more, beside, first, repaired]] {
            var document = TextDocument(agent: 9)
            for change in order { #expect(try document.apply([change]) == []) }
            #expect(document.text == "not begun more!")
            #expect(SlowModel(order).text(at: document.heads) == document.text)
        }
    }

    /// A save of an agent on some others, repaired if they are several.
    private func change(_ agent: UInt64, _ sequence: UInt64, on parents: [TextChange], _ span: TextSpan) -> TextChange {
        TextChange(
            id: ChangeID(agent: agent, sequence: sequence),
            parents: parents.map(\.id).sorted(),
            isRepaired: parents.count > 1,
            spans: [span]
        )
    }

    /// Every order of taking them in one by one that puts parents first, and all at once.
    private func expect(_ text: String, of changes: [TextChange]) throws {
        #expect(SlowModel(changes).text(at: heads(of: changes)) == text)
        for seed in 0..<20 as Range<UInt64> {
            var random = Seeded(seed)
            var document = TextDocument(agent: 9)
            var waiting = TextDocument(agent: 9)
            for change in changes.shuffled(using: &random) { try waiting.apply([change]) }
            #expect(try document.apply(changes) == [])
            #expect(document.text == text)
            #expect(waiting.text == text, "seed \(seed)")
        }
    }

    private func heads(of changes: [TextChange]) -> [ChangeID] {
        changes.map(\.id).filter { id in !changes.contains { $0.parents.contains(id) } }.sorted()
    }

    @Test func `two repairs that each saw one of two equal beginnings built on do not take out both`() throws {
        let first = change(1, 1, on: [], .insert(at: 0, text: "begun"))
        let second = change(2, 1, on: [], .insert(at: 0, text: "begun"))
        let firstMore = change(1, 2, on: [first], .insert(at: 5, text: " here"))
        let secondMore = change(2, 2, on: [second], .insert(at: 5, text: " there"))
        let third = change(3, 1, on: [firstMore, second], .insert(at: 10, text: "!"))
        let fourth = change(4, 1, on: [first, secondMore], .insert(at: 11, text: "?"))
        let all = [first, second, firstMore, secondMore, third, fourth]
        try expect("begun here! there?", of: all)
        // And on from there: what was decided stays as long as nobody comes who knew less.
        let fifth = change(3, 2, on: [third, fourth], .delete(at: 0, count: 5))
        try expect(" here! there?", of: all + [fifth])
        let beside = change(4, 2, on: [fourth], .insert(at: 0, text: "so "))
        try expect("so  here! there?", of: all + [fifth, beside])
    }

    @Test func `who deletes the beginning that is shown takes none out that they did not know`() throws {
        let beginnings = (1...3).map { change($0, 1, on: [], .insert(at: 0, text: "begun")) }
        let deleted = change(1, 2, on: [beginnings[0], beginnings[1]], .delete(at: 0, count: 5))
        try expect("", of: [beginnings[0], beginnings[1], deleted])
        try expect("begun", of: beginnings + [deleted])
    }

    @Test(arguments: [1, 3, 5] as [UInt64])
    func `what was done to one of two equal beginnings is done to the text also when a third one comes`(
        third agent: UInt64
    ) throws {
        let beginnings = [2, 4].map { change($0, 1, on: [], .insert(at: 0, text: "begun twice")) }
        let third = change(agent, 1, on: [], .insert(at: 0, text: "begun twice"))
        let shorter = change(4, 2, on: beginnings, .delete(at: 5, count: 6))
        try expect("begun", of: beginnings + [third, shorter])
        let longer = change(4, 2, on: beginnings, .insert(at: 5, text: " more than"))
        try expect("begun more than twice", of: beginnings + [third, longer])
    }

    @Test func `a beginning that nobody saw is not built on by those who wrote beside it`() throws {
        let shown = change(4, 1, on: [], .insert(at: 0, text: "begun twice"))
        let longer = change(4, 2, on: [shown], .insert(at: 5, text: " more than"))
        let leftOut = change(2, 1, on: [], .insert(at: 0, text: "begun twice"))
        let ended = change(4, 3, on: [longer, leftOut], .insert(at: 21, text: "!"))
        let third = change(3, 1, on: [], .insert(at: 0, text: "begun twice"))
        try expect("begun more than twice!", of: [shown, longer, leftOut, ended, third])
    }
}
