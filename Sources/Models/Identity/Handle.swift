/// The short name of a record on a screen: Crockford base32 of the *random* part of its id,
/// since the time part is the same for everything typed within a minute.
///
/// A handle is a prefix. It is derived, never stored as text, never synced.
public enum Handle {
    /// The fewest characters shown.
    public static let shortestLength = 4

    /// The most characters there are: 60 random bits.
    public static let fullLength = 12

    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// The 60 bits a handle is made of, for an index: a prefix of a handle is a range of keys.
    public static func key(of id: RecordID) -> Int64 {
        Int64((id.bits.low & 0x3FFF_FFFF_FFFF_FFFF) >> 2)
    }

    /// The handle of `id` in `length` characters (4 to 12).
    public static func text(of id: RecordID, length: Int = shortestLength) -> String {
        let key = UInt64(key(of: id))
        let length = min(max(length, 1), fullLength)
        let characters = (0..<length).map { digits[Int(key >> UInt64(55 - 5 * $0) & 31)] }
        return String(decoding: characters, as: UTF8.self)
    }

    /// The keys that begin with `prefix`, or nil if it is not 1 to 12 Crockford digits.
    /// As Crockford asks, `i` and `l` are read as 1, `o` as 0, and case does not matter.
    public static func keys(startingWith prefix: some StringProtocol) -> ClosedRange<Int64>? {
        guard (1...fullLength).contains(prefix.utf8.count) else { return nil }
        var value: UInt64 = 0
        for byte in prefix.utf8 {
            guard let digit = digit(byte) else { return nil }
            value = value << 5 | digit
        }
        let shift = UInt64(5 * (fullLength - prefix.utf8.count))
        let first = value << shift
        return Int64(first)...Int64(first | (1 << shift - 1))
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        let lower = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
        switch lower {
        case UInt8(ascii: "i"), UInt8(ascii: "l"): return 1
        case UInt8(ascii: "o"): return 0
        default: return digits.firstIndex(of: lower).map(UInt64.init)
        }
    }

    /// How many characters tell `key` from its neighbours in the index, at least four.
    public static func length(of key: Int64, before: Int64?, after: Int64?) -> Int {
        let shared = [before, after].compactMap { $0 }.map { sharedDigits(key, $0) }.max() ?? 0
        return min(max(shared + 1, shortestLength), fullLength)
    }

    private static func sharedDigits(_ a: Int64, _ b: Int64) -> Int {
        let difference = UInt64(bitPattern: a ^ b) << 4
        return difference == 0 ? fullLength : difference.leadingZeroBitCount / 5
    }
}
