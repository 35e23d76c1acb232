import Models

/// A duration as it is typed: `90s`, `12m`, `1h30m`, `1h`.
enum DurationInput {
    /// Milliseconds for `text`. Every part has its unit, hours before minutes before seconds, each at most once.
    /// Full-width digits and letters are the same signs.
    static func milliseconds(_ text: String) throws(TimeInputError) -> Int64 {
        let typed = TypedSigns.narrowed(text)
        if TypedSigns.isNumber(typed) {
            throw TimeInputError(
                text: text,
                problem: .bareNumber(readings: ["\(typed)s (seconds)", "\(typed)m (minutes)", "\(typed)h (hours)"])
            )
        }
        var total: Int64 = 0
        var digits = ""
        var units = Substring("hms")
        for sign in typed.lowercased() {
            if sign.isASCII, sign.isNumber {
                digits.append(sign)
                continue
            }
            guard let position = units.firstIndex(of: sign), !digits.isEmpty else {
                throw TimeInputError(text: text, problem: .notADuration)
            }
            units = units[units.index(after: position)...]
            // Nine digits are far beyond the maximum in any unit, and far below an overflow.
            guard digits.count <= 9, let number = Int64(digits) else {
                throw TimeInputError(text: text, problem: .tooLong)
            }
            total += number * (sign == "h" ? 3_600_000 : sign == "m" ? 60_000 : 1000)
            digits = ""
        }
        guard digits.isEmpty, !typed.isEmpty else {
            throw TimeInputError(text: text, problem: .notADuration)
        }
        guard total <= Limits.maximumTypedMilliseconds else {
            throw TimeInputError(text: text, problem: .tooLong)
        }
        return total
    }
}

/// What Chinese and Japanese input methods put in place of ASCII signs.
enum TypedSigns {
    /// `text` without blanks around it, its full-width forms (U+FF01-FF5E), the ideographic blank and the minus sign
    /// U+2212 replaced by the ASCII signs they stand for.
    static func narrowed(_ text: String) -> String {
        var narrow = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0xFF01...0xFF5E: narrow.append(Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar)
            case 0x3000: narrow.append(" ")
            case 0x2212: narrow.append("-")
            default: narrow.append(scalar)
            }
        }
        return trimmed(String(narrow))
    }

    /// `text` without blanks around it.
    static func trimmed(_ text: some StringProtocol) -> String {
        var trimmed = text[...]
        while trimmed.first == " " {
            trimmed.removeFirst()
        }
        while trimmed.last == " " {
            trimmed.removeLast()
        }
        return String(trimmed)
    }

    /// One or more ASCII digits and nothing else.
    static func isNumber(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
