import FoundationEssentials

/// What a server says of a refusal (RFC 9457).
struct ProblemDocument: Decodable {
    var type: String?
    var title: String?
    var detail: String?

    /// Nil if the bytes are none.
    init?(_ bytes: [UInt8]) {
        guard let document = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else { return nil }
        self = document
        detail = detail ?? title
    }
}
