/// All text that the changes at hand insert, one scalar after the other, as UTF-8.
///
/// A scalar's place in here is also its name inside a replay. Append only.
struct TextStore: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var scalarCount = 0
    /// The byte offset of every 64th scalar, kept only once a scalar takes more than one byte.
    private var marks: [Int32] = []

    private var isASCII: Bool { bytes.count == scalarCount }

    /// Appends a string and returns how many scalars it has.
    mutating func append(_ text: String) -> Int {
        var text = text
        return text.withUTF8 { append(validUTF8: $0) }
    }

    /// Appends bytes that are known to be UTF-8, and returns how many scalars they are.
    mutating func append(validUTF8 added: UnsafeBufferPointer<UInt8>) -> Int {
        let count = scalarCountOfUTF8(added)
        if isASCII, count == added.count {
            bytes.append(contentsOf: added)
            scalarCount += count
            return count
        }
        if marks.isEmpty {
            marks = stride(from: 0, to: scalarCount, by: 64).map(Int32.init)
        }
        let base = bytes.count
        var scalar = scalarCount
        for (offset, byte) in added.enumerated() where byte & 0xC0 != 0x80 {
            if scalar & 63 == 0 { marks.append(Int32(base + offset)) }
            scalar += 1
        }
        bytes.append(contentsOf: added)
        scalarCount = scalar
        return count
    }

    /// The bytes of `count` scalars from `start` on. O(1) plus at most 64 steps to either end.
    func byteRange(from start: Int, count: Int) -> Range<Int> {
        if isASCII { return start..<start + count }
        return byteOffset(of: start)..<byteOffset(of: start + count)
    }

    func string(from start: Int, count: Int) -> String {
        String(decoding: bytes[byteRange(from: start, count: count)], as: UTF8.self)
    }

    /// Whether two stretches are the same scalars.
    func isEqual(_ left: IDRange, _ right: IDRange) -> Bool {
        left.count == right.count
            && bytes[byteRange(from: Int(left.start), count: Int(left.count))]
                .elementsEqual(bytes[byteRange(from: Int(right.start), count: Int(right.count))])
    }

    private func byteOffset(of scalar: Int) -> Int {
        if scalar == scalarCount { return bytes.count }
        var offset = Int(marks[scalar >> 6])
        for _ in 0..<scalar & 63 {
            offset += utf8Length(lead: bytes[offset])
        }
        return offset
    }
}

/// Bytes of the scalar that begins with `lead`, in valid UTF-8.
@inline(__always)
func utf8Length(lead: UInt8) -> Int {
    lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
}

/// Scalars in valid UTF-8: the bytes that do not continue one. Eight at a time; the loads stay below the count.
func scalarCountOfUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    let raw = UnsafeRawBufferPointer(bytes)
    var continuationCount = 0
    var offset = 0
    while offset + 8 <= raw.count {
        let word = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        // A byte that continues a scalar has the highest bit set and the next one not.
        let marks = (word >> 7) & (~word >> 6) & 0x0101_0101_0101_0101
        continuationCount &+= marks.nonzeroBitCount
        offset += 8
    }
    while offset < raw.count {
        if raw[offset] & 0xC0 == 0x80 { continuationCount &+= 1 }
        offset += 1
    }
    return raw.count - continuationCount
}

extension String {
    /// Scalars, counted over the bytes: much faster than `unicodeScalars.count`.
    var scalarCount: Int {
        var copy = self
        return copy.withUTF8(scalarCountOfUTF8)
    }
}
