import COpenSSL

/// Without a callback of ours, OpenSSL would ask for the password of an encrypted file on the terminal.
private func noPassword(
    _ buffer: UnsafeMutablePointer<CChar>?,
    _ count: CInt,
    _ isWriting: CInt,
    _ argument: UnsafeMutableRawPointer?
) -> CInt {
    -1
}

/// A private key of OpenSSL's, freed at the end of its scope.
struct PrivateKeyHandle: ~Copyable {
    let pointer: OpaquePointer

    /// A new key on P-256.
    init() throws(TLSError) {
        pointer = try OpenSSLError.check(webinar_EVP_EC_gen("P-256"), "EVP_EC_gen")
    }

    init(pem: [UInt8]) throws(TLSError) {
        let bio = try ReadBIO(pem)
        guard let pointer = PEM_read_bio_PrivateKey(bio.pointer, nil, noPassword, nil) else {
            throw .invalidPrivateKey(reason: OpenSSLError.takeReason())
        }
        self.pointer = pointer
    }

    deinit {
        EVP_PKEY_free(pointer)
    }

    /// PKCS #8, not encrypted: the file's mode protects it.
    func pem() throws(TLSError) -> [UInt8] {
        let bio = try WriteBIO()
        try OpenSSLError.check(
            PEM_write_bio_PrivateKey(bio.pointer, pointer, nil, nil, 0, nil, nil),
            "PEM_write_bio_PrivateKey"
        )
        return bio.bytes()
    }

    func pin() throws(TLSError) -> KeyPin {
        try KeyPin(subjectPublicKeyInfo: derBytes("i2d_PUBKEY") { i2d_PUBKEY(pointer, $0) })
    }
}

/// A certificate of OpenSSL's, freed at the end of its scope.
struct CertificateHandle: ~Copyable {
    let pointer: OpaquePointer

    /// Takes over `pointer`.
    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        X509_free(pointer)
    }

    func pem() throws(TLSError) -> [UInt8] {
        let bio = try WriteBIO()
        try OpenSSLError.check(PEM_write_bio_X509(bio.pointer, pointer), "PEM_write_bio_X509")
        return bio.bytes()
    }

    func pin() throws(TLSError) -> KeyPin {
        try Self.pin(of: pointer)
    }

    /// The pin of a certificate that someone else owns.
    static func pin(of certificate: OpaquePointer) throws(TLSError) -> KeyPin {
        let publicKey = X509_get_X509_PUBKEY(certificate)
        return try KeyPin(subjectPublicKeyInfo: derBytes("i2d_X509_PUBKEY") { i2d_X509_PUBKEY(publicKey, $0) })
    }
}

/// Hands each certificate of a PEM file to `body`, in order; there is at least one.
func forEachCertificate(
    inPEM pem: [UInt8],
    _ body: (_ index: Int, borrowing CertificateHandle) throws(TLSError) -> Void
) throws(TLSError) {
    let bio = try ReadBIO(pem)
    var index = 0
    while let pointer = PEM_read_bio_X509(bio.pointer, nil, noPassword, nil) {
        try body(index, CertificateHandle(owning: pointer))
        index += 1
    }
    let reason = OpenSSLError.takeReason()
    // The loop ends with "no start line" at the end of the file, and with something else at a damaged certificate.
    guard index > 0, reason == "no start line" else {
        throw .invalidCertificate(reason: reason)
    }
}

/// The DER that an `i2d_` function writes: first asked for its length, then for the bytes.
func derBytes(
    _ operation: String,
    _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> CInt
) throws(TLSError) -> [UInt8] {
    let count = Int(encode(nil))
    guard count > 0 else {
        throw .setupFailed(operation: operation, reason: OpenSSLError.takeReason())
    }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
        var cursor = buffer.baseAddress
        initializedCount = Int(encode(&cursor))
    }
}

/// A BIO to read bytes of ours from.
private struct ReadBIO: ~Copyable {
    let pointer: OpaquePointer

    init(_ bytes: [UInt8]) throws(TLSError) {
        guard bytes.count <= TLSLimits.maximumPEMBytes else {
            throw .setupFailed(operation: "reading PEM", reason: "over \(TLSLimits.maximumPEMBytes) bytes")
        }
        OpenSSLError.clear()
        pointer = try OpenSSLError.check(BIO_new(BIO_s_mem()), "BIO_new")
        let count = BIO_write(pointer, bytes, CInt(bytes.count))
        precondition(bytes.isEmpty || Int(count) == bytes.count, "a memory BIO takes all that it is given")
    }

    deinit {
        BIO_free(pointer)
    }
}

/// A BIO to write to. OpenSSL wipes its memory when it is freed.
private struct WriteBIO: ~Copyable {
    let pointer: OpaquePointer

    init() throws(TLSError) {
        OpenSSLError.clear()
        pointer = try OpenSSLError.check(BIO_new(BIO_s_secmem()), "BIO_new")
    }

    deinit {
        BIO_free(pointer)
    }

    func bytes() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: BIO_ctrl_pending(pointer)) { buffer, initializedCount in
            initializedCount = max(0, Int(BIO_read(pointer, buffer.baseAddress, CInt(buffer.count))))
        }
    }
}
