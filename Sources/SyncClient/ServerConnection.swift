public import Models
import NIOCore
import NIOHTTP1
import NIOPosix
public import SyncTLS

/// One TLS connection to a server, for one request after the other.
///
/// The key is checked during the handshake, so nothing of a request has left before it holds.
public struct ServerConnection: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<HTTPExchangeHandler>
    private let counter: ByteCounter
    private let address: ServerAddress

    /// What a connection carried, handshake included.
    public struct Traffic: Hashable, Sendable {
        /// Bytes that were sent, as TLS has them.
        public var up: Int
        /// Bytes that came, as TLS has them.
        public var down: Int
    }

    /// An answer, whole.
    public struct Answer: Sendable {
        /// HTTP's number; 400 and more is a refusal.
        public var status: Int
        /// The fields in the order they came, names as the server wrote them.
        public var headers: [(name: String, value: String)]
        /// As it travelled, deflated or not; 32 MiB at most.
        public var body: [UInt8]

        /// The value of the first field of that name, which is given in lower case; nil if there is none.
        public func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name }?.value
        }
    }

    /// Connects and ends the handshake.
    ///
    /// - Parameters:
    ///   - ticket: of the last connection, to resume with.
    ///   - onTicket: called on another thread with each ticket for the next connection.
    /// - Throws: ``ConnectionError``.
    public static func open(
        to address: ServerAddress,
        pins: [KeyPin],
        ticket: ResumptionTicket? = nil,
        onTicket: @escaping @Sendable (ResumptionTicket) -> Void = { _ in }
    ) async throws -> ServerConnection {
        let counter = ByteCounter()
        do {
            let context = try TLSContext(TLSClientConfiguration(trust: .pinned(pins)))
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let handshake = loop.makePromise(of: TLSConnectionInfo.self)
            let bootstrap = ClientBootstrap(group: loop)
                .connectTimeout(.milliseconds(Int64(Limits.connectTimeoutMilliseconds)))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHandler(ByteCountingHandler(counter: counter))
                        try pipeline.addHandler(
                            TLSHandler(
                                context: context,
                                ticket: ticket,
                                handshakePromise: handshake,
                                onTicket: onTicket
                            )
                        )
                        try pipeline.addHTTPClientHandlers()
                        try pipeline.addHandler(HTTPExchangeHandler())
                    }
                }
            let channel: any Channel
            do {
                channel = try await bootstrap.connect(host: address.host, port: address.port).get()
            } catch {
                handshake.fail(error)
                throw error
            }
            _ = try await handshake.futureResult.get()
            let handler = try await channel.eventLoop.submit {
                NIOLoopBound(
                    try channel.pipeline.syncOperations.handler(type: HTTPExchangeHandler.self),
                    eventLoop: channel.eventLoop
                )
            }.get()
            return ServerConnection(channel: channel, handler: handler, counter: counter, address: address)
        } catch {
            throw ConnectionError(error, address: address)
        }
    }

    /// Runs `body` with a connection, which is closed afterwards, whatever comes of it.
    ///
    /// - Throws: ``ConnectionError``, and what `body` throws.
    public static func with<Result>(
        to address: ServerAddress,
        pins: [KeyPin],
        ticket: ResumptionTicket? = nil,
        onTicket: @escaping @Sendable (ResumptionTicket) -> Void = { _ in },
        _ body: (ServerConnection) async throws -> Result
    ) async throws -> Result {
        let connection = try await open(to: address, pins: pins, ticket: ticket, onTicket: onTicket)
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// - Throws: ``ConnectionError``; a status of 400 and more is an answer, not an error.
    public func send(
        _ method: String,
        _ path: String,
        headers: [(String, String)] = [],
        body: [UInt8] = []
    ) async throws -> Answer {
        var head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method), uri: path)
        head.headers.add(name: "host", value: "\(address)")
        for (name, value) in headers { head.headers.add(name: name, value: value) }
        if !body.isEmpty || method == "POST" { head.headers.add(name: "content-length", value: "\(body.count)") }
        let request = head
        do {
            return try await channel.eventLoop.flatSubmit {
                handler.value.send(request, body: body, on: channel)
            }.get()
        } catch {
            throw ConnectionError(error, address: address)
        }
    }

    /// See ``TLSHandler/exportKeyingMaterial(label:context:length:)``.
    public func keyingMaterial(label: String, length: Int) async throws -> [UInt8] {
        do {
            return try await channel.tlsKeyingMaterial(label: label, context: [], length: length).get()
        } catch {
            throw ConnectionError(error, address: address)
        }
    }

    /// What went over the wire so far.
    public var traffic: Traffic { counter.traffic }

    /// Ends the connection in order. What fails here changes nothing.
    public func close() async {
        try? await channel.close().get()
    }
}

extension ConnectionError {
    /// Whatever NIO, TLS or HTTP report, in our words.
    init(_ error: any Error, address: ServerAddress) {
        switch error {
        case let error as ConnectionError:
            self = error
        case TLSError.wrongPin(let expected, let shown):
            self = .wrongKey(
                expected: expected.first?.grouped ?? "",
                shown: shown.grouped
            )
        case TLSError.handshakeFailed(let reason), TLSError.certificateRefused(let reason):
            self = .notSecure(reason: reason)
        case TLSError.handshakeTimeout, TLSError.closedDuringHandshake:
            self = .unreachable(address: "\(address)", reason: "it does not answer as a server of ours")
        case TLSError.uncleanShutdown:
            self = .interrupted(reason: "the connection was cut")
        case let error as NIOConnectionError:
            let reasons = error.connectionErrors.map { ConnectionError.reason($0.error) }
            let lookup = reasons.isEmpty ? "no such host" : nil
            self = .unreachable(address: "\(address)", reason: reasons.first ?? lookup ?? "no connection")
        case let error as IOError:
            self = .interrupted(reason: ConnectionError.reason(error))
        case ChannelError.connectTimeout:
            self = .unreachable(address: "\(address)", reason: "no answer")
        default:
            self = .interrupted(reason: "\(error)")
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as IOError:
            switch error.errnoCode {
            case 111: "connection refused"
            case 110: "no answer"
            case 101, 113: "no route"
            case 104, 32: "the connection was cut"
            default: "system error \(error.errnoCode)"
            }
        case ChannelError.connectTimeout: "no answer"
        default: "\(error)"
        }
    }
}
