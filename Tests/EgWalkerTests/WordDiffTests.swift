import Testing

@testable import EgWalker

@Suite struct WordDiffTests {
    @Test func `a word before which there is more or less white space stays`() {
        #expect(WordDiff.spans(from: "one  two", to: "one two") == [.delete(at: 4, count: 1)])
        #expect(WordDiff.spans(from: "one\ntwo", to: "one \ntwo") == [.insert(at: 3, text: " ")])
        #expect(
            WordDiff.spans(from: "one two", to: "one\ntwo").count == 2,
            "white space of another kind takes the word along"
        )
        let spans = WordDiff.spans(from: "one  two three", to: "one two 2 three")
        #expect(spans == [.delete(at: 4, count: 1), .insert(at: 7, text: " 2")])
    }

    @Test func `two who take different white space away glue no words`() throws {
        let base = TextChange(
            id: ChangeID(agent: 1, sequence: 1),
            parents: [],
            spans: [.insert(at: 0, text: "one \ntwo")]
        )
        let edits = ["one\ntwo", "one two"].enumerated().map { index, text in
            TextChange(
                id: ChangeID(agent: UInt64(index + 2), sequence: 1),
                parents: [base.id],
                spans: WordDiff.spans(from: "one \ntwo", to: text)
            )
        }
        let merged = try TextMerge.apply([base] + edits, to: "", heads: [], history: MemoryHistory()).text
        #expect(!merged.contains("onetwo"), "\(merged)")
    }

    @Test(arguments: 0..<UInt64(300))
    func `a diff turns the one text into the other, scalar for scalar`(seed: UInt64) {
        var random = Seeded(seed)
        let pieces = random.below(60)
        let old = randomText(&random, pieces: pieces)
        var new = old
        if random.chance(50) {
            for _ in 0..<random.below(6) {
                var scalars = Array(new.unicodeScalars)
                let at = random.below(scalars.count + 1)
                let end = min(scalars.count, at + random.below(4))
                scalars.replaceSubrange(
                    at..<end,
                    with: Array(randomText(&random, pieces: random.below(3)).unicodeScalars)
                )
                new = string(of: scalars)
            }
        } else {
            new = randomText(&random, pieces: random.below(60))
        }
        let spans = WordDiff.spans(from: old, to: new)
        #expect(
            isSame(splicing(spans, into: old), new),
            "seed \(seed): \(old.debugDescription) to \(new.debugDescription)"
        )
        #expect(spans.isEmpty == isSame(old, new))
    }

    @Test(arguments: 0..<UInt64(300))
    func `no edge of a diff lies inside a grapheme cluster`(seed: UInt64) {
        var random = Seeded(seed)
        let old = randomText(&random, pieces: 30)
        var clusters = Array(old)
        for _ in 0..<3 where !clusters.isEmpty {
            clusters.replaceSubrange(
                random.below(clusters.count)..<clusters.count,
                with: Array(randomText(&random, pieces: 3)) + clusters.suffix(random.below(clusters.count + 1))
            )
        }
        let new = String(clusters)
        let oldEdges = clusterEdges(old)
        let newEdges = clusterEdges(new)
        // Positions of the spans are those of the new text; those in the old one follow from the lengths.
        var shift = 0
        for span in WordDiff.spans(from: old, to: new) {
            switch span {
            case .delete(let at, let count):
                #expect(oldEdges.contains(at + shift) && oldEdges.contains(at + shift + count), "seed \(seed)")
                shift += count
            case .insert(let at, let text):
                let count = text.unicodeScalars.count
                #expect(newEdges.contains(at) && newEdges.contains(at + count), "seed \(seed)")
                shift -= count
            }
        }
    }

    private func clusterEdges(_ text: String) -> Set<Int> {
        var edges: Set<Int> = [0]
        var place = 0
        for cluster in text {
            place += cluster.unicodeScalars.count
            edges.insert(place)
        }
        return edges
    }

    @Test func `a changed word is replaced whole, with the white space before it`() {
        #expect(
            WordDiff.spans(from: "we need 10 more", to: "we need 11 more")
                == [.delete(at: 7, count: 3), .insert(at: 7, text: " 11")]
        )
    }

    @Test func `equal texts have no spans, canonically equal ones do`() {
        #expect(WordDiff.spans(from: "\u{E9}", to: "\u{E9}").isEmpty)
        #expect(!WordDiff.spans(from: "\u{E9}", to: "e\u{301}").isEmpty)
    }

    @Test func `a first word that is replaced takes the blank behind it along`() {
        #expect(
            WordDiff.spans(from: "one two", to: "uno two")
                == [.delete(at: 0, count: 4), .insert(at: 0, text: "uno ")]
        )
        #expect(WordDiff.spans(from: "two", to: "one two") == [.insert(at: 0, text: "one ")])
        #expect(WordDiff.spans(from: "one two", to: "two") == [.delete(at: 0, count: 4)])
    }

    /// What somebody puts in behind the first words needs the white space that follows it.
    @Test func `first words that are replaced take nothing along`() {
        #expect(
            WordDiff.spans(from: "one two three", to: "uno duo three")
                == [.delete(at: 0, count: 7), .insert(at: 0, text: "uno duo")]
        )
    }

    @Test func `Chinese, Japanese and Korean are cut by grapheme cluster`() {
        #expect(
            WordDiff.spans(from: "今天天气好", to: "今天天氣好")
                == [.delete(at: 3, count: 1), .insert(at: 3, text: "氣")]
        )
    }

    @Test func `texts with nothing in common are replaced whole in bounded time`() {
        let old = (0..<100_000).map { "a\($0)" }.joined(separator: " ")
        let new = (0..<100_000).map { "b\($0)" }.joined(separator: " ")
        #expect(WordDiff.spans(from: old, to: new).count == 2)
    }

    @Test func `far apart texts are hung on the words that occur once`() {
        let old = (0..<6000).map { "w\($0)" }
        var new = old
        for index in stride(from: 1, to: 6000, by: 2) { new[index] = "x\(index)" }
        let spans = WordDiff.spans(from: old.joined(separator: " "), to: new.joined(separator: " "))
        #expect(isSame(splicing(spans, into: old.joined(separator: " ")), new.joined(separator: " ")))
        #expect(spans.count == 6000)
    }
}
