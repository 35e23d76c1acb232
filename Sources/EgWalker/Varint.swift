/// Why bytes are no spans or no history.
public enum TextCodingError: Error, Hashable, Sendable {
    /// The bytes end within something.
    case truncated
    /// Bytes follow the end.
    case trailingBytes
    /// A number is not in its shortest form, or wider than 64 bits.
    case varintNotCanonical
    /// A length, position or index does not fit what it counts.
    case outOfRange
    /// Inserted text is not UTF-8.
    case invalidText
    /// The first byte names a version this program does not know.
    case unknownVersion
    /// The checksum is wrong.
    case damaged
    /// A column is compressed, and the caller gave no way to inflate it, or inflating failed.
    case notInflatable
}

/// Writes varints: seven bits to a byte, lowest first, the eighth bit set on all but the last.
struct ByteColumn {
    var bytes: [UInt8] = []

    mutating func append(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func append(_ value: Int) { append(UInt64(bitPattern: Int64(value))) }

    /// Small negative numbers become small: 0, -1, 1, -2 … are 0, 1, 2, 3 …
    mutating func appendSigned(_ value: Int) {
        append(UInt64(bitPattern: Int64((value << 1) ^ (value >> 63))))
    }
}

/// Reads what ``ByteColumn`` wrote, from bytes that may be anything. Never traps.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private(set) var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var isAtEnd: Bool { position == bytes.endIndex }
    var remainingCount: Int { bytes.endIndex - position }

    mutating func varint() throws(TextCodingError) -> UInt64 {
        guard position < bytes.endIndex else { throw .truncated }
        let first = bytes[position]
        position += 1
        if first < 0x80 { return UInt64(first) }
        var value = UInt64(first & 0x7F)
        var shift: UInt64 = 7
        while true {
            guard position < bytes.endIndex else { throw .truncated }
            let byte = bytes[position]
            position += 1
            // The tenth byte has room for one bit; a last byte of zero would be a longer form of the same number.
            if shift == 63, byte > 1 { throw .varintNotCanonical }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                if byte == 0 { throw .varintNotCanonical }
                return value
            }
            shift += 7
        }
    }

    /// A varint of at most `maximum`.
    mutating func count(upTo maximum: Int) throws(TextCodingError) -> Int {
        let value = try varint()
        guard value <= UInt64(maximum) else { throw .outOfRange }
        return Int(value)
    }

    /// A number written by ``ByteColumn/appendSigned(_:)``.
    mutating func signed() throws(TextCodingError) -> Int {
        let value = try varint()
        return Int(Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1))
    }

    mutating func slice(_ count: Int) throws(TextCodingError) -> ArraySlice<UInt8> {
        guard count <= remainingCount else { throw .truncated }
        defer { position += count }
        return bytes[position..<position + count]
    }
}
