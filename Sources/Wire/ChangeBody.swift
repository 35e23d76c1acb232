public import Models

/// A change's bytes in their two parts: the frame, which says what it does, and the values, its words.
///
/// The values of a change that nobody needs any more can go, and the frame stays: it is *folded*. The chain covers the
/// digest of the values, so that a folded change has the hash it always had.
public struct ChangeBody: Sendable {
    public let frame: ArraySlice<UInt8>
    /// Nil: the change is folded.
    public let values: ArraySlice<UInt8>?
    public let valuesDigest: ContentHash

    init(frame: ArraySlice<UInt8>, values: ArraySlice<UInt8>) {
        self.frame = frame
        self.values = values
        valuesDigest = ContentHash(digesting: Array(values))
    }

    init(frame: ArraySlice<UInt8>, valuesDigest: ContentHash) {
        self.frame = frame
        values = nil
        self.valuesDigest = valuesDigest
    }

    /// Nil where `bytes` are no body at all; whether the parts can be read is another question.
    public init?(_ bytes: [UInt8]) {
        if bytes.first == 0 {
            guard bytes.count > 33, let digest = ContentHash(bytes: Array(bytes[1..<33])) else { return nil }
            self.init(frame: bytes[33...], valuesDigest: digest)
        } else {
            var reader = ByteReader(bytes)
            guard let count = try? reader.count() else { return nil }
            self.init(frame: bytes[reader.index..<reader.index + count], values: bytes[(reader.index + count)...])
        }
    }

    /// The bytes of a change that holds its values, or of one that is folded.
    public var bytes: [UInt8] {
        guard let values else { return [0] + valuesDigest.bytes + frame }
        var writer = ByteWriter(capacity: frame.count + values.count + 4)
        writer.count(frame.count)
        writer.raw(frame)
        writer.raw(values)
        return writer.bytes
    }

    /// The same without its values.
    public var folded: ChangeBody { ChangeBody(frame: frame, valuesDigest: valuesDigest) }
}
