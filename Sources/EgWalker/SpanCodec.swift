/// The spans of one save as bytes, as they stand inside a change on the wire and in the log.
///
///     byte count of the operations, varint
///     operations, for each span:
///         count * 2 + (0 insert, 1 delete), varint
///         position minus the place where the span before ended, zigzag varint
///     the inserted texts one after the other, UTF-8
///
/// An insertion ends behind its text, a deletion where it began; before the first span the place is 0. There is one
/// byte form for each list of spans. No checksum: what carries the change has one.
public enum SpanCodec {
    /// The bytes of `spans`. Empty spans say nothing and are left out.
    public static func encode(_ spans: [TextSpan]) -> [UInt8] {
        var operations = ByteColumn()
        var text: [UInt8] = []
        var place = 0
        for span in spans {
            switch span {
            case .insert(let at, let inserted):
                let count = inserted.unicodeScalars.count
                if count == 0 { continue }
                operations.append(count * 2)
                operations.appendSigned(at - place)
                place = at + count
                text.append(contentsOf: inserted.utf8)
            case .delete(let at, let count):
                if count == 0 { continue }
                operations.append(count * 2 + 1)
                operations.appendSigned(at - place)
                place = at
            }
        }
        var all = ByteColumn()
        all.append(operations.bytes.count)
        all.bytes.append(contentsOf: operations.bytes)
        all.bytes.append(contentsOf: text)
        return all.bytes
    }

    /// Reads what ``encode(_:)`` wrote. Total: whatever the bytes are, it ends with spans or an error, and takes
    /// memory in proportion to the bytes.
    public static func decode(_ bytes: [UInt8]) throws(TextCodingError) -> [TextSpan] {
        var reader = ByteReader(bytes[...])
        let operationByteCount = try reader.count(upTo: bytes.count)
        var operations = ByteReader(try reader.slice(operationByteCount))
        var text = reader
        guard isUTF8(try reader.slice(reader.remainingCount)) else { throw .invalidText }
        var spans: [TextSpan] = []
        var place = 0
        while !operations.isAtEnd {
            let (position, count, isDelete) = try operation(&operations, place: place)
            guard spans.count < EgWalkerLimits.maximumSpanCount else { throw .outOfRange }
            if isDelete {
                spans.append(.delete(at: position, count: count))
                place = position
            } else {
                spans.append(.insert(at: position, text: try scalars(count, of: &text)))
                place = position + count
            }
        }
        guard text.isAtEnd else { throw .trailingBytes }
        return spans
    }

    /// Position, count and kind of one span. `place` is where the one before ended.
    static func operation(
        _ operations: inout ByteReader,
        place: Int
    ) throws(TextCodingError) -> (position: Int, count: Int, isDelete: Bool) {
        let head = try operations.count(upTo: EgWalkerLimits.maximumScalarCount * 2 + 1)
        let (position, overflow) = try operations.signed().addingReportingOverflow(place)
        guard head > 1, !overflow, position >= 0, position <= EgWalkerLimits.maximumScalarCount else {
            throw .outOfRange
        }
        return (position, head >> 1, head & 1 == 1)
    }

    /// The next `count` scalars of UTF-8 that has been checked.
    private static func scalars(_ count: Int, of text: inout ByteReader) throws(TextCodingError) -> String {
        var byteCount = 0
        var lookahead = text
        for _ in 0..<count {
            guard let lead = try lookahead.slice(1).first else { throw .truncated }
            let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
            _ = try lookahead.slice(length - 1)
            byteCount += length
        }
        return String(decoding: try text.slice(byteCount), as: UTF8.self)
    }

    /// Whether the bytes are UTF-8. `String(validating:)` would make a copy of what is mostly thrown away.
    static func isUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil
    }
}
