import Deflate
import Models
import Wire

/// The requests of our protocol over one connection: forms, headers and refusals.
extension ServerConnection {
    private static let mediaType = "application/x-protobuf"

    /// Posts or asks for a message.
    ///
    /// - Throws: ``ConnectionError/refused(status:problem:detail:)`` for a problem document.
    func ask<Reply: WireMessage>(
        _ method: String,
        _ path: String,
        credential: Credential?,
        message: (any WireMessage)? = nil,
        as reply: Reply.Type
    ) async throws -> Reply {
        let answer = try await ask(method, path, credential: credential, message: message)
        do {
            return try Reply(body: try Self.inflated(answer), format: .protobuf)
        } catch {
            throw ConnectionError.notOurServer(reason: "its answer cannot be read: \(error)")
        }
    }

    @discardableResult
    func ask(
        _ method: String,
        _ path: String,
        credential: Credential?,
        message: (any WireMessage)? = nil
    ) async throws -> Answer {
        var headers: [(String, String)] = []
        if let credential { headers.append(("authorization", "Bearer \(credential.text)")) }
        var body = message?.body(.protobuf) ?? []
        // What has a form is answered in that form (docs/sync-protocol.md), and need not ask for it.
        headers.append((message == nil ? "accept" : "content-type", Self.mediaType))
        headers.append(("accept-encoding", "deflate"))
        if body.count > Limits.minimumDeflateBytes {
            let deflated = Deflate.deflate(body)
            if deflated.count < body.count {
                body = deflated
                headers.append(("content-encoding", "deflate"))
            }
        }
        let answer = try await send(method, path, headers: headers, body: body)
        guard (200..<300).contains(answer.status) else { throw Self.refusal(answer) }
        return answer
    }

    private static func inflated(_ answer: Answer) throws -> [UInt8] {
        guard answer.header("content-encoding") == "deflate" else { return answer.body }
        return try Deflate.inflate(
            answer.body,
            maximumBytes: Limits.maximumExchangeBytes,
            maximumRatio: Limits.maximumInflateRatio
        )
    }

    private static func refusal(_ answer: Answer) -> ConnectionError {
        let body = (try? inflated(answer)) ?? []
        let problem = ProblemDocument(body)
        guard answer.header("content-type")?.hasPrefix("application/problem+json") == true else {
            return .notOurServer(reason: "it answers with status \(answer.status)")
        }
        return .refused(status: answer.status, problem: problem?.type ?? "", detail: problem?.detail ?? "")
    }
}
