public import Models
public import SyncTLS
import Wire

/// A server that can be asked whether it holds the same. Over the network, or in a test without one.
public protocol VerifyServer: Sendable {
    /// Asks one question. The server changes nothing for it.
    ///
    /// - Throws: ``ConnectionError``, where it is asked over a network.
    func ask(_ question: VerifyQuestion) async throws -> VerifyAnswer

    /// Hands over changes whose bytes the server lost, and may ask it to build its state anew. It takes what has the
    /// hash that it kept, in one transaction, and says how much that was.
    ///
    /// - Throws: ``ConnectionError``, where it is asked over a network.
    func repair(_ request: RepairRequest) async throws -> RepairAnswer
}

/// The linked server over one connection.
public struct RemoteVerifyServer: VerifyServer {
    private let connection: ServerConnection
    private let server: LinkedServer

    /// `POST /v1/notebooks/{notebook}/verify`.
    ///
    /// - Throws: ``ConnectionError``.
    public func ask(_ question: VerifyQuestion) async throws -> VerifyAnswer {
        try await post("verify", question, as: VerifyAnswer.self)
    }

    /// `POST /v1/notebooks/{notebook}/repair`. What was taken is on the server's disk when this returns.
    ///
    /// - Throws: ``ConnectionError``.
    public func repair(_ request: RepairRequest) async throws -> RepairAnswer {
        try await post("repair", request, as: RepairAnswer.self)
    }

    private func post<Message: WireMessage>(
        _ verb: String,
        _ message: some WireMessage,
        as type: Message.Type
    ) async throws -> Message {
        try await connection.ask(
            "POST",
            "/v1/notebooks/\(server.notebook)/\(verb)",
            credential: server.credential,
            message: message,
            as: type
        )
    }

    /// Runs `body` with a connection to `server`, which is closed afterwards.
    ///
    /// - Throws: ``ConnectionError``, and what `body` throws.
    public static func connected<Result>(
        to server: LinkedServer,
        at address: ServerAddress? = nil,
        ticket: ResumptionTicket? = nil,
        onTicket: @escaping @Sendable (ResumptionTicket) -> Void = { _ in },
        _ body: (RemoteVerifyServer) async throws -> Result
    ) async throws -> Result {
        try await ServerConnection.with(
            to: address ?? server.address,
            pins: server.pins,
            ticket: ticket,
            onTicket: onTicket
        ) { try await body(RemoteVerifyServer(connection: $0, server: server)) }
    }
}
