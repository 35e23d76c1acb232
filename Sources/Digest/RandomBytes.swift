import COpenSSL

/// Unpredictable bytes, for keys, secrets and identifiers.
public enum RandomBytes {
    /// `count` bytes from OpenSSL's generator, which the kernel seeds.
    ///
    /// Traps if the generator fails (RAND_bytes(3)): there is no safe way to go on without randomness.
    public static func bytes(_ count: Int) -> [UInt8] {
        precondition(count >= 0 && count <= CInt.max, "a count of random bytes from 0 to 2^31 - 1")
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            fill(UnsafeMutableRawBufferPointer(buffer.extracting(..<count)))
            initializedCount = count
        }
    }

    /// 64 random bits.
    public static func uint64() -> UInt64 {
        var value: UInt64 = 0
        withUnsafeMutableBytes(of: &value, fill)
        return value
    }

    private static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard !buffer.isEmpty else { return }
        let result = RAND_bytes(buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), CInt(buffer.count))
        precondition(result == 1, "the random number generator failed")
    }
}
