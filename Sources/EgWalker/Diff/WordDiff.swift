/// From two texts to the spans of a save, word by word.
///
/// Merging keeps every scalar that somebody typed; whether it keeps *words* is decided here. So a word and the white
/// space before it are one token, a changed token is replaced whole, and its letters are never shared with another:
/// `10` made `11` here and `12` there merges to `11 12`, not to `112`.
///
/// - Chinese, Japanese, Korean and emoji: one token for each grapheme cluster.
/// - No edge lies inside a grapheme cluster of either text.
/// - Where more or less white space stands before a word, the word stays.
/// - The first word has no white space before it. A virtual blank stands there, so that it is the same token when
///   words are put in front; a first word that is replaced takes the white space behind it along instead.
/// - Linear where the texts differ in one region. Otherwise the shortest difference up to a bound; beyond it the tokens
///   that occur once on both sides are anchors, and what cannot be anchored is replaced whole. Bounded for any input.
///
/// What counts as a word matters to the author of the change only: replicas need not agree on it.
public enum WordDiff {
    /// The spans that turn `old` into `new`, scalar for scalar. Empty if the texts have the same scalars.
    public static func spans(from old: String, to new: String) -> [TextSpan] {
        let left = scalars(of: old)
        let right = scalars(of: new)
        guard let region = DiffRegion(left, right) else { return [] }
        return spans(replacing: hunks(left, right, region), in: right)
    }

    /// A stretch of the old text and what stands there in the new one, in scalars.
    struct Hunk: Equatable {
        var left: Range<Int>
        var right: Range<Int>
    }

    private static func scalars(of text: String) -> [UInt32] {
        var scalars: [UInt32] = []
        scalars.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars { scalars.append(scalar.value) }
        return scalars
    }

    private static func hunks(_ left: [UInt32], _ right: [UInt32], _ region: DiffRegion) -> [Hunk] {
        let leftTokens = Tokens(left, in: region.left)
        let rightTokens = Tokens(right, in: region.right)
        var names = TokenNames()
        let leftNames = names.names(of: leftTokens, in: left)
        let rightNames = names.names(of: rightTokens, in: right)
        var matching = TokenMatching(leftNames, rightNames, nameCount: names.count)
        var hunks: [Hunk] = []
        var leftStart = region.left.lowerBound
        var rightStart = region.right.lowerBound
        func add(_ leftEnd: Int, _ rightEnd: Int) {
            if leftStart < leftEnd || rightStart < rightEnd {
                hunks.append(Hunk(left: leftStart..<leftEnd, right: rightStart..<rightEnd))
            }
        }
        for (leftToken, rightToken) in matching.pairs() {
            // A first word that is matched with a later one leaves that one's blank to the hunk in front.
            let isLeftFirst = leftTokens.isVirtual(leftToken)
            let isRightFirst = rightTokens.isVirtual(rightToken)
            add(
                leftTokens.start(leftToken) + (isRightFirst && !isLeftFirst ? 1 : 0),
                rightTokens.start(rightToken) + (isLeftFirst && !isRightFirst ? 1 : 0)
            )
            leftStart = leftTokens.end(leftToken)
            rightStart = rightTokens.end(rightToken)
        }
        add(region.left.upperBound, region.right.upperBound)
        if let first = hunks.first {
            hunks[0] = takingWhiteSpaceAlong(first, left, right, before: hunks.dropFirst().first)
        }
        return hunks.flatMap { keepingWords($0, left, right) }
    }

    /// A first word that is replaced has no white space in front; it takes what follows, if both texts have the same
    /// there. More words do not: what somebody puts in behind them needs that white space to stand.
    private static func takingWhiteSpaceAlong(
        _ hunk: Hunk,
        _ left: [UInt32],
        _ right: [UInt32],
        before next: Hunk?
    ) -> Hunk {
        guard hunk.left.lowerBound == 0, !hunk.left.isEmpty, !hunk.right.isEmpty,
            !isWhiteSpace(right[hunk.right.upperBound - 1]), !isWhiteSpace(right[0]),
            !left[hunk.left].contains(where: isWhiteSpace)
        else { return hunk }
        var (leftEnd, rightEnd) = (hunk.left.upperBound, hunk.right.upperBound)
        let leftLimit = next?.left.lowerBound ?? left.count
        let rightLimit = next?.right.lowerBound ?? right.count
        while leftEnd < leftLimit, rightEnd < rightLimit, left[leftEnd] == right[rightEnd],
            isWhiteSpace(left[leftEnd])
        {
            leftEnd += 1
            rightEnd += 1
        }
        // A mark behind the white space would make one cluster with it.
        guard leftEnd == left.count || isAlwaysBreak(left[leftEnd - 1], left[leftEnd]),
            rightEnd == right.count || isAlwaysBreak(right[rightEnd - 1], right[rightEnd])
        else { return hunk }
        return Hunk(left: 0..<leftEnd, right: 0..<rightEnd)
    }

    private static func spans(replacing hunks: [Hunk], in right: [UInt32]) -> [TextSpan] {
        var spans: [TextSpan] = []
        for hunk in hunks {
            if !hunk.left.isEmpty {
                spans.append(.delete(at: hunk.right.lowerBound, count: hunk.left.count))
            }
            if !hunk.right.isEmpty {
                spans.append(.insert(at: hunk.right.lowerBound, text: string(of: right[hunk.right])))
            }
        }
        return spans
    }
}

/// A string of scalars that came from one.
func string(of scalars: ArraySlice<UInt32>) -> String {
    var view = String.UnicodeScalarView()
    for value in scalars {
        if let scalar = Unicode.Scalar(value) { view.append(scalar) }
    }
    return String(view)
}

/// What is left of two texts when the scalars they begin and end with in common are gone, widened to edges of tokens.
struct DiffRegion {
    var left: Range<Int>
    var right: Range<Int>

    /// Nil if the texts are equal.
    init?(_ left: [UInt32], _ right: [UInt32]) {
        let shorter = min(left.count, right.count)
        var prefix = 0
        while prefix < shorter, left[prefix] == right[prefix] { prefix += 1 }
        if prefix == left.count, prefix == right.count { return nil }
        var suffix = 0
        while suffix < shorter - prefix, left[left.count - 1 - suffix] == right[right.count - 1 - suffix] {
            suffix += 1
        }
        // Both scalars of an edge must be common, so that it is an edge in both texts. Only edges that are cluster
        // boundaries whatever stands around them will do; a region too wide costs only time.
        var start = max(prefix - 1, 0)
        while start > 0, !isPlainEdge(left[start - 1], left[start]) { start -= 1 }
        var end = left.count - suffix + 1
        while end < left.count, !isPlainEdge(left[end - 1], left[end]) { end += 1 }
        end = min(end, left.count)
        self.left = start..<end
        self.right = start..<right.count - (left.count - end)
    }
}
