/// Puts integers and strings of bytes one after the other: LEB128 varints, zigzag for signed
/// ones, lengths before what they measure. One value has one form.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func count(_ value: Int) { varint(UInt64(value)) }

    mutating func signed(_ value: Int64) { varint(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    mutating func word(_ value: UInt64) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func raw(_ value: some Collection<UInt8>) { bytes += value }

    mutating func string(_ value: String) {
        let utf8 = value.utf8
        count(utf8.count)
        bytes += utf8
    }
}

/// Reads what ``ByteWriter`` wrote; anything else is an error.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private(set) var index: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes[...]
        index = 0
    }

    var isAtEnd: Bool { index == bytes.endIndex }

    mutating func byte() throws(WireError) -> UInt8 {
        guard index < bytes.endIndex else { throw WireError(.malformed) }
        defer { index += 1 }
        return bytes[index]
    }

    mutating func varint() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let byte = try byte()
            guard shift < 63 || byte <= 1 else { throw WireError(.malformed) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                guard byte != 0 || shift == 0 else { throw WireError(.malformed) }
                return value
            }
        }
        throw WireError(.malformed)
    }

    /// A count of things of which each takes a byte at least.
    mutating func count() throws(WireError) -> Int {
        let value = try varint()
        guard value <= UInt64(bytes.endIndex - index) else { throw WireError(.malformed) }
        return Int(value)
    }

    mutating func signed() throws(WireError) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func word() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        for _ in 0..<8 { value = value << 8 | UInt64(try byte()) }
        return value
    }

    mutating func raw(_ count: Int) throws(WireError) -> [UInt8] {
        guard count >= 0, count <= bytes.endIndex - index else { throw WireError(.malformed) }
        defer { index += count }
        return Array(bytes[index..<index + count])
    }

    mutating func string() throws(WireError) -> String {
        let count = try count()
        guard let string = String(validating: try raw(count), as: UTF8.self) else {
            throw WireError(.malformed)
        }
        return string
    }
}
