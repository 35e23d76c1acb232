/// What a person carries from the server to a new device, as text or as a QR code:
///
///     WEBINAR:HOST:PORT/<pin, 52 base32>/<secret, 26 base32>
///
/// Upper case on purpose, for QR codes have a mode for it that needs a third less room. The pin is the SHA-256 of
/// the server's public key, so the device learns whom to trust from a place the network cannot touch. The secret is
/// good once and for ten minutes; it is never sent, only proven.
public struct LinkText: Hashable, Sendable {
    public let address: ServerAddress
    /// 32 bytes.
    public let pin: [UInt8]
    /// 16 bytes.
    public let secret: [UInt8]

    public static let pinByteCount = 32
    public static let secretByteCount = 16
    private static let scheme = "webinar:"

    public init(address: ServerAddress, pin: [UInt8], secret: [UInt8]) {
        precondition(pin.count == Self.pinByteCount, "a pin has 32 bytes")
        precondition(secret.count == Self.secretByteCount, "a link's secret has 16 bytes")
        self.address = address
        self.pin = pin
        self.secret = secret
    }

    /// Reads a link in either case. White space is dropped, for terminals and mail programs wrap long lines.
    public init(_ text: String) throws(LinkTextError) {
        guard text.utf8.count <= Limits.maximumLinkTextBytes else { throw .tooLong }
        let text = String(text.unicodeScalars.filter { !$0.properties.isWhitespace }.map(Character.init))
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count > Self.scheme.utf8.count, text.prefix(Self.scheme.count).lowercased() == Self.scheme
        else { throw .notALink }
        let parts = text.dropFirst(Self.scheme.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .cutShort }
        guard let address = ServerAddress(parts[0]), address.port > 0 else { throw .invalidAddress(String(parts[0])) }
        self.address = address
        pin = try Self.bytes(parts[1], count: Self.pinByteCount, part: .pin)
        secret = try Self.bytes(parts[2], count: Self.secretByteCount, part: .secret)
    }

    private static func bytes(
        _ text: Substring,
        count: Int,
        part: LinkTextError.Part
    ) throws(LinkTextError) -> [UInt8] {
        guard text.utf8.count >= Base32Text.characterCount(ofBytes: count) else { throw .cutShort }
        guard let bytes = Base32Text.decode(text.utf8), bytes.count == count else { throw .damaged(part) }
        return bytes
    }
}

extension LinkText: CustomStringConvertible {
    /// The whole link, with its secret: for the person it is made for, and never for a log.
    public var description: String {
        "\(Self.scheme)\(address)".uppercased()
            + "/\(Base32Text.encode(pin))/\(Base32Text.encode(secret))"
    }
}

/// Why a text is no link.
public enum LinkTextError: Error, Hashable, Sendable {
    public enum Part: Hashable, Sendable {
        case pin
        case secret
    }

    case empty
    case tooLong
    /// It does not begin with `WEBINAR:`.
    case notALink
    /// A part is missing or too short: not all of it was copied.
    case cutShort
    case invalidAddress(String)
    /// A character is not base32, or there are too many.
    case damaged(Part)
}
