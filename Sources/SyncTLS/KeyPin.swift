public import Digest

/// What a device knows a server by: the SHA-256 of its public key, as the DER of SubjectPublicKeyInfo (RFC 7469).
///
/// A pin survives the renewal of a certificate and a change of name or address, for it covers the key alone.
public struct KeyPin: Hashable, Sendable {
    public let digest: SHA256Digest

    public init(_ digest: SHA256Digest) {
        self.digest = digest
    }

    /// The pin of a public key given as DER of SubjectPublicKeyInfo.
    public init(subjectPublicKeyInfo: [UInt8]) {
        digest = SHA256.hash(subjectPublicKeyInfo)
    }

    /// `nil` unless there are 32 bytes.
    init?(digestBytes: some Collection<UInt8>) {
        guard let digest = SHA256Digest(bytes: digestBytes) else { return nil }
        self.digest = digest
    }

    /// Reads any form that this type writes: ``base32`` in either case, with or without dashes and white space
    /// (links get wrapped), ``base64``, and ``curlPin``. `nil` for anything else.
    public init?(_ text: String) {
        let prefix = Self.curlPrefix
        if text.hasPrefix(prefix) {
            self.init(base64: String(text.dropFirst(prefix.count)))
        } else if text.hasSuffix("=") {
            self.init(base64: text)
        } else {
            self.init(base32: text)
        }
    }

    private init?(base32 text: String) {
        let letters = text.utf8.filter { !Self.separators.contains($0) }
        guard letters.count == Self.base32Count, let bytes = Base32.decode(letters),
            let digest = SHA256Digest(bytes: bytes)
        else { return nil }
        self.digest = digest
    }

    private init?(base64 text: String) {
        guard let bytes = Base64.decode(text), let digest = SHA256Digest(bytes: bytes) else { return nil }
        self.digest = digest
    }

    /// 52 upper-case letters and digits, as in a link.
    public var base32: String {
        Base32.encode(digest.bytes)
    }

    /// ``base32`` in groups of four, `ADSU-H6QE-…`, for people to compare.
    public var grouped: String {
        let letters = Array(base32.utf8)
        let groups = stride(from: 0, to: letters.count, by: 4).map { start in
            String(decoding: letters[start..<min(start + 4, letters.count)], as: UTF8.self)
        }
        return groups.joined(separator: "-")
    }

    /// 44 characters, as in RFC 7469.
    public var base64: String {
        Base64.encode(digest.bytes)
    }

    /// `sha256//…`, as curl's `--pinnedpubkey` takes it.
    public var curlPin: String {
        Self.curlPrefix + base64
    }

    private static let curlPrefix = "sha256//"
    private static let base32Count = 52
    private static let separators = Array("- \t\r\n".utf8)
}

extension KeyPin: CustomStringConvertible {
    public var description: String { grouped }
}
