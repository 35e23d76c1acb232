public import Models
public import Store
public import SyncTLS

/// Syncs a store with its server over TLS: one connection, as many exchanges as it takes.
public struct SyncEngine: Sendable {
    private let store: NotebookStore
    private let surroundings: Surroundings
    private let server: LinkedServer
    private let rules: SyncRules

    public init(
        store: NotebookStore,
        surroundings: Surroundings,
        server: LinkedServer,
        rules: SyncRules = SyncRules()
    ) {
        self.store = store
        self.surroundings = surroundings
        self.server = server
        self.rules = rules
    }

    /// Runs until both sides hold the same, or throws with everything so far kept: the next run
    /// goes on from there.
    ///
    /// - Parameters:
    ///   - address: where to reach the server, if not where it was linked; its key must be the same.
    ///   - ticket: of the last connection; it is good once.
    ///   - onTicket: called on another thread with each ticket for the next time.
    ///   - onProgress: called after each exchange.
    /// - Throws: ``ConnectionError``, ``SyncError``, `StoreError`.
    public func run(
        connectingTo address: ServerAddress? = nil,
        ticket: ResumptionTicket? = nil,
        onTicket: @escaping @Sendable (ResumptionTicket) -> Void = { _ in },
        onProgress: (SyncReport) -> Void = { _ in }
    ) async throws -> (report: SyncReport, traffic: ServerConnection.Traffic) {
        let connection = try await ServerConnection.open(
            to: address ?? server.address,
            pins: server.pins,
            ticket: ticket,
            onTicket: onTicket
        )
        var session = SyncSession(store: store, surroundings: surroundings, rules: rules)
        do {
            while true {
                let request = try session.request()
                let began = surroundings.uptime()
                let answer = try await connection.ask(
                    "POST",
                    "/v1/notebooks/\(server.notebook)/sync",
                    credential: server.credential,
                    message: request,
                    as: SyncAnswer.self
                )
                let step = try session.take(
                    answer,
                    to: request,
                    tookMilliseconds: surroundings.uptime() - began
                )
                onProgress(session.report)
                if step == .finished { break }
            }
        } catch {
            if case ConnectionError.interrupted = error { try session.failed() }
            await connection.close()
            throw error
        }
        await connection.close()
        return (session.report, connection.traffic)
    }
}
