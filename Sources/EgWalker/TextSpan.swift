/// One step of a save. Positions and counts are Unicode scalars.
///
/// The spans of one save apply one after the other: a position is meant in the text as the spans before left it.
public enum TextSpan: Sendable {
    /// Puts `text` before the scalar at `at`, or at the end if there is none.
    case insert(at: Int, text: String)
    /// Takes out the `count` scalars from `at` on.
    case delete(at: Int, count: Int)
}

/// Equality and hash are those of the scalars. Swift's own `==` on `String` would call "é" and "e" with an accent
/// behind it equal, and so take two different saves for one.
extension TextSpan: Hashable {
    public static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.insert(let at, let text), .insert(let otherAt, let otherText)):
            at == otherAt && text.utf8.elementsEqual(otherText.utf8)
        case (.delete(let at, let count), .delete(let otherAt, let otherCount)):
            at == otherAt && count == otherCount
        case (.insert, .delete), (.delete, .insert):
            false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .insert(let at, let text):
            hasher.combine(0)
            hasher.combine(at)
            for byte in text.utf8 { hasher.combine(byte) }
        case .delete(let at, let count):
            hasher.combine(1)
            hasher.combine(at)
            hasher.combine(count)
        }
    }
}
