import Logging
import Models
import ServiceLifecycle

/// What a server does without being asked: writes down when devices were seen, and renews its certificate under the
/// same key before it ends.
struct Housekeeping: Service {
    private let server: SyncServer
    private let identity: IdentityBox
    private let logger: Logger

    init(_ server: SyncServer, identity: IdentityBox, logger: Logger) {
        self.server = server
        self.identity = identity
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(Limits.seenPrecisionMilliseconds))
                await server.accounts.flushSeen()
                renewIfDue()
            }
        }
    }

    private func renewIfDue() {
        let configuration = server.configuration
        do {
            let keys = try ServerKeys.load(
                from: server.folder,
                names: configuration.certificateNames,
                nowSeconds: Int64(configuration.surroundings.now() / 1000)
            )
            try identity.update(keys.identity)
        } catch {
            logger.error("the certificate was not renewed", metadata: ["reason": "\(error)"])
        }
    }
}
