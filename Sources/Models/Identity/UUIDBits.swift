/// The 128 bits of a UUID (RFC 9562) as two big-endian halves.
public struct UUIDBits: Hashable, Comparable, Sendable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A version 7 UUID: the millisecond it was made in, then 74 random bits.
    public init(version7 milliseconds: UInt64, random: (UInt64, UInt64)) {
        high = (milliseconds << 16) | 0x7000 | (random.0 & 0x0FFF)
        low = 0x8000_0000_0000_0000 | (random.1 & 0x3FFF_FFFF_FFFF_FFFF)
    }

    /// A version 8 UUID: 122 bits of our own, for ids that follow from other data.
    public init(version8 high: UInt64, _ low: UInt64) {
        self.high = (high & 0xFFFF_FFFF_FFFF_0FFF) | 0x8000
        self.low = 0x8000_0000_0000_0000 | (low & 0x3FFF_FFFF_FFFF_FFFF)
    }

    /// Exactly 16 bytes, or nil.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        high = Hexadecimal.word(bytes, at: 0)
        low = Hexadecimal.word(bytes, at: 8)
    }

    /// The 36-character form, upper or lower case, or nil.
    public init?(text: some StringProtocol) {
        let digits = Array(text.utf8)
        guard digits.count == 36 else { return nil }
        var nibbles: [UInt64] = []
        for (index, digit) in digits.enumerated() {
            if [8, 13, 18, 23].contains(index) {
                guard digit == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let nibble = Hexadecimal.nibble(digit) else { return nil }
            nibbles.append(UInt64(nibble))
        }
        high = nibbles[..<16].reduce(0) { $0 << 4 | $1 }
        low = nibbles[16...].reduce(0) { $0 << 4 | $1 }
    }

    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        Hexadecimal.append(high, to: &bytes)
        Hexadecimal.append(low, to: &bytes)
        return bytes
    }

    /// The 36-character form in lower case.
    public var text: String {
        let digits = Array(Hexadecimal.text(high).utf8) + Array(Hexadecimal.text(low).utf8)
        var result: [UInt8] = []
        result.reserveCapacity(36)
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { result.append(UInt8(ascii: "-")) }
            result.append(digit)
        }
        return String(decoding: result, as: UTF8.self)
    }

    public static func < (lhs: Self, rhs: Self) -> Bool {
        (lhs.high, lhs.low) < (rhs.high, rhs.low)
    }
}

/// Digits and byte order for ids.
public enum Hexadecimal {
    static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Eight bytes, the most significant first.
    public static func bigEndian(_ value: UInt64) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    /// The eight bytes from `index` on, the most significant first.
    static func word(_ bytes: [UInt8], at index: Int) -> UInt64 {
        var word: UInt64 = 0
        for place in index..<index + 8 { word = word << 8 | UInt64(bytes[place]) }
        return word
    }

    /// Appends eight bytes, the most significant first.
    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Sixteen lower-case digits.
    public static func text(_ value: UInt64) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let bytes = stride(from: 60, through: 0, by: -4).map { digits[Int(value >> UInt64($0) & 15)] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// One to sixteen digits, or nil.
    public static func value(_ text: some StringProtocol) -> UInt64? {
        guard (1...16).contains(text.utf8.count) else { return nil }
        var result: UInt64 = 0
        for digit in text.utf8 {
            guard let nibble = nibble(digit) else { return nil }
            result = result << 4 | UInt64(nibble)
        }
        return result
    }
}
