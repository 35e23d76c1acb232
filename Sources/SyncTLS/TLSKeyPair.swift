/// A private key and the pin of its public half. A value: it holds the key as PEM.
///
/// A server has one in use and a spare whose pin its devices know already, so that it can change keys without
/// linking every device anew.
public struct TLSKeyPair: Equatable, Sendable {
    /// PKCS #8, not encrypted. Belongs in a file that only its owner can read.
    public let privateKeyPEM: [UInt8]
    public let pin: KeyPin

    /// Makes a new ECDSA key on P-256.
    public static func make() throws(TLSError) -> TLSKeyPair {
        try TLSKeyPair(PrivateKeyHandle())
    }

    /// Reads an unencrypted private key of any kind that TLS 1.3 can sign with.
    public init(privateKeyPEM: [UInt8]) throws(TLSError) {
        let handle = try PrivateKeyHandle(pem: privateKeyPEM)
        self.privateKeyPEM = privateKeyPEM
        pin = try handle.pin()
    }

    private init(_ handle: consuming PrivateKeyHandle) throws(TLSError) {
        privateKeyPEM = try handle.pem()
        pin = try handle.pin()
    }
}

extension TLSKeyPair: CustomStringConvertible {
    /// The pin only: a key must not reach a log.
    public var description: String { "TLSKeyPair(\(pin))" }
}
