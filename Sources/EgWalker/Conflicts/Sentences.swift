/// The sentences of a text: what ends with a full stop or its like before white space, or with the line.
///
/// The white space before a sentence belongs to it, as it does to a word, so a line end begins the next sentence.
struct Sentences {
    let scalars: [Unicode.Scalar]
    /// Where each begins, ascending from 0.
    private let starts: [Int]

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        var starts = [0]
        for index in scalars.indices.dropFirst() {
            let isStart =
                Self.isLineEnd(scalars[index])
                ? !Self.isLineEnd(scalars[index - 1])
                : Self.endsSentence(scalars[index - 1])
                    && (isWhiteSpace(scalars[index].value) || Self.isFullWidthStop(scalars[index - 1]))
            if isStart { starts.append(index) }
        }
        self.starts = starts
    }

    /// The number of the sentence that holds scalar `place`.
    func index(of place: Int) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= place { low = middle } else { high = middle }
        }
        return low
    }

    /// The scalars of a range of sentences.
    func places(of sentences: ClosedRange<Int>) -> Range<Int> {
        let next = sentences.upperBound + 1
        return starts[sentences.lowerBound]..<(next < starts.count ? starts[next] : scalars.count)
    }

    /// White space at the end of a deletion is the next sentence's, and no change of it.
    func withoutWhiteSpaceBehind(_ places: Range<Int>) -> Range<Int> {
        var places = places
        while let last = places.last, isWhiteSpace(scalars[last].value) { places.removeLast() }
        return places
    }

    /// The sentence that text put in before scalar `gap` changes: the one around it; at an edge the one it goes on or
    /// leads into. Nil if it is a sentence or a line of its own.
    func touched(at gap: Int, by inserted: String) -> Int? {
        guard let first = inserted.unicodeScalars.first, let last = inserted.unicodeScalars.last else { return nil }
        if scalars.isEmpty { return 0 }
        let around = index(of: min(gap, scalars.count - 1))
        if gap < scalars.count, starts[around] != gap { return around }
        if Self.isLineEnd(first) { return nil }
        if gap == scalars.count || Self.isLineEnd(scalars[gap]) {
            // At the end of a line: more of its last sentence, unless that was finished.
            guard gap > 0, !Self.endsSentence(scalars[gap - 1]) else { return nil }
            return index(of: gap - 1)
        }
        return Self.endsSentence(last) || Self.isLineEnd(last) ? nil : around
    }

    private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\n" || scalar == "\r" || scalar == "\u{2028}" || scalar == "\u{2029}"
    }

    private static func isFullWidthStop(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "。" || scalar == "！" || scalar == "？"
    }

    private static func endsSentence(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "." || scalar == "!" || scalar == "?" || scalar == "…" || isFullWidthStop(scalar)
    }
}
