import ArgumentParser
import Glibc
import Models
import Store
import SyncClient

/// A command that asks the server. Only these open a connection.
protocol NetworkCommand: AsyncParsableCommand {
    var options: CommonOptions { get }

    func run(on device: Device, printing printer: Printer) async throws
}

extension NetworkCommand {
    func run() async throws {
        try await ExitStatus.reporting {
            let environment = ProcessEnvironment.current()
            let printer = Printer(
                terminal: .current(environment: environment, color: options.color),
                isJSON: options.json,
                isPlain: options.plain
            )
            let device = Device(home: try DeviceHome(environment: environment), environment: environment)
            do {
                try await run(on: device, printing: printer)
            } catch {
                try? printer.flush()
                throw ServerErrorText.explained(error, on: device)
            }
            try printer.flush()
        }
    }
}

extension Device {
    /// The server this device is linked to.
    func server() throws -> LinkedServer {
        guard let text = try SmallFile.read(home.server) else {
            throw CommandError(
                .configuration,
                "this device is not linked to a server",
                hints: "everything is saved here, and works without one",
                "on the server: webinar-server link; then here: webinar device link LINK"
            )
        }
        guard let server = LinkedServer(text: text) else {
            throw CommandError(
                .configuration,
                "the file \(home.server) cannot be read",
                hints: "your notes are not affected",
                "link this device again: webinar device link LINK"
            )
        }
        return server
    }

    /// Keeps what the device has of its server; a ticket of another one goes.
    func setServer(_ server: LinkedServer) throws {
        try SmallFile.write(server.text, to: home.server)
    }

    /// Keeps a ticket for the next connection. Without it that takes longer; nothing else is lost.
    static func keepTicket(_ bytes: [UInt8], in home: DeviceHome) {
        try? SmallFile.writeBytes(bytes, to: home.ticket)
    }
}

/// An address of the server other than the one it was linked at.
struct ConnectionChoice: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Reach the same server (the same key) at another address: a tunnel, a moved machine.",
            valueName: "host:port"
        )
    )
    var connect: String?

    func address() throws(CommandError) -> ServerAddress? {
        guard let connect else { return nil }
        guard let address = ServerAddress(connect), address.port > 0 else {
            throw CommandError(.usage, "`\(connect)` is not an address", hints: "write it as HOST:PORT")
        }
        return address
    }
}

/// What a person reads when the server could not be asked.
enum ServerErrorText {
    /// Adds what waits here, which is safe.
    static func explained(_ error: any Error, on device: Device) -> any Error {
        switch error {
        case let error as ConnectionError: text(error, waiting(on: device))
        case SyncError.protocolBroken(let what):
            CommandError(
                .versionMismatch,
                "the server does not keep to the protocol: \(what)",
                hints: waiting(on: device),
                "look whether the server and this program are of the same version"
            )
        case SyncError.logForked(let writer, let sequence):
            CommandError(
                .badData,
                "the server's change \(sequence) of \(writer) is another one than is here",
                hints: waiting(on: device),
                "so it is where the server and \(writer) were put back together, as by a snapshot of one machine",
                "`webinar verify` tells whether the log here is damaged instead",
                "`webinar export --jsonl` keeps all that is here; link an empty WEBINAR_HOME, and import it there"
            )
        case let error as LinkTextError: text(error)
        default: error
        }
    }

    private static func waiting(on device: Device) -> String {
        guard let count = try? device.read({ try $0.unsentCount() }), count > 0 else {
            return "your notes are safe here"
        }
        return "\(Timeline.counted(Int(clamping: count), "change")) stay\(count == 1 ? "s" : "") here, safe"
    }

    private static func text(_ error: ConnectionError, _ waiting: String) -> CommandError {
        switch error {
        case .unreachable(let address, let reason):
            CommandError(
                .offline,
                "no connection to \(address) (\(reason))",
                hints: waiting,
                "try again later: webinar sync"
            )
        case .interrupted(let reason):
            CommandError(
                .offline,
                "the connection broke off (\(reason))",
                hints: waiting + "; what went through is kept",
                "the next `webinar sync` goes on from there"
            )
        case .wrongKey(let expected, let shown):
            CommandError(
                .notPermitted,
                "the server showed a different key",
                hints: "expected  \(expected)",
                "shown     \(shown)",
                "either it was set up anew, or something between you and it opens encrypted connections",
                "nothing was sent; \(waiting)",
                "if you set it up anew: `webinar-server link` there, then `webinar device link LINK` here"
            )
        case .notSecure(let reason):
            CommandError(
                .unavailable,
                "no secure connection could be agreed on (\(reason))",
                hints: "nothing was sent; \(waiting)",
                "look whether the address is that of a webinar server"
            )
        case .notOurServer(let reason):
            CommandError(
                .versionMismatch,
                "what answers there is no webinar server of this version (\(reason))",
                hints: waiting,
                "look at the address, and at the server's version"
            )
        case .refused(let status, let problem, let detail):
            refusal(status, problem, detail, waiting)
        }
    }

    private static func refusal(_ status: Int, _ problem: String, _ detail: String, _ waiting: String) -> CommandError {
        let said = detail.isEmpty ? "status \(status)" : detail
        switch status {
        case 401:
            return CommandError(
                .notPermitted,
                "the server does not accept this device: it was unlinked there, or the server was put back to before it",
                hints: "your notes stay here; \(waiting)",
                "link it again with a new link: webinar device link LINK"
            )
        case 404 where problem.contains("link"), 410:
            return CommandError(
                .notPermitted,
                "this link was used, or is older than 10 minutes",
                hints: "nothing was sent; \(waiting)",
                "make a new one on the server: webinar-server link"
            )
        case 500 where problem.hasSuffix(":storage"):
            return CommandError(
                .offline,
                "the server cannot take it now: \(said)",
                hints: waiting,
                "its notebook may be damaged, and this device may have what heals it: webinar verify --repair"
            )
        case 403:
            return CommandError(.notPermitted, "the server refuses: \(said)", hints: waiting)
        case 408, 429, 500, 502, 503, 504, 507:
            return CommandError(.offline, "the server cannot take it now: \(said)", hints: waiting, "try again later")
        default:
            return CommandError(
                .unavailable,
                "the server refuses: \(said)",
                hints: waiting,
                "please report this with the output of `webinar doctor`"
            )
        }
    }

    private static func text(_ error: LinkTextError) -> CommandError {
        let what =
            switch error {
            case .empty: "there is no link"
            case .tooLong, .notALink: "this is not a link: it does not begin with WEBINAR:"
            case .cutShort: "the link is cut short: not all of it was copied"
            case .invalidAddress(let address): "the link names no address: \(address)"
            case .damaged: "the link has a typing slip"
            }
        return CommandError(
            .badData,
            what,
            hints: "nothing was sent, and the link can still be used",
            "copy it whole, from WEBINAR: on; `webinar-server link` shows a new one"
        )
    }
}
