/// What can go wrong with a key, a certificate or a connection.
///
/// `reason` texts come from OpenSSL; they are for a log, and no caller should decide by them.
public enum TLSError: Error, Equatable, Sendable {
    // MARK: Keys, certificates and settings

    /// Not one unencrypted private key in PEM.
    case invalidPrivateKey(reason: String)
    /// Not one or more certificates in PEM.
    case invalidCertificate(reason: String)
    /// The first certificate is not of this private key.
    case keyDoesNotMatchCertificate
    /// Neither a DNS name nor an IP address.
    case invalidName(String)
    /// A client that trusts no key at all could never connect.
    case noPins
    /// OpenSSL refused a setting.
    case setupFailed(operation: String, reason: String)

    // MARK: The handshake

    /// The server proved another key than those we pinned. Nothing of the application was sent.
    case wrongPin(expected: [KeyPin], shown: KeyPin)
    /// The certificate does not hold under the trusted authorities, or not for this host name.
    case certificateRefused(reason: String)
    /// The two sides could not agree, or one broke the protocol.
    case handshakeFailed(reason: String)
    /// The handshake as a whole took longer than allowed.
    case handshakeTimeout
    /// The connection ended before the handshake did.
    case closedDuringHandshake
    /// More was written before the end of the handshake than is kept.
    case tooManyBufferedBytes(maximum: Int)

    // MARK: The connection

    /// The connection ended without close_notify: what was read may be cut short (RFC 8446, section 6.1).
    case uncleanShutdown
    /// The peer broke the protocol after the handshake, or a record was damaged.
    case protocolFailed(reason: String)
    /// There is no finished handshake to speak of.
    case notEstablished
    /// The handler was taken out of the pipeline.
    case handlerRemoved
}
