import Hummingbird
import HummingbirdCore
import HTTPTypes
import Logging
import Models
import NIOCore
import NIOPosix
import ServiceLifecycle
import Store

/// From a request to its answer: who asks and what for, the body, the route, and a problem document for everything
/// that goes wrong.
///
/// An answer of 400 and above ends its connection: what else came on it may not be what it seems.
struct HTTPFront: Sendable {
    private let configuration: SyncServerConfiguration
    private let accounts: Accounts
    private let connections: ConnectionTable
    private let routes: Routes
    private let bodies: BodyReader
    private let logger: Logger

    init(_ server: SyncServer, logger: Logger) {
        configuration = server.configuration
        accounts = server.accounts
        connections = server.connections
        bodies = BodyReader(budget: BodyBudget(maximum: Limits.maximumBodyBytesInFlight))
        routes = Routes(server, bodies: bodies, logger: logger)
        self.logger = logger
    }

    /// Hummingbird's server over our TLS.
    func server(
        identity: IdentityBox,
        onServerRunning: @escaping @Sendable (any Channel) async -> Void
    ) throws -> any Service {
        let limits = configuration.limits
        let http = HTTP1Channel.Configuration(
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: Limits.maximumHeaderBytes,
                maxHeaderListSize: Limits.maximumHeaderBytes,
                maxHeaderFieldCount: Limits.maximumHeaderFieldCount
            )
        )
        return try HTTPServerBuilder { [connections] responder in
            OpenSSLChannel(
                HTTP1Channel(responder: responder, configuration: http),
                identity: identity,
                connections: connections,
                limits: limits
            )
        }.buildServer(
            configuration: ServerConfiguration(
                address: .hostname(configuration.listen.host, port: configuration.listen.port),
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connectionCount, logger: logger)
            ),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "hummingbird") { _ in SwiftLogNoOpLogHandler() },
            responder: { try await respond(to: $0, $1, on: $2) },
            onServerRunning: onServerRunning
        )
    }

    /// - Throws: ``ConnectionBroken`` if the connection is to be closed, which Hummingbird then does.
    private func respond(
        to request: Request,
        _ writer: consuming ResponseWriter,
        on channel: any Channel
    ) async throws {
        let id = RequestID()
        let began = configuration.surroundings.uptime()
        var answer: Answer
        do {
            let task = try admit(request, on: channel)
            if task.expectsContinue {
                try await writer.writeInformationalHead(HTTPResponse(status: .continue))
            }
            answer = try await routes.answer(task, body: request.body, on: channel)
        } catch let error as ConnectionBroken {
            throw error
        } catch {
            answer = problemAnswer(error, id: id, request: request)
        }
        if request.method == .head { answer.dropBody() }
        log(answer, request, id: id, milliseconds: configuration.surroundings.uptime() - began)
        do {
            try await writer.write(
                response: answer.head,
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body))
            )
        } catch {
            throw ConnectionBroken()
        }
        await answer.afterwards?()
        if answer.endsConnection { throw ConnectionBroken() }
    }

    /// What can be decided before the body arrives.
    private func admit(_ request: Request, on channel: any Channel) throws(Problem) -> RequestTask {
        guard request.head.authority?.isEmpty == false else { throw .noHost }
        let route = try Route.match(method: request.method.rawValue, path: request.head.path ?? "")
        var task = RequestTask(route: route, forms: try BodyForms(request.headers, of: route))
        if !route.isPublic {
            guard let device = device(of: request.headers) else { throw .unauthorized }
            connections.bind(channel, to: device.id)
            if let notebook = route.notebook {
                guard accounts.isMember(device.person, of: notebook) else { throw .notFound }
            }
            task.device = device
        }
        task.bodyByteCount = try BodyReader.expectedByteCount(request.headers, of: route)
        if let expectation = request.headers[.expect] {
            guard expectation.lowercased() == "100-continue" else { throw .unknownExpectation }
            task.expectsContinue = true
        }
        return task
    }

    private func device(of headers: HTTPFields) -> AccountDevice? {
        let words = headers[.authorization]?.split(separator: " ") ?? []
        guard words.count == 2, words[0].lowercased() == "bearer", let credential = Credential(text: words[1])
        else { return nil }
        return accounts.device(showing: credential)
    }

    private func problemAnswer(_ error: any Error, id: RequestID, request: Request) -> Answer {
        let problem = Problem(error)
        if problem.status >= 500 {
            logger.error(
                "a request failed",
                metadata: ["request": "\(id)", "status": "\(problem.status)", "reason": "\(error)"]
            )
        }
        return Answer(problem, id: id)
    }

    /// No content, no credentials, no names: what a log may tell.
    private func log(_ answer: Answer, _ request: Request, id: RequestID, milliseconds: UInt64) {
        logger.debug(
            "answered",
            metadata: [
                "request": "\(id)", "method": "\(request.method)", "status": "\(answer.head.status.code)",
                "bytes": "\(answer.body.count)", "ms": "\(milliseconds)",
            ]
        )
    }
}

/// A request that may go on.
struct RequestTask: Sendable {
    var route: Route
    var forms: BodyForms
    /// Who asks; nil where anybody may.
    var device: AccountDevice?
    /// As announced; nil for a chunked body.
    var bodyByteCount: Int?
    var expectsContinue = false
}

/// What goes back.
struct Answer: Sendable {
    var head: HTTPResponse
    var body: [UInt8]
    var endsConnection = false
    /// Runs once the answer was written.
    var afterwards: (@Sendable () async -> Void)?

    /// As few header fields as will do: they travel with every exchange, and are often half of it.
    init(status: HTTPResponse.Status = .ok, type: String? = nil, body: [UInt8] = []) {
        head = HTTPResponse(status: status)
        self.body = body
        if let type { head.headerFields[.contentType] = type }
        if status != .noContent { head.headerFields[.contentLength] = "\(body.count)" }
    }

    init(_ problem: Problem, id: RequestID) {
        self.init(
            status: HTTPResponse.Status(code: problem.status),
            type: Problem.mediaType,
            body: problem.body(requestID: id)
        )
        for header in problem.headers {
            if let name = HTTPField.Name(header.name) { head.headerFields[name] = header.value }
        }
        head.headerFields[.connection] = "close"
        endsConnection = true
    }

    /// For HEAD: the same header fields.
    mutating func dropBody() { body = [] }
}
