/// What a finished handshake has settled.
public struct TLSConnectionInfo: Equatable, Sendable {
    /// What is spoken inside (ALPN); `nil` if the client offered nothing.
    public let applicationProtocol: String?
    /// The server's key, as a client knows it; `nil` on the server's side.
    public let peerPin: KeyPin?
    /// Whether a ticket took the place of the certificate.
    public let isResumed: Bool
    /// OpenSSL's name of the cipher suite.
    public let cipherSuite: String
}
