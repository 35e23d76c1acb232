import Digest
public import Models

/// How a device proves a link's secret without sending it.
///
/// The proof covers the keying material of the TLS connection it travels on (RFC 8446, section 7.5), so one who ends
/// TLS in the middle cannot use it on another connection; and the device's name, so nobody can change that either.
public enum LinkProof {
    public static let exporterLabel = "EXPORTER-webinar-link"
    public static let exporterByteCount = 32

    /// Which link it is, for the server to find it: the first 8 bytes of the SHA-256 of its secret.
    public static func linkID(ofSecret secret: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(secret).bytes.prefix(LinkRequest.linkByteCount))
    }

    /// HMAC-SHA-256 under the secret over: exporter ‖ link id ‖ device name in UTF-8.
    public static func proof(secret: [UInt8], exporter: [UInt8], deviceName: String) -> [UInt8] {
        hmacSHA256(key: secret, message: exporter + linkID(ofSecret: secret) + Array(deviceName.utf8)).bytes
    }

    /// Whether `request` proves `secret` on the connection with this keying material, in a time that does not
    /// depend on the answer.
    public static func isValid(_ request: LinkRequest, secret: [UInt8], exporter: [UInt8]) -> Bool {
        constantTimeEquals(
            request.proof,
            proof(secret: secret, exporter: exporter, deviceName: request.deviceName)
        )
    }
}
