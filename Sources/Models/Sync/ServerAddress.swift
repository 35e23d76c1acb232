/// Where a server is reached: a host and a port, as `HOST:PORT`.
public struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name or an IP address in lower case; an IPv6 address without brackets.
    public let host: String
    /// 0 lets the system choose, where a server listens.
    public let port: Int

    /// Nil for a host that is none, or a port outside 0...65535.
    public init?(host: String, port: Int) {
        guard (0...65535).contains(port), Self.isHost(host) else { return nil }
        self.host = host.lowercased()
        self.port = port
    }

    /// Reads `HOST:PORT` or `[IPV6]:PORT`.
    public init?(_ text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy(Self.isDigit), let port = Int(digits) else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        self.init(host: host, port: port)
    }

    /// `HOST:PORT`, with brackets round an IPv6 address.
    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Letters, digits, dots and dashes of a name; or the digits and colons of an IPv6 address. Whether there is
    /// such a host is for the network to say.
    private static func isHost(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        if text.contains(":") {
            return text.utf8.allSatisfy {
                isDigit($0) || isHexLetter($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
            }
        }
        return text.utf8.allSatisfy {
            isDigit($0) || isLetter($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
        } && text.utf8.first != UInt8(ascii: "-")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isHexLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
