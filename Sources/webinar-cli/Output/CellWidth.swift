// How many terminal cells text takes. Ambiguous characters count one cell.
//
// The estimate is high rather than low: a line that comes out shorter than planned is harmless, one that runs over
// the edge is not. So an emoji sequence counts the sum of its parts, as terminals draw it that do not know the
// sequence.

extension StringProtocol {
    /// The cells that this text takes on one line. Control characters count one each: make them visible first
    /// (``Swift/String/madeVisible(keepingLines:)``).
    var cellWidth: Int {
        if utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
            return utf8.count
        }
        return reduce(0) { $0 + $1.cellWidth }
    }
}

extension Character {
    /// The cells of one grapheme cluster: the sum of its scalars, and at least two where U+FE0F asks for the emoji
    /// form of a narrow symbol.
    var cellWidth: Int {
        var cells = 0
        var hasEmojiPresentation = false
        for scalar in unicodeScalars {
            cells += scalar.cellWidth
            hasEmojiPresentation = hasEmojiPresentation || scalar.value == 0xFE0F
        }
        return hasEmojiPresentation ? Swift.max(cells, 2) : cells
    }
}

extension Unicode.Scalar {
    /// 0 for combining marks, joiners and other scalars without a shape; 2 for wide and full-width; else 1.
    var cellWidth: Int {
        switch value {
        case 0..<0x300:
            return 1
        case 0x4E00...0x9FFF, 0xAC00...0xD7A3:
            return 2
        case 0x1160...0x11FF, 0xD7B0...0xD7FF:
            return 0  // Hangul vowels and final consonants join the leading one.
        default:
            break
        }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark:
            return 0
        case .format:
            return Self.visibleFormats.contains { $0.contains(value) } ? 1 : 0
        default:
            return WideScalars.contains(value) ? 2 : 1
        }
    }

    /// Category Cf, yet drawn: Arabic, Syriac and Kaithi number and verse signs.
    private static let visibleFormats: [ClosedRange<UInt32>] = [
        0x0600...0x0605, 0x06DD...0x06DD, 0x070F...0x070F, 0x0890...0x0891, 0x08E2...0x08E2,
        0x110BD...0x110BD, 0x110CD...0x110CD,
    ]
}
