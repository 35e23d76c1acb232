/// What a device shows the server with each request: 256 random bits that only the device keeps. The server has no
/// more than their SHA-256.
public struct Credential: Hashable, Sendable {
    /// 32 bytes.
    public let bytes: [UInt8]

    public static let byteCount = 32
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let characterCount = 43

    /// Exactly 32 bytes, or nil.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Reads ``text``; nil for anything that it would not write.
    public init?(text: some StringProtocol) {
        guard text.utf8.count == Self.characterCount else { return nil }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for character in text.utf8 {
            guard let value = Self.alphabet.firstIndex(of: character) else { return nil }
            bits = (bits << 6 | UInt32(value)) & 0xFFFF
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
            }
        }
        guard bits & ((1 << bitCount) - 1) == 0 else { return nil }
        self.init(bytes: bytes)
    }

    /// 43 characters of base64url (RFC 4648, section 5), for `Authorization: Bearer` and a file.
    public var text: String {
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for byte in bytes {
            bits = (bits << 8 | UInt32(byte)) & 0xFFFF
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                text.append(Self.alphabet[Int(bits >> bitCount & 63)])
            }
        }
        if bitCount > 0 { text.append(Self.alphabet[Int(bits << (6 - bitCount) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }
}

extension Credential: CustomStringConvertible {
    /// Not the secret: this may reach a log.
    public var description: String { "Credential" }
}
