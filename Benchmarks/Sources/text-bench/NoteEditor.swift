/// Human-like edits of a note, at a place that wanders.
struct NoteEditor {
    private(set) var scalars: [Unicode.Scalar]
    /// The words put in, each unique.
    private(set) var words: [String] = []
    private var random: Seeded
    private let tag: String
    private var place: Int

    init(_ text: String, tag: String, seed: UInt64) {
        scalars = Array(text.unicodeScalars)
        random = Seeded(seed)
        self.tag = tag
        place = random.below(scalars.count)
    }

    var text: String { string(of: scalars) }

    private static let syllables = ["ka", "lo", "mi", "ren", "tu", "sha", "bel", "dor", "fin", "gra", "hul", "jen"]

    private mutating func word() -> String {
        let word = random.pick(Self.syllables) + random.pick(Self.syllables) + "\(tag)\(words.count)q"
        words.append(word)
        return word
    }

    private mutating func phrase(_ range: ClosedRange<Int>) -> String {
        (0..<range.lowerBound + random.below(range.count)).map { _ in word() }.joined(separator: " ")
    }

    private mutating func splice(_ range: Range<Int>, _ text: String) {
        scalars.replaceSubrange(range, with: Array(text.unicodeScalars))
        place = range.lowerBound + text.unicodeScalars.count
    }

    private func find(_ scalar: Unicode.Scalar, from start: Int) -> Int {
        scalars[start...].firstIndex(of: scalar) ?? scalars.count
    }

    /// One edit: words put in, taken out or replaced, a list line, a last line, or a line taken out.
    mutating func step() {
        if scalars.isEmpty { return }
        let at = random.chance(50)
            ? min(scalars.count - 1, max(0, place + random.below(401) - 200)) : random.below(scalars.count)
        var start = at
        while start > 0, scalars[start - 1] != " " { start -= 1 }
        var end = start
        while end < scalars.count, !scalars[end].properties.isWhitespace { end += 1 }
        switch random.below(100) {
        case ..<45:
            splice(start..<start, phrase(1...6) + " ")
        case ..<65:
            var last = start
            for _ in 0..<1 + random.below(4) {
                var next = last
                while next < scalars.count, !scalars[next].properties.isWhitespace { next += 1 }
                guard next > last, next < scalars.count, scalars[next] == " " else { break }
                last = next + 1
            }
            if last > start { splice(start..<last, "") }
        case ..<80:
            if end > start { splice(start..<end, word()) }
        case ..<90:
            let line = find("\n", from: at)
            splice(line..<line, "\n- " + phrase(2...8))
        case ..<95:
            splice(scalars.count..<scalars.count, "\n" + phrase(3...12) + ".")
        default:
            var first = at
            while first > 0, scalars[first - 1] != "\n" { first -= 1 }
            let line = min(find("\n", from: at) + 1, scalars.count)
            if line - first < 400 { splice(first..<line, "") }
        }
    }
}

/// What became of the words.
struct Verdict: Equatable {
    /// Inserted words that stand in their author's text and not in the merged one.
    var lost = 0
    /// Inserted words that stand there twice.
    var doubled = 0
    /// Words that neither the base nor a side had.
    var invented = 0
    /// Words of the base that neither side removed and that are gone.
    var missing = 0
}

func judge(_ merged: String, base: String, editors: [NoteEditor]) -> Verdict {
    func bag(_ text: String) -> [Substring: Int] {
        text.split(whereSeparator: \.isWhitespace).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
    let (before, after) = (bag(base), bag(merged))
    let sides = editors.map { bag($0.text) }
    var verdict = Verdict()
    for (editor, side) in zip(editors, sides) {
        for word in editor.words where side[word[...]] != nil {
            if after[word[...]] == nil { verdict.lost += 1 }
            if after[word[...], default: 0] > 1 { verdict.doubled += 1 }
        }
    }
    for word in after.keys where before[word] == nil && sides.allSatisfy({ $0[word] == nil }) { verdict.invented += 1 }
    for (word, count) in before {
        let removed = sides.reduce(0) { $0 + max(0, count - ($1[word] ?? 0)) }
        if after[word, default: 0] < count - removed { verdict.missing += 1 }
    }
    return verdict
}
