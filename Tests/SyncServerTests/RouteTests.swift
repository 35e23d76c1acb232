import HTTPTypes
import Models
import Testing
import Wire

@testable import SyncServer

@Suite struct RouteTests {
    static let notebook = "0192f3a0-0000-7000-8000-00000000000a"

    @Test func `each route is found by its method and path`() throws {
        let id = try #require(NotebookID(Self.notebook))
        #expect(try Route.match(method: "POST", path: "/v1/notebooks/\(Self.notebook)/sync") == .sync(id))
        #expect(
            try Route.match(method: "POST", path: "/v1/notebooks/\(Self.notebook.uppercased())/sync?x=/") == .sync(id)
        )
        #expect(try Route.match(method: "POST", path: "/v1/notebooks/\(Self.notebook)/verify") == .verify(id))
        #expect(try Route.match(method: "POST", path: "/v1/notebooks/\(Self.notebook)/repair") == .repair(id))
        #expect(try Route.match(method: "POST", path: "/v1/link") == .link)
        #expect(try Route.match(method: "GET", path: "/v1/devices") == .devices)
        #expect(try Route.match(method: "PATCH", path: "/v1/devices/7") == .renameDevice(7))
        #expect(try Route.match(method: "DELETE", path: "/v1/devices/7") == .revokeDevice(7))
        #expect(try Route.match(method: "GET", path: "/healthz") == .health)
        #expect(try Route.match(method: "HEAD", path: "/readyz") == .readiness)
    }

    @Test(arguments: [
        "", "/", "*", "//healthz", "/healthz/", "/v1", "/v1/", "/v1/devices/", "/v1/devices/x", "/v1/devices/07",
        "/v1/devices/-1", "/v1/devices/99999999999999999999", "/v1/notebooks/x/sync", "/v1/notebooks//sync",
        "/v1/notebooks/\(Self.notebook)", "/v1/notebooks/\(Self.notebook)/sync/", "/v1/notebooks/\(Self.notebook)/heal",
        "/../healthz", "/healthz%00",
    ])
    func `what is nowhere is not found`(path: String) {
        #expect(throws: Problem.notFound) { try Route.match(method: "GET", path: path) }
    }

    @Test(arguments: [
        ("GET", "/v1/link", "POST"), ("POST", "/v1/devices", "GET"), ("PUT", "/v1/devices/1", "PATCH, DELETE"),
        ("post", "/v1/link", "POST"), ("TRACE", "/healthz", "GET, HEAD"),
    ])
    func `another method is told which are allowed`(method: String, path: String, allowed: String) throws {
        let problem = #expect(throws: Problem.self) { try Route.match(method: method, path: path) }
        #expect(problem?.status == 405)
        #expect(problem?.headers == [Problem.Header(name: "Allow", value: allowed)])
    }
}

@Suite struct BodyFormsTests {
    private func forms(_ headers: [(String, String)], of route: Route = .link) throws -> BodyForms {
        var fields = HTTPFields()
        for (name, value) in headers {
            fields.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value))
        }
        return try BodyForms(fields, of: route)
    }

    @Test func `protobuf stays protobuf, and JSON stays JSON`() throws {
        let protobuf = try forms([("Content-Type", "application/x-protobuf")])
        #expect(protobuf.request == .protobuf && protobuf.answer == .protobuf && !protobuf.mayDeflateAnswer)
        let json = try forms([("Content-Type", "application/json; charset=utf-8"), ("Accept", "*/*")])
        #expect(json.request == .json && json.answer == .json)
        let mixed = try forms([
            ("Content-Type", "APPLICATION/JSON"), ("Accept", "text/html, application/x-protobuf;q=0.5"),
        ])
        #expect(mixed.request == .json && mixed.answer == .protobuf)
    }

    @Test func `an answer to a question without a body is JSON unless protobuf is asked for`() throws {
        #expect(try forms([], of: .devices).answer == .json)
        #expect(try forms([("Accept", "application/x-protobuf")], of: .devices).answer == .protobuf)
    }

    @Test(arguments: ["gzip", "br", "deflate, deflate", "x"])
    func `an encoding that nobody asked for is refused`(encoding: String) {
        #expect(throws: Problem.unsupportedEncoding) {
            try forms([("Content-Type", "application/json"), ("Content-Encoding", encoding)])
        }
    }

    @Test func `types that are not ours are refused`() {
        #expect(throws: Problem.unsupportedType) { try forms([]) }
        #expect(throws: Problem.unsupportedType) { try forms([("Content-Type", "text/plain")]) }
        #expect(throws: Problem.notAcceptable) {
            try forms([("Content-Type", "application/json"), ("Accept", "text/html")])
        }
        #expect(throws: Problem.notAcceptable) {
            try forms([("Content-Type", "application/json"), ("Accept", "application/json;q=0")])
        }
    }

    @Test(arguments: [
        ("deflate", true), ("gzip, deflate;q=0.5", true), ("deflate;q=0", false), ("gzip", false), ("", false),
    ])
    func `an answer is deflated only for those who take it`(accepted: String, isTaken: Bool) throws {
        let forms = try forms([("Content-Type", "application/json"), ("Accept-Encoding", accepted)])
        #expect(forms.mayDeflateAnswer == isTaken)
    }
}

@Suite struct ProblemTests {
    @Test func `a document has its members in order and escapes what it quotes`() {
        let id = RequestID()
        let problem = Problem(400, "x", "A \"title\"").with(detail: "line\n\u{7}").with("maximum_bytes", 7)
        let expected = #"""
            {"type":"urn:webinar:problem:x","title":"A \"title\"","status":400,"detail":"line\u000a\u0007","instance":"urn:webinar:request:ID","maximum_bytes":7}

            """#
        #expect(String(decoding: problem.body(requestID: id), as: UTF8.self) == expected.replacing("ID", with: "\(id)"))
    }

    @Test func `every error has a status, and what is not known is a bug`() {
        struct Strange: Error {}
        #expect(Problem(Strange()) == .bug)
        #expect(Problem(ServerBusy()).status == 503)
        #expect(Problem(WireError(.malformed)).status == 400)
        #expect(Problem(WireError(.tooLarge(maximum: 1))).status == 413)
        #expect(Problem(ExchangeError.forbidden(ReplicaID(1))).status == 403)
        #expect(Problem(ExchangeError.timeNotRising(ReplicaID(1), sequence: 3)).type == "change-invalid")
    }
}
