/// The 32 bytes of a SHA-256 hash or HMAC.
///
/// A value of four machine words: no allocation, cheap to copy, compare and use as a key. `==` takes a time that
/// depends on the bytes; to compare secrets, use ``constantTimeEquals(_:_:)-(SHA256Digest,SHA256Digest)``.
public struct SHA256Digest: Hashable, Sendable {
    /// How many bytes a digest has.
    public static let byteCount = 32

    /// The bytes in memory order, eight to a word.
    private var words: (UInt64, UInt64, UInt64, UInt64) { (word0, word1, word2, word3) }
    private let word0: UInt64
    private let word1: UInt64
    private let word2: UInt64
    private let word3: UInt64

    /// Takes exactly 32 bytes; `nil` for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self = withUnsafeTemporaryAllocation(byteCount: Self.byteCount, alignment: 8) { buffer in
            buffer.copyBytes(from: bytes)
            return Self(loading: UnsafeRawBufferPointer(buffer))
        }
    }

    /// Reads the first 32 bytes of `buffer`, which must have them.
    init(loading buffer: UnsafeRawBufferPointer) {
        word0 = buffer.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
        word1 = buffer.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        word2 = buffer.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        word3 = buffer.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
    }

    /// The 32 bytes as an array.
    public var bytes: [UInt8] {
        withUnsafeBytes { [UInt8]($0) }
    }

    /// Lends the 32 bytes without copying them to an array.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try Swift.withUnsafeBytes(of: words, body)
    }

    /// 64 lower-case hexadecimal digits.
    public var hex: String {
        withUnsafeBytes { bytes in
            String(unsafeUninitializedCapacity: 2 * Self.byteCount) { text in
                for (index, byte) in bytes.enumerated() {
                    text[2 * index] = Self.hexDigits[Int(byte >> 4)]
                    text[2 * index + 1] = Self.hexDigits[Int(byte & 15)]
                }
                return 2 * Self.byteCount
            }
        }
    }

    private static let hexDigits = [UInt8]("0123456789abcdef".utf8)
}

extension SHA256Digest: CustomStringConvertible {
    public var description: String { hex }
}

extension SHA256Digest: Comparable {
    /// The order of the bytes, first byte first.
    public static func < (lhs: Self, rhs: Self) -> Bool {
        (lhs.word0.bigEndian, lhs.word1.bigEndian, lhs.word2.bigEndian, lhs.word3.bigEndian)
            < (rhs.word0.bigEndian, rhs.word1.bigEndian, rhs.word2.bigEndian, rhs.word3.bigEndian)
    }
}
