@testable import EgWalker

/// A device of the fuzzer: a text as a store would keep it, the changes it knows in the order they came, and beside it a
/// document that gets the same, which goes on with the list of the last merge where it can.
struct Replica {
    let agent: UInt64
    private(set) var changes: [TextChange] = []
    private(set) var history = MemoryHistory()
    private(set) var text = ""
    private(set) var heads: [ChangeID] = []
    private(set) var misfits: Set<ChangeID> = []
    private(set) var document: TextDocument
    private var sequence: UInt64 = 0

    init(agent: UInt64) {
        self.agent = agent
        document = TextDocument(agent: agent)
    }

    /// Makes one save with these spans on the text as it is.
    mutating func save(_ spans: [TextSpan], settles: Bool = false) throws {
        sequence += 1
        let change = TextChange(
            id: ChangeID(agent: agent, sequence: sequence),
            parents: heads,
            isRepaired: heads.count > 1,
            settles: settles,
            spans: spans
        )
        try receive([change])
    }

    mutating func receive(_ received: [TextChange]) throws {
        let new = received.filter { history.nodes[$0.id] == nil }
        let result = try TextMerge.apply(new, to: text, heads: heads, history: history)
        for change in new {
            changes.append(change)
            history.append(change, isVoid: result.misfits.contains(change.id))
        }
        misfits.formUnion(result.misfits)
        text = result.text
        heads = result.heads
        try document.apply(new)
    }

    /// Random human-like edits: words put in, taken out, replaced, the same typing error corrected by everyone.
    mutating func edit(_ random: inout Seeded) throws {
        let scalars = Array(text.unicodeScalars)
        let spans: [TextSpan]
        if random.chance(35) {
            var words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            let place = random.below(words.count + 1)
            if place == words.count || random.chance(40) {
                words.insert(random.chance(30) ? "teh" : randomText(&random, pieces: 2), at: place)
            } else if words[place] == "teh" || random.chance(50) {
                words[place] = "the"
            } else {
                words.remove(at: place)
            }
            spans = WordDiff.spans(from: text, to: words.joined(separator: " "))
        } else if scalars.isEmpty || random.chance(60) {
            let at = random.chance(30) ? 0 : random.below(scalars.count + 1)
            spans = [.insert(at: at, text: randomText(&random, pieces: 1 + random.below(3)))]
        } else {
            let at = random.below(scalars.count)
            let count = min(scalars.count - at, 1 + random.below(4))
            spans =
                [.delete(at: at, count: count)]
                + (random.chance(30) ? [.insert(at: at, text: random.pick(["x", "the", "中"]))] : [])
        }
        try save(spans)
    }
}
