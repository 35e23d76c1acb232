// Cutting, padding and wrapping by terminal cells, never inside a grapheme cluster.

extension StringProtocol {
    /// This text in at most `maximum` cells; `..` at the end says that something was cut.
    func truncated(toCells maximum: Int) -> String {
        if cellWidth <= maximum {
            return String(self)
        }
        let mark = String(repeating: ".", count: Swift.max(0, Swift.min(maximum, 2)))
        var room = maximum - mark.count
        var end = startIndex
        while end < endIndex {
            room -= self[end].cellWidth
            if room < 0 {
                break
            }
            end = index(after: end)
        }
        return self[..<end] + mark
    }

    /// This text with blanks behind it up to `cells`. Longer text comes back unchanged.
    func padded(toCells cells: Int) -> String {
        String(self) + String(repeating: " ", count: Swift.max(0, cells - cellWidth))
    }

    /// This text in lines of at most `maximum` cells.
    ///
    /// Breaks at blanks, between wide characters (not before closing and not after opening punctuation), and inside
    /// a word only if the word alone is longer than a line. Line ends in the text stay; blanks at the end of a line
    /// go. A single cluster wider than `maximum` gets a line of its own.
    func wrapped(toCells maximum: Int) -> [String] {
        precondition(maximum > 0, "a line needs at least one cell")
        return split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).flatMap { paragraph in
            var wrapper = LineWrapper(paragraph: Substring(paragraph), maximumCells: maximum)
            return wrapper.lines()
        }
    }
}

/// Fills lines greedily with the clusters of one paragraph.
private struct LineWrapper {
    let paragraph: Substring
    let maximumCells: Int
    private var finished: [String] = []
    private var lineStart: Substring.Index
    private var lineCells = 0
    /// Where the current line may end, and where the next one would then begin.
    private var opportunity: (end: Substring.Index, next: Substring.Index)?

    init(paragraph: Substring, maximumCells: Int) {
        self.paragraph = paragraph
        self.maximumCells = maximumCells
        lineStart = paragraph.startIndex
    }

    mutating func lines() -> [String] {
        if paragraph.cellWidth <= maximumCells {
            return [Self.withoutTrailingBlanks(paragraph)]
        }
        var previous: Character?
        var index = paragraph.startIndex
        while index < paragraph.endIndex {
            let next = paragraph.index(after: index)
            let cluster = paragraph[index]
            if cluster == " " {
                // A blank may hang over the edge: it is dropped where the line breaks.
                let isRun = previous == " "
                if index > lineStart, !isRun || opportunity != nil {
                    opportunity = (isRun ? opportunity?.end ?? index : index, next)
                }
                lineCells += 1
            } else {
                if let previous, index > lineStart, LineBreak.isAllowed(between: previous, and: cluster) {
                    opportunity = (index, index)
                }
                makeRoom(for: cluster.cellWidth, before: index)
                lineCells += cluster.cellWidth
            }
            previous = cluster
            index = next
        }
        finished.append(Self.withoutTrailingBlanks(paragraph[lineStart...]))
        return finished
    }

    private mutating func makeRoom(for cells: Int, before index: Substring.Index) {
        while lineCells + cells > maximumCells, index > lineStart {
            let cut = opportunity ?? (index, index)
            finished.append(Self.withoutTrailingBlanks(paragraph[lineStart..<cut.end]))
            lineStart = cut.next
            lineCells = paragraph[lineStart..<index].cellWidth
            opportunity = nil
        }
    }

    private static func withoutTrailingBlanks(_ text: Substring) -> String {
        var text = text
        while text.last == " " {
            text.removeLast()
        }
        return String(text)
    }
}

/// Where a line may break without a blank: beside a wide character, with the usual rules of Chinese and Japanese
/// typesetting for punctuation.
private enum LineBreak {
    static func isAllowed(between previous: Character, and next: Character) -> Bool {
        guard isWide(previous) || isWide(next), previous != " " else {
            return false
        }
        return !neverLast.contains(previous) && !neverFirst.contains(next)
    }

    private static func isWide(_ cluster: Character) -> Bool {
        cluster.unicodeScalars.first?.cellWidth == 2
    }

    private static let neverFirst: Set<Character> = Set("、。，．,.！？!?：；:;）)］]｝}」』】〉》〕”’…—～·％%ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ")
    private static let neverLast: Set<Character> = Set("（([［{｛「『【〈《〔“‘#＃@＠")
}
