import ArgumentParser
import Glibc
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
              webinar sync --dry-run                     what would come, go and be deleted
              webinar sync --yes                         go on though much is deleted
              webinar sync log                           how the last ones went
              webinar sync --bundle notes.bundle         without a server, through a file

            Cut off at any point, the next one goes on from there. Exit status 75 while
            there is no network.

            A sync that deletes more than 20 records, and more than a fifth, waits for
            a yes on each device, with exit status 75. Until then the one that deleted
            sends nothing of what was written on it, and takes in what others wrote;
            any other sends, and takes in nothing from that point on. A file that
            deletes so much here is refused.

            By file: run it here, carry the file to the other device, run the same
            there, and again here. What is in the file is taken in, then it holds what
            the other devices that had it lack; it may go round as often as you like.
            An empty notebook becomes a replica of the file's; one that is not needs
            --join.
            """,
        subcommands: [SyncLogCommand.self]
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var connection: ConnectionChoice
    @Option(
        help: ArgumentHelp("Sync through this file instead of the server.", valueName: "file"),
        completion: .file()
    )
    var bundle: String?
    @Flag(name: .shortAndLong, help: "Go on though many records are deleted, here or on the other devices.")
    var yes = false
    @Flag(help: "Ask the server and say what would happen; send and keep nothing.")
    var dryRun = false
    @Flag(help: "With --bundle: make this notebook a replica of the file's, with everything that is in it.")
    var join = false

    func validate() throws {
        if join, bundle == nil { throw ValidationError("--join goes with --bundle FILE.") }
        if bundle != nil, connection.connect != nil {
            throw ValidationError("Either --connect, for the server, or --bundle, for a file.")
        }
        if bundle != nil, dryRun { throw ValidationError("--dry-run asks the server; it does not go with --bundle.") }
        if bundle?.isEmpty == true { throw ValidationError("Name a file: --bundle FILE.") }
    }

    func run(on device: Device, printing printer: Printer) async throws {
        if let bundle {
            let exchange = BundleExchange(path: bundle, joins: join, mayDeleteMany: yes)
            return try await device.loggingSync(with: bundle, isFile: true) { entry in
                try exchange.run(on: device, printing: printer, &entry)
            }
        }
        let address = try connection.address()
        let server = try device.server()
        if dryRun { return try await preview(server, address, device, printer) }
        // A copied notebook takes its own replica before anything of it is sent.
        try device.write { _ in }
        let rules = SyncRules(mayDeleteMany: try yes || saysYes(device, printer))
        let partner = "\(address ?? server.address)"
        let (report, traffic) = try await device.loggingSync(with: partner, isFile: false) { entry in
            let done = try await exchange(try device.store(), rules, server, address, device, printer)
            entry.note(done.report)
            return done
        }
        try print(report, traffic.up, traffic.down, address ?? server.address, device, printer)
        try HeldDeletionText.refuse(report, printer)
    }

    /// Plays what the server has to say into a copy of the notebook that goes when this is over.
    private func preview(
        _ server: LinkedServer,
        _ address: ServerAddress?,
        _ device: Device,
        _ printer: Printer
    ) async throws {
        let copy = try device.trialCopy()
        let rules = SyncRules(mayDeleteMany: true, sendsNothing: true)
        let (report, _) = try await exchange(copy, rules, server, address, device, printer)
        try SyncPreview(of: device, andThen: copy, receiveCount: report.receivedCount).print(on: printer)
    }

    private func exchange(
        _ store: NotebookStore,
        _ rules: SyncRules,
        _ server: LinkedServer,
        _ address: ServerAddress?,
        _ device: Device,
        _ printer: Printer
    ) async throws -> (report: SyncReport, traffic: ServerConnection.Traffic) {
        let home = device.home
        let shows = printer.terminal.showsProgress && !printer.isJSON
        return try await SyncEngine(
            store: store,
            surroundings: device.surroundings,
            server: server,
            rules: rules
        ).run(
            connectingTo: address,
            ticket: try SmallFile.readBytes(home.ticket).flatMap { server.ticket($0) },
            onTicket: { Device.keepTicket(LinkedServer.bytes(of: $0), in: home) },
            onProgress: { report in
                guard shows, report.exchangeCount > 1 else { return }
                let loading = report.loading.map { " of \($0.log.version), the newest first" } ?? ""
                StandardError.write(["sent \(report.sentCount), received \(report.receivedCount)\(loading) …"])
            }
        )
    }

    /// Asks where somebody can answer; elsewhere the deletions wait.
    private func saysYes(_ device: Device, _ printer: Printer) throws -> Bool {
        guard let count = try device.read({ try $0.guardedDeletionCount() }), !printer.isJSON,
            isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1
        else { return false }
        StandardError.write(["\(HeldDeletionText.withheld(count)) Delete them everywhere? [y/N]"])
        return ["y", "yes"].contains(readLine()?.lowercased())
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
                "server_restored": .bool(report.serverWasRestored), "deleted": .integer(Int64(report.deletedCount)),
                "purged": .integer(Int64(report.purgedCount)), "revived": .integer(Int64(report.revivedCount)),
                "held": .integer(Int64(report.heldDeletionCount)),
                "withheld": .integer(Int64(report.withheldDeletionCount)),
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
        if report.deletedCount > 0 {
            let count = Timeline.counted(report.deletedCount, "record")
            lines.append("\(count) deleted elsewhere, see: webinar trash list")
        }
        if report.purgedCount > 0 {
            lines.append("\(Timeline.counted(report.purgedCount, "record")) purged after 30 days in the trash")
        }
        if report.revivedCount > 0 {
            let count = Timeline.counted(report.revivedCount, "record")
            lines.append("\(count) purged elsewhere and changed since: written again")
        }
        if !report.isLevel, report.heldDeletionCount == 0, report.withheldDeletionCount == 0 {
            lines.append(
                "The server holds another state than this device; find and repair it: webinar verify --repair"
            )
        }
        for line in lines {
            try printer.lines(line.madeVisible(keepingLines: false).wrapped(toCells: printer.terminal.columns))
        }
    }
}

/// Deletions that wait for a person's yes.
enum HeldDeletionText {
    static func withheld(_ count: Int) -> String { "\(Timeline.counted(count, "record")) were deleted here." }

    static func held(_ count: Int) -> String {
        "\(Timeline.counted(count, "record")) of this device were deleted on another."
    }

    /// Ends a sync that left something undone with what that is.
    static func refuse(_ report: SyncReport, _ printer: Printer) throws {
        guard report.heldDeletionCount > 0 || report.withheldDeletionCount > 0 else { return }
        try printer.flush()
        var hints: [String] = []
        if report.withheldDeletionCount > 0 {
            hints.append("\(withheld(report.withheldDeletionCount)) Nothing written here is sent before a yes")
        }
        if report.heldDeletionCount > 0 {
            hints.append("\(held(report.heldDeletionCount)) They are still here, and what came after waits there")
        }
        throw CommandError(
            .offline,
            "the sync deletes much, and waits for a yes",
            hints: hints + [
                "look: webinar sync --dry-run", "go on: webinar sync --yes; or bring back: webinar trash restore ID",
            ]
        )
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
