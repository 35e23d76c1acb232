import HTTPTypes
import Wire

/// How bodies stand in a request and shall stand in its answer.
struct BodyForms: Hashable, Sendable {
    var request: WireFormat
    var isRequestDeflated: Bool
    var answer: WireFormat
    var mayDeflateAnswer: Bool

    /// - Throws: 415 and 406 for what we do not speak.
    init(_ headers: HTTPFields, of route: Route) throws(Problem) {
        var request: WireFormat?
        if route.maximumBodyBytes != nil {
            request = headers[.contentType].flatMap(Self.format)
            guard request != nil else { throw .unsupportedType }
        }
        self.request = request ?? .json
        switch headers[.contentEncoding]?.lowercased() {
        case nil, "identity": isRequestDeflated = false
        case "deflate": isRequestDeflated = true
        default: throw .unsupportedEncoding
        }
        answer = try Self.accepted(headers[.accept], otherwise: request ?? .json)
        mayDeflateAnswer = Self.items(headers[.acceptEncoding] ?? "").contains("deflate")
    }

    static func mediaType(_ format: WireFormat) -> String {
        switch format {
        case .protobuf: "application/x-protobuf"
        case .json: "application/json"
        }
    }

    private static func format(_ text: String) -> WireFormat? {
        switch text.prefix(while: { $0 != ";" }).lowercased().split(separator: " ").first {
        case "application/x-protobuf", "application/protobuf": .protobuf
        case "application/json": .json
        default: nil
        }
    }

    /// The first of ours in the list; whoever takes anything gets what they sent.
    private static func accepted(_ accept: String?, otherwise: WireFormat) throws(Problem) -> WireFormat {
        guard let accept else { return otherwise }
        for item in items(accept) {
            if item == "*/*" || item == "application/*" { return otherwise }
            if let format = format(item) { return format }
        }
        throw .notAcceptable
    }

    /// The items of a list in lower case, without their parameters and without those that are refused (`q=0`).
    private static func items(_ list: String) -> [String] {
        list.lowercased().split(separator: ",").compactMap { item in
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            let isRefused = parts.dropFirst().contains { ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains($0) }
            return isRefused ? nil : parts.first
        }
    }
}
