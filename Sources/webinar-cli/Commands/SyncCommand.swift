import ArgumentParser
import Models
import Store
import SyncClient

struct SyncCommand: NetworkCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Exchange changes with the server, or through a file.",
        discussion: """
              webinar sync
              webinar sync --connect localhost:9443      the same server through a tunnel
              webinar sync --bundle notes.bundle         without a server, through a file

            Cut off at any point, the next one goes on from there. Exit status 75 while there is no network.

            By file: run it here, carry the file to the other device, run the same there, and again here. What is in
            the file is taken in, then it holds what the other devices that had it lack; it may go round as often as you
            like. An empty notebook becomes a replica of the file's; one that is not needs --join.
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var connection: ConnectionChoice
    @Option(
        help: ArgumentHelp("Sync through this file instead of the server.", valueName: "file"),
        completion: .file()
    )
    var bundle: String?
    @Flag(help: "With --bundle: make this notebook a replica of the file's, with everything that is in it.")
    var join = false

    func validate() throws {
        if join, bundle == nil { throw ValidationError("--join goes with --bundle FILE.") }
        if bundle != nil, connection.connect != nil {
            throw ValidationError("Either --connect, for the server, or --bundle, for a file.")
        }
        if bundle?.isEmpty == true { throw ValidationError("Name a file: --bundle FILE.") }
    }

    func run(on device: Device, printing printer: Printer) async throws {
        if let bundle { return try BundleExchange(path: bundle, joins: join).run(on: device, printing: printer) }
        let address = try connection.address()
        let server = try device.server()
        // A copied notebook takes its own replica before anything of it is sent.
        try device.write { _ in }
        let home = device.home
        let shows = printer.terminal.showsProgress && !printer.isJSON
        let (report, traffic) = try await SyncEngine(
            store: try device.store(),
            surroundings: device.surroundings,
            server: server
        ).run(
            connectingTo: address,
            ticket: try SmallFile.readBytes(home.ticket).flatMap { server.ticket($0) },
            onTicket: { Device.keepTicket(LinkedServer.bytes(of: $0), in: home) },
            onProgress: { report in
                if shows, report.exchangeCount > 1 {
                    StandardError.write(["sent \(report.sentCount), received \(report.receivedCount) …"])
                }
            }
        )
        try print(report, traffic.up, traffic.down, address ?? server.address, device, printer)
    }

    private func print(
        _ report: SyncReport,
        _ bytesUp: Int,
        _ bytesDown: Int,
        _ address: ServerAddress,
        _ device: Device,
        _ printer: Printer
    ) throws {
        let conflictCount = try device.read { try $0.conflictedCount() }
        if printer.isJSON {
            return try printer.json([
                "schema": .string(RecordJSON.schema), "type": "sync", "sent": .integer(Int64(report.sentCount)),
                "received": .integer(Int64(report.receivedCount)), "bytes_up": .integer(Int64(bytesUp)),
                "bytes_down": .integer(Int64(bytesDown)), "exchanges": .integer(Int64(report.exchangeCount)),
                "level": .bool(report.isLevel), "conflicts": .integer(Int64(conflictCount)),
                "server": .string("\(address)"), "new_replica": .bool(report.tookNewReplica),
                "server_restored": .bool(report.serverWasRestored),
            ])
        }
        let sent = "sent \(Timeline.counted(report.sentCount, "change")) (\(ByteText.size(bytesUp)))"
        let received = "received \(report.receivedCount) (\(ByteText.size(bytesDown)))"
        var lines = ["\(address): \(sent), \(received)"]
        if report.tookNewReplica {
            lines.append("This copy of the notebook writes under a number of its own from now on.")
        }
        if report.serverWasRestored {
            lines.append("The server was put back to an earlier state; what it lacked was sent again.")
        }
        if conflictCount > 0 {
            lines.append("\(Timeline.counted(conflictCount, "record")) in conflict, see: webinar conflict list")
        }
        if !report.isLevel {
            lines.append("The server holds another state than this device; look with: webinar doctor")
        }
        for line in lines {
            try printer.lines(line.madeVisible(keepingLines: false).wrapped(toCells: printer.terminal.columns))
        }
    }
}

/// Sizes as people read them.
enum ByteText {
    /// `812 bytes`, `6.1 KB`, `2.3 MB`; a thousand bytes are a kilobyte.
    static func size(_ bytes: Int) -> String {
        if bytes < 1000 { return "\(bytes) bytes" }
        let (unit, divisor) = bytes < 1_000_000 ? ("KB", 100) : ("MB", 100_000)
        let tenths = (bytes + divisor / 2) / divisor
        return "\(tenths / 10).\(tenths % 10) \(unit)"
    }
}
