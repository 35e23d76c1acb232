public import Logging
import NIOPosix
import ServiceLifecycle

/// A server that runs in this process, for tests and benchmarks.
///
///     try await RunningServer.with(try SyncServerConfiguration(folder: folder, listen: "127.0.0.1:0")) { server in
///         let link = try await server.makeLink()
///         …
///     }
public struct RunningServer: Sendable {
    /// What it is reached by.
    public let ready: SyncServer.Ready
    let server: SyncServer
    private let group: ServiceGroup

    /// Runs a server while `body` does; then stops it gracefully and waits until it is closed.
    public static func with<Result: Sendable>(
        _ configuration: SyncServerConfiguration,
        logger: Logger = Logger(label: "server") { _ in SwiftLogNoOpLogHandler() },
        _ body: (RunningServer) async throws -> Result
    ) async throws -> Result {
        let (readiness, isReady) = AsyncStream.makeStream(of: SyncServer.Ready.self)
        let server = try await NIOThreadPool.singleton.runIfActive {
            try SyncServer(configuration, logger: logger) { isReady.yield($0) }
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: logger
            )
        )
        let running = Task {
            defer { isReady.finish() }
            try await group.run()
        }
        for await ready in readiness {
            let server = RunningServer(ready: ready, server: server, group: group)
            do {
                let result = try await body(server)
                await group.triggerGracefulShutdown()
                try await running.value
                return result
            } catch {
                await group.triggerGracefulShutdown()
                _ = await running.result
                throw error
            }
        }
        try await running.value
        throw SyncServerError.notAnswering(configuration.folder)
    }

    /// What a command could ask.
    public func administer(_ request: AdminRequest) async throws -> AdminAnswer {
        try await server.administration.answer(request)
    }

    /// A new link, as `webinar-server link --link-only` prints it.
    public func makeLink() async throws -> String {
        guard case .link(let link) = try await administer(.link) else { throw SyncServerError.neverStarted }
        return link.link
    }

    /// Begins to stop, as SIGTERM does.
    public func stop() async {
        await group.triggerGracefulShutdown()
    }
}
