import ArgumentParser
import Foundation
import Glibc
import Logging
import Models
import ServiceLifecycle
import SyncServer
import UnixSignals

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server until it is stopped.",
        discussion: """
            The first time, this makes the folder, the server's key and its certificate. Once the server takes
            connections it prints a line `listening on HOST:PORT`. SIGTERM and Ctrl-C stop it: what it accepted it
            answers, for at most 10 seconds.
            """
    )

    @OptionGroup var data: DataOptions

    @Option(name: .long, help: "HOST:PORT to listen on; port 0 chooses a free one. [default: 0.0.0.0:8443]")
    var listen: String?

    @Option(
        name: [.long, .customLong("public")],
        help: "HOST:PORT under which devices reach the server. [default: an address of this machine]"
    )
    var publicAddress: String?

    @Option(
        name: .long,
        help: "trace, debug, info, notice, warning, error or critical. [default: notice]",
        completion: .list(Logger.Level.allCases.map(\.rawValue)),
        transform: { text in
            guard let level = Logger.Level(rawValue: text) else { throw ValidationError("\(text) is no level") }
            return level
        }
    )
    var logLevel: Logger.Level?

    @Option(name: .long, help: "Write HOST:PORT to this file once the server takes connections.", completion: .file())
    var readyFile: String?

    func run() async throws {
        try await ExitStatus.reporting {
            let folder = try data.folder()
            var configuration = try SyncServerConfiguration(
                folder: folder,
                listen: listen ?? Environment.value("LISTEN") ?? "0.0.0.0:8443",
                publicAddress: publicAddress ?? Environment.value("PUBLIC")
            )
            prepareProcess(&configuration)
            let readyFile = readyFile
            let server = try SyncServer(configuration, logger: try makeLogger()) { ready in
                Self.announce(ready, folder: folder)
                if let readyFile { Self.write(ready.listening, to: readyFile) }
            }
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [
                        .init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)
                    ],
                    gracefulShutdownSignals: [.sigterm, .sigint],
                    logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }
                )
            )
            defer { if let readyFile { unlink(readyFile) } }
            try await group.run()
        }
    }

    /// To standard error; what a person reads is on standard output.
    private func makeLogger() throws -> Logger {
        var logger = Logger(label: "webinar-server") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel ?? .notice
        if logLevel == nil, let text = Environment.value("LOG_LEVEL") {
            guard let level = Logger.Level(rawValue: text) else {
                throw CommandError(
                    .usage,
                    "WEBINAR_SERVER_LOG_LEVEL is \"\(text)\", which is no level",
                    hints: "take one of: \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))"
                )
            }
            logger.logLevel = level
        }
        return logger
    }

    /// Files of ours are nobody else's; a client that goes away is no signal; each connection needs a descriptor.
    private func prepareProcess(_ configuration: inout SyncServerConfiguration) {
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(Limits.maximumOpenFileCount))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let available = Int(clamping: limit.rlim_cur) - Limits.reservedFileCount
        let count = min(configuration.limits.connectionCount, available)
        configuration.limits.connectionCount = max(Limits.minimumConnectionCount, count)
    }

    private static func announce(_ ready: SyncServer.Ready, folder: String) {
        var lines: [String] = []
        if ready.isNew { lines += ["made a new server in \(folder)"] }
        lines += [
            "key pin \(ready.pin)",
            "devices reach it at \(ready.publicAddress) (another address: --public HOST:PORT)",
        ]
        if ready.deviceCount == 0 {
            lines += ["no device is linked yet: run `webinar-server link\(LinkCommand.dataArgument(folder))`"]
        }
        lines += ["listening on \(ready.listening)"]
        StandardOutput.write(lines)
    }

    private static func write(_ address: String, to path: String) {
        let temporary = path + ".new"
        guard (try? Data("\(address)\n".utf8).write(to: URL(fileURLWithPath: temporary))) != nil,
            rename(temporary, path) == 0
        else {
            return StandardError.write(["webinar-server: error: cannot write \(path)"])
        }
    }
}
