import COpenSSL

/// HMAC-SHA-256 (RFC 2104) of `message` under `key`. Any key length is allowed, the empty one too.
public func hmacSHA256(key: [UInt8], message: [UInt8]) -> SHA256Digest {
    var output = [UInt8](repeating: 0, count: SHA256Digest.byteCount)
    var outputCount: UInt32 = 0
    let result = HMAC(EVP.sha256, key, CInt(key.count), message, message.count, &output, &outputCount)
    precondition(result != nil && outputCount == UInt32(SHA256Digest.byteCount), "HMAC failed")
    return output.withUnsafeBytes(SHA256Digest.init(loading:))
}

/// Whether two secrets are equal, in a time that depends on their lengths only.
///
/// Different lengths are unequal at once: the length of a secret is not a secret.
public func constantTimeEquals(_ lhs: [UInt8], _ rhs: [UInt8]) -> Bool {
    lhs.count == rhs.count && CRYPTO_memcmp(lhs, rhs, lhs.count) == 0
}

/// Whether two digests are equal, in a time that does not depend on their bytes.
public func constantTimeEquals(_ lhs: SHA256Digest, _ rhs: SHA256Digest) -> Bool {
    lhs.withUnsafeBytes { left in
        rhs.withUnsafeBytes { right in
            CRYPTO_memcmp(left.baseAddress, right.baseAddress, SHA256Digest.byteCount) == 0
        }
    }
}
