import Digest

/// What a client keeps to resume with a server: OpenSSL's session, bound to whom it was made with.
///
/// In a resumed handshake the server shows no certificate; the ticket stands for it. So a ticket carries the pin of
/// the key that was proven when it was made, and counts only where that key is trusted.
///
/// A ticket holds a secret: keep it where only its owner can read it. Use it once (RFC 8446, appendix C.4): take it
/// from its file, delete the file, connect; each connection brings a new one.
public struct ResumptionTicket: Equatable, Sendable {
    /// The key that the server proved.
    public let pin: KeyPin
    /// The host name that the certificate was checked for; `nil` if the key was pinned.
    public let hostname: String?
    /// SSL_SESSION as DER.
    let session: [UInt8]

    /// Whether the ticket was made under the same trust.
    func isUsable(under trust: TLSTrust) -> Bool {
        switch trust {
        case .pinned(let pins): hostname == nil && pins.contains(pin)
        case .system(let hostname), .authorities(_, let hostname): self.hostname == hostname
        }
    }
}

/// As bytes, for a file:
///
///     4   "wtk1"
///     32  pin
///     1   count of bytes of the host name, 0 for none
///     n   host name, UTF-8
///     m   session, to the end
extension ResumptionTicket {
    private static let magic = Array("wtk1".utf8)
    private static let headByteCount = 4 + 32 + 1

    public var serialized: [UInt8] {
        // A longer one is no host's (RFC 1035, 2.3.4); cut off it is another's, and the ticket is not used.
        let name = Array((hostname ?? "").utf8.prefix(255))
        return Self.magic + pin.digest.bytes + [UInt8(name.count)] + name + session
    }

    /// `nil` if the bytes are not a whole ticket; the caller then connects without one.
    public init?(serialized bytes: [UInt8]) {
        guard (Self.headByteCount...TLSLimits.maximumStoredTicketBytes).contains(bytes.count),
            bytes.starts(with: Self.magic),
            let pin = KeyPin(digestBytes: bytes[4..<36])
        else { return nil }
        let nameEnd = Self.headByteCount + Int(bytes[36])
        guard nameEnd < bytes.count else { return nil }
        guard let name = String(validating: bytes[Self.headByteCount..<nameEnd], as: UTF8.self) else { return nil }
        self.pin = pin
        hostname = name.isEmpty ? nil : name
        session = Array(bytes[nameEnd...])
    }
}
