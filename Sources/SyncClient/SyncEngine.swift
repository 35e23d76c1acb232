public import Models
public import Store
public import SyncTLS

/// Syncs a store with its server over TLS: one connection, as many exchanges as it takes.
public struct SyncEngine: Sendable {
    private let store: NotebookStore
    private let surroundings: Surroundings
    private let server: LinkedServer
    private let rules: SyncRules

    /// Nothing is opened or sent before ``run(connectingTo:ticket:onTicket:onProgress:)``.
    ///
    /// - Parameter store: a replica of the server's notebook, which ``DeviceLinking/adopt(_:in:)`` makes it.
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
        try await ServerConnection.with(
            to: address ?? server.address,
            pins: server.pins,
            ticket: ticket,
            onTicket: onTicket
        ) { connection in
            var session = SyncSession(store: store, surroundings: surroundings, rules: rules)
            while try await exchange(&session, over: connection) == .exchangeAgain { onProgress(session.report) }
            onProgress(session.report)
            return (session.report, connection.traffic)
        }
    }

    /// One request and its answer. What was cut off makes the next batch smaller.
    private func exchange(
        _ session: inout SyncSession,
        over connection: ServerConnection
    ) async throws -> SyncSession.Step {
        do {
            let request = try session.request()
            let began = surroundings.uptime()
            let answer = try await connection.ask(
                "POST",
                "/v1/notebooks/\(server.notebook)/sync",
                credential: server.credential,
                message: request,
                as: SyncAnswer.self
            )
            return try session.take(answer, to: request, tookMilliseconds: surroundings.uptime() - began)
        } catch {
            if case ConnectionError.interrupted = error { try session.failed() }
            throw error
        }
    }
}
