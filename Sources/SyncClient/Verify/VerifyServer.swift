public import Models
public import SyncTLS
import Wire

/// A server that can be asked whether it holds the same. Over the network, or in a test without one.
public protocol VerifyServer: Sendable {
    func ask(_ question: VerifyQuestion) async throws -> VerifyAnswer
    func repair(_ request: RepairRequest) async throws -> RepairAnswer
}

/// The linked server over one connection.
public struct RemoteVerifyServer: VerifyServer {
    private let connection: ServerConnection
    private let server: LinkedServer

    public func ask(_ question: VerifyQuestion) async throws -> VerifyAnswer {
        try await connection.ask(
            "POST",
            "/v1/notebooks/\(server.notebook)/verify",
            credential: server.credential,
            message: question,
            as: VerifyAnswer.self
        )
    }

    public func repair(_ request: RepairRequest) async throws -> RepairAnswer {
        try await connection.ask(
            "POST",
            "/v1/notebooks/\(server.notebook)/repair",
            credential: server.credential,
            message: request,
            as: RepairAnswer.self
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
        let connection = try await ServerConnection.open(
            to: address ?? server.address,
            pins: server.pins,
            ticket: ticket,
            onTicket: onTicket
        )
        do {
            let result = try await body(RemoteVerifyServer(connection: connection, server: server))
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }
}
