import COpenSSL

/// What a server proves itself with: a certificate (and what chains it to an authority, if anything) and its key.
public struct ServerIdentity: Equatable, Sendable {
    /// The server's own certificate first, then those that lead to an authority.
    public let certificatePEM: [UInt8]
    public let keyPair: TLSKeyPair
    /// Seconds since 1970-01-01T00:00:00Z.
    public let notBeforeSeconds: Int64
    /// Seconds since 1970-01-01T00:00:00Z.
    public let notAfterSeconds: Int64

    /// What clients pin.
    public var pin: KeyPin { keyPair.pin }

    /// How long a self-signed certificate is valid from its making. Clients that pin the key do not look at it.
    public static let defaultLifetimeSeconds: Int64 = 87 * secondsInDay

    /// A device whose clock is behind must not refuse a fresh certificate.
    static let backdatingSeconds: Int64 = 2 * secondsInDay
    private static let secondsInDay: Int64 = 86_400

    /// Makes a self-signed certificate for `keyPair`: an end entity's, for TLS servers, valid since two days before
    /// `nowSeconds`, with a random serial number of 128 bits.
    ///
    /// - Parameters:
    ///   - names: DNS names and IP addresses for the subject's alternative names; at least one.
    ///   - nowSeconds: Seconds since 1970-01-01T00:00:00Z.
    public static func selfSigned(
        keyPair: TLSKeyPair,
        names: [String],
        nowSeconds: Int64,
        lifetimeSeconds: Int64 = defaultLifetimeSeconds
    ) throws(TLSError) -> ServerIdentity {
        let key = try PrivateKeyHandle(pem: keyPair.privateKeyPEM)
        let certificate = try CertificateHandle.selfSigned(
            key: key,
            names: names,
            notBeforeSeconds: nowSeconds - backdatingSeconds,
            notAfterSeconds: nowSeconds + lifetimeSeconds
        )
        return try ServerIdentity(certificatePEM: certificate.pem(), keyPair: keyPair)
    }

    /// The same key with a new self-signed certificate, so that every pin holds.
    public func renewed(
        names: [String],
        nowSeconds: Int64,
        lifetimeSeconds: Int64 = defaultLifetimeSeconds
    ) throws(TLSError) -> ServerIdentity {
        try Self.selfSigned(
            keyPair: keyPair,
            names: names,
            nowSeconds: nowSeconds,
            lifetimeSeconds: lifetimeSeconds
        )
    }

    /// Whether less than a third of the certificate's life is left, or its life has not begun.
    public func isDueForRenewal(nowSeconds: Int64) -> Bool {
        let lifetime = notAfterSeconds - notBeforeSeconds
        return nowSeconds < notBeforeSeconds || notAfterSeconds - nowSeconds < lifetime / 3
    }

    /// Takes a certificate made elsewhere, too. Throws if the key is not the first certificate's.
    public init(certificatePEM: [UInt8], keyPair: TLSKeyPair) throws(TLSError) {
        var leaf: (pin: KeyPin, notBefore: Int64, notAfter: Int64)?
        try forEachCertificate(inPEM: certificatePEM) { index, certificate throws(TLSError) in
            guard index == 0 else { return }
            leaf = (
                try certificate.pin(),
                try Self.seconds(X509_get0_notBefore(certificate.pointer)),
                try Self.seconds(X509_get0_notAfter(certificate.pointer))
            )
        }
        guard let leaf, leaf.pin == keyPair.pin else { throw .keyDoesNotMatchCertificate }
        self.certificatePEM = certificatePEM
        self.keyPair = keyPair
        notBeforeSeconds = leaf.notBefore
        notAfterSeconds = leaf.notAfter
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) throws(TLSError) -> Int64 {
        let epoch = ASN1_TIME_set(nil, 0)
        defer { ASN1_TIME_free(epoch) }
        var days: CInt = 0
        var seconds: CInt = 0
        guard ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else {
            throw .invalidCertificate(reason: "a validity that is no time")
        }
        return Int64(days) * secondsInDay + Int64(seconds)
    }
}

extension ServerIdentity: CustomStringConvertible {
    /// The pin only: a key must not reach a log.
    public var description: String { "ServerIdentity(\(pin))" }
}
