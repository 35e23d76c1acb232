import COpenSSL

/// SHA-256 of bytes that are all there. For bytes that come in pieces, see ``SHA256Hasher``.
///
/// A call allocates nothing, and no call is slow because it is the first.
public enum SHA256 {
    /// The hash of an array.
    public static func hash(_ bytes: [UInt8]) -> SHA256Digest {
        bytes.withUnsafeBytes(hash)
    }

    /// The hash of any collection; one without contiguous storage is copied first.
    public static func hash(_ bytes: some Collection<UInt8>) -> SHA256Digest {
        bytes.withContiguousStorageIfAvailable { hash(UnsafeRawBufferPointer($0)) } ?? hash([UInt8](bytes))
    }

    /// The hash of the bytes of a span.
    public static func hash(_ bytes: RawSpan) -> SHA256Digest {
        bytes.withUnsafeBytes(hash)
    }

    /// The hash of memory that the caller keeps alive for the call.
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> SHA256Digest {
        var state = SHA256State()
        state.update(bytes)
        return state.finish()
    }
}

/// SHA-256 of bytes that come in pieces. It can be used again after ``finalize()``, without a new allocation.
public final class SHA256Hasher {
    private var state = SHA256State()

    /// A hasher that has seen nothing yet.
    public init() {}

    /// Takes the next bytes.
    public func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes(update)
    }

    /// Takes the next bytes.
    public func update(_ bytes: some Collection<UInt8>) {
        if bytes.withContiguousStorageIfAvailable({ update(UnsafeRawBufferPointer($0)) }) == nil {
            update([UInt8](bytes))
        }
    }

    /// Takes the next bytes.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        state.update(bytes)
    }

    /// The hash of all bytes since the start or the last `finalize()`; the hasher then starts anew.
    public func finalize() -> SHA256Digest {
        defer { state = SHA256State() }
        return state.finish()
    }
}

/// The state of a hash, held in place. The calls cannot fail: they answer 1, always.
private struct SHA256State {
    private var context = SHA256_CTX()

    init() { _ = webinar_SHA256_Init(&context) }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        _ = webinar_SHA256_Update(&context, start, bytes.count)
    }

    mutating func finish() -> SHA256Digest {
        var storage: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        return withUnsafeMutableBytes(of: &storage) { buffer in
            _ = webinar_SHA256_Final(buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), &context)
            return SHA256Digest(loading: UnsafeRawBufferPointer(buffer))
        }
    }
}

/// A hasher belongs to one thread at a time.
@available(*, unavailable)
extension SHA256Hasher: Sendable {}
