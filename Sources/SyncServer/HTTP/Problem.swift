import Digest

/// What went wrong with a request, as RFC 9457 has it: a status, a type that never changes, and a text for people.
struct Problem: Error, Hashable, Sendable {
    static let mediaType = "application/problem+json"
    private static let typePrefix = "urn:webinar:problem:"

    var status: Int
    /// After `urn:webinar:problem:`.
    var type: String
    var title: String
    var detail: String?
    /// Further members, in order.
    var members: [Member] = []
    /// Further header fields.
    var headers: [Header] = []

    struct Member: Hashable, Sendable {
        var name: String
        var value: String
        /// A number stands bare.
        var isNumber = false
    }

    struct Header: Hashable, Sendable {
        var name: String
        var value: String
    }

    init(_ status: Int, _ type: String, _ title: String) {
        self.status = status
        self.type = type
        self.title = title
    }

    func with(detail: String) -> Problem {
        var problem = self
        problem.detail = detail
        return problem
    }

    func with(_ name: String, _ value: String) -> Problem {
        var problem = self
        problem.members.append(Member(name: name, value: value))
        return problem
    }

    func with(_ name: String, _ value: some BinaryInteger) -> Problem {
        var problem = self
        problem.members.append(Member(name: name, value: "\(value)", isNumber: true))
        return problem
    }

    func with(header name: String, _ value: String) -> Problem {
        var problem = self
        problem.headers.append(Header(name: name, value: value))
        return problem
    }

    /// The document.
    func body(requestID: RequestID) -> [UInt8] {
        var members = [
            "\"type\":\(Self.quoted(Self.typePrefix + type))", "\"title\":\(Self.quoted(title))",
            "\"status\":\(status)",
        ]
        if let detail { members.append("\"detail\":\(Self.quoted(detail))") }
        members.append("\"instance\":\(Self.quoted("urn:webinar:request:\(requestID)"))")
        members += self.members.map { "\"\($0.name)\":\($0.isNumber ? $0.value : Self.quoted($0.value))" }
        return Array("{\(members.joined(separator: ","))}\n".utf8)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// What the log and the answer call a request by.
struct RequestID: Hashable, Sendable, CustomStringConvertible {
    private let bits = UInt32(truncatingIfNeeded: RandomBytes.uint64())

    /// Eight hexadecimal digits.
    var description: String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
