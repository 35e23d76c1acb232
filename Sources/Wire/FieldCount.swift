import Models

/// How many fields a protobuf message has, counted before it is decoded: an empty one takes two bytes there, and up to
/// fifty times that once it is a value.
///
/// <https://protobuf.dev/programming-guides/encoding/>
struct FieldCount {
    /// The fields of a message that are messages again and are counted with it, with theirs.
    struct Nesting: Sendable {
        var fields: [UInt64: Nesting]

        static let flat = Nesting(fields: [:])
    }

    private var left: Int

    /// - Throws: ``WireError/Reason/tooManyFields(maximum:)``, or that it is no message.
    static func check(
        _ bytes: ArraySlice<UInt8>,
        within nesting: Nesting = .flat,
        maximum: Int = Limits.maximumFieldCount
    ) throws(WireError) {
        // A field takes two bytes at least, so that most messages need not be looked at.
        guard bytes.count > 2 * maximum else { return }
        var count = FieldCount(left: maximum)
        try count.walk(Array(bytes), within: nesting)
        guard count.left >= 0 else { throw WireError(.tooManyFields(maximum: maximum)) }
    }

    /// The same of protobuf's JSON form, in which a comma stands between any two.
    static func checkJSON(_ bytes: [UInt8], maximum: Int = Limits.maximumFieldCount) throws(WireError) {
        guard bytes.count > maximum, bytes.count(where: { $0 == UInt8(ascii: ",") }) > maximum else { return }
        throw WireError(.tooManyFields(maximum: maximum))
    }

    private mutating func walk(_ bytes: [UInt8], within nesting: Nesting) throws(WireError) {
        var reader = ByteReader(bytes)
        while left >= 0, !reader.isAtEnd {
            left -= 1
            let tag = try reader.varint()
            switch tag & 7 {
            case 0: _ = try reader.varint()
            case 1: _ = try reader.raw(8)
            case 2:
                let field = try reader.raw(try reader.count())
                if let inner = nesting.fields[tag >> 3] { try walk(field, within: inner) }
            case 5: _ = try reader.raw(4)
            default: throw WireError(.malformed)
            }
        }
    }
}
