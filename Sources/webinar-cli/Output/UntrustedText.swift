extension String {
    /// This text with every character made visible that could move the cursor, change the terminal or reorder what
    /// is read: C0 and C1 controls, DEL, and the bidi embeddings, overrides and isolates (U+202A-202E,
    /// U+2066-2069). Each appears as `<U+001B>`.
    ///
    /// Whatever came from a file, another device or the server is printed through this. What is stored never
    /// changes. With `keepingLines`, line ends stay and a tab becomes four blanks; without, both become one blank,
    /// so that the result stays on one line.
    func madeVisible(keepingLines: Bool) -> String {
        guard unicodeScalars.contains(where: \.isUnsafeOnTerminal) else {
            return self
        }
        var visible = ""
        visible.reserveCapacity(utf8.count)
        var previous: Unicode.Scalar?
        for scalar in unicodeScalars {
            switch scalar {
            case "\n" where previous == "\r":
                visible.unicodeScalars.removeLast("<U+000D>".count)
                visible.append(keepingLines ? "\n" : " ")
            case "\n", "\u{2028}", "\u{2029}":
                visible.append(keepingLines ? "\n" : " ")
            case "\t":
                visible.append(keepingLines ? "    " : " ")
            case _ where scalar.isUnsafeOnTerminal:
                visible.append(scalar.codePointName)
            default:
                visible.unicodeScalars.append(scalar)
            }
            previous = scalar
        }
        return visible
    }
}

extension Unicode.Scalar {
    /// Whether this scalar must not reach a terminal as it is.
    var isUnsafeOnTerminal: Bool {
        switch value {
        case 0...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069:
            true
        default:
            false
        }
    }

    /// `<U+202E>`: at least four digits, upper case.
    fileprivate var codePointName: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "<U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ">"
    }
}
