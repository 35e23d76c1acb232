/// A SHA-256 value: of a replica's chain, or of a server's log. Computed in `Wire`; here it is
/// only compared.
public struct ContentHash: Hashable, Sendable, CustomStringConvertible {
    var words: (UInt64, UInt64, UInt64, UInt64)

    /// Before the first change: 32 zero bytes.
    public static let zero = ContentHash(words: (0, 0, 0, 0))

    init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Exactly 32 bytes, or nil.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        words = (
            Hexadecimal.word(bytes, at: 0), Hexadecimal.word(bytes, at: 8), Hexadecimal.word(bytes, at: 16),
            Hexadecimal.word(bytes, at: 24)
        )
    }

    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for word in [words.0, words.1, words.2, words.3] { Hexadecimal.append(word, to: &bytes) }
        return bytes
    }

    /// 64 hexadecimal digits.
    public var description: String {
        [words.0, words.1, words.2, words.3].map(Hexadecimal.text).joined()
    }

    public static func == (lhs: Self, rhs: Self) -> Bool { lhs.words == rhs.words }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.3)
    }
}
