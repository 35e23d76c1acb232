/// Changes of one text as bytes: a whole history, or what one version lacks.
///
///     1 byte          version of the format: 1
///     varint * 5      of each column, length * 2 + (1 if it is compressed); then, if it is, its inflated length, varint
///     columns         one after the other, as below
///     8 bytes         checksum of everything before, lowest byte first
///
/// A column is a string of varints but for the text. Changes are numbered from 0 in the frame, parents first.
///
///     ids             agents: count, then each; changes outside that are named as parents: count, then (agent's
///                     place, sequence) each; changes: count, then runs of (agent's place, zigzag of first sequence
///                     minus the one after that agent's last, length)
///     graph           how many changes have just the one before as parent and no flags; then, if changes are left,
///                     one that has not: parent count * 4 + (1 if repaired) + (2 if settling), each parent as distance
///                     back or 0 and the place among those outside; and so on
///     counts          runs of (span count, changes with it)
///     operations      as in ``SpanCodec``, the place going on from change to change
///     text            UTF-8 of all insertions one after the other
enum FrameFormat {
    static let version: UInt8 = 1
    static let columnCount = 5
    static let checksumByteCount = 8
    /// Below this a column is not compressed: deflate has nothing to find in it.
    static let minimumCompressedByteCount = 200

    /// The columns of one frame.
    struct Columns: Equatable {
        var ids: [UInt8] = []
        var graph: [UInt8] = []
        var counts: [UInt8] = []
        var operations: [UInt8] = []
        var text: [UInt8] = []
    }

    static func pack(_ columns: Columns, deflating: (([UInt8]) -> [UInt8])?) -> [UInt8] {
        var head = ByteColumn()
        head.bytes.append(version)
        var bodies: [[UInt8]] = []
        for column in [columns.ids, columns.graph, columns.counts, columns.operations, columns.text] {
            if column.count >= minimumCompressedByteCount, let deflated = deflating?(column),
                deflated.count < column.count
            {
                head.append(deflated.count * 2 + 1)
                head.append(column.count)
                bodies.append(deflated)
            } else {
                head.append(column.count * 2)
                bodies.append(column)
            }
        }
        for body in bodies { head.bytes.append(contentsOf: body) }
        var sum = checksum(head.bytes[...])
        for _ in 0..<checksumByteCount {
            head.bytes.append(UInt8(truncatingIfNeeded: sum))
            sum >>= 8
        }
        return head.bytes
    }

    /// - Parameter inflating: Gets a compressed column and the length it must come to, and must never give more.
    static func unpack(
        _ bytes: [UInt8],
        inflating: ((_ bytes: [UInt8], _ byteCount: Int) throws -> [UInt8])?
    ) throws(TextCodingError) -> Columns {
        guard let first = bytes.first else { throw .truncated }
        guard first == version else { throw .unknownVersion }
        guard bytes.count > checksumByteCount else { throw .truncated }
        let body = bytes[..<(bytes.count - checksumByteCount)]
        var sum: UInt64 = 0
        for byte in bytes.suffix(checksumByteCount).reversed() { sum = sum << 8 | UInt64(byte) }
        guard sum == checksum(body) else { throw .damaged }
        var reader = ByteReader(body.dropFirst())
        var lengths: [(packed: Int, inflated: Int?)] = []
        for _ in 0..<columnCount {
            let head = try reader.count(upTo: bytes.count * 2 + 1)
            let inflated = head & 1 == 1 ? try reader.count(upTo: EgWalkerLimits.maximumColumnByteCount) : nil
            lengths.append((head >> 1, inflated))
        }
        var columns: [[UInt8]] = []
        for length in lengths {
            let packed = Array(try reader.slice(length.packed))
            guard let inflated = length.inflated else {
                columns.append(packed)
                continue
            }
            guard let inflating, let column = try? inflating(packed, inflated), column.count == inflated else {
                throw .notInflatable
            }
            columns.append(column)
        }
        guard reader.isAtEnd else { throw .trailingBytes }
        return Columns(ids: columns[0], graph: columns[1], counts: columns[2], operations: columns[3], text: columns[4])
    }

    /// Eight bytes at a time, each step one-to-one in the bytes and in what came before, so that a change within one
    /// word always changes the sum.
    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var sum: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
        func step(_ word: UInt64) {
            sum = (sum ^ word) &* 0xD6E8_FEB8_6659_FD93
            sum ^= sum >> 32
        }
        // Unsafe for speed only: the loads stay below the count.
        bytes.withUnsafeBytes { raw in
            var offset = 0
            while offset + 8 <= raw.count {
                step(UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
                offset += 8
            }
            var last: UInt64 = 0
            for index in offset..<raw.count { last |= UInt64(raw[index]) << UInt64((index - offset) * 8) }
            step(last)
        }
        return sum
    }
}
