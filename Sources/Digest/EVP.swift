import COpenSSL

/// OpenSSL's algorithms as its EVP interface hands them out.
enum EVP {
    /// The algorithm, fetched once: `EVP_sha256()` would look for its provider at each call
    /// (crypto(7), "Explicit fetching").
    ///
    /// Unsafe only to the compiler: an `EVP_MD` is immutable and reference counted, and this one is never freed.
    nonisolated(unsafe) static let sha256: OpaquePointer = {
        guard let algorithm = EVP_MD_fetch(nil, "SHA256", nil) else {
            fatalError("OpenSSL has no SHA-256: is its default provider disabled in openssl.cnf?")
        }
        return algorithm
    }()
}
