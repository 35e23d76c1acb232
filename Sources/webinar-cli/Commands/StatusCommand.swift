import ArgumentParser
import Models
import Store

struct StatusCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say what waits to be sent, and what is to be settled.",
        discussion: """
              webinar status
              webinar status --json | jq .unsent
            """
    )

    @OptionGroup var options: CommonOptions

    func run(on device: Device, printing printer: Printer) throws {
        try StatusReport(of: device).print(on: printer)
    }
}

/// Where a device stands.
struct StatusReport {
    var session: RecordView?
    var sessionHandle: String?
    var unsentCount: UInt64
    var cursor: Cursor
    /// Deletions made elsewhere that wait for a yes.
    var heldCount: Int
    var conflictCount: Int
    /// How much of the notebook has come; nil when all of it is here.
    var loading: SnapshotPosition?
    var replica: ReplicaID
    var notebook: NotebookID
    /// The name this device was linked under; nil before that.
    var deviceName: String?
    /// `host:port`; nil while no server is known.
    var server: String?
    var counts: [RecordKind: Int] = [:]
    /// The last sync with the server found another state there, though nothing waited.
    var differedLast = false

    init(of device: Device) throws {
        let current = try device.currentSession()
        let reading = try device.read { reader in
            let identity = try reader.notebook()
            let session = try current.flatMap { try reader.record($0) }.flatMap { $0.state.isDeleted ? nil : $0 }
            var counts: [RecordKind: Int] = [:]
            for kind in RecordKind.personal { counts[kind] = try reader.count(of: [kind]) }
            return (
                identity: identity, session: session, handle: try session.map { try reader.handle(of: $0.id) },
                unsent: try reader.unsentCount(), peer: try reader.peer() ?? Peer(),
                conflicts: try reader.conflictedCount(), loading: try reader.loading(),
                name: try reader.deviceName(of: identity.replica), counts: counts
            )
        }
        session = reading.session
        sessionHandle = reading.handle
        unsentCount = reading.unsent
        cursor = reading.peer.cursor
        heldCount = reading.peer.heldCount
        conflictCount = reading.conflicts
        loading = reading.loading
        replica = reading.identity.replica
        notebook = reading.identity.notebook
        deviceName = reading.name
        counts = reading.counts
        server = try SmallFile.read(device.home.server).flatMap { KeyValueLines($0)["address"] }
        let last = try SyncLog(path: device.home.syncLog).entries().last { !$0.isFile && $0.error == nil }
        differedLast = last?.isLevel == false && heldCount == 0 && unsentCount == 0
    }

    func print(on printer: Printer) throws {
        if printer.isJSON { return try printer.json(json) }
        var rows = [
            ("Session", session.map { "\(sessionHandle ?? "")  \(RecordLine.title($0))" } ?? "none is current"),
            ("Device", (deviceName ?? "not linked") + (server.map { ", linked to \($0)" } ?? ", no server")),
            ("Kept", kept),
            ("Unsent", Timeline.counted(Int(clamping: unsentCount), "change")),
            ("Conflicts", conflictCount == 0 ? "0" : "\(conflictCount), see: webinar conflict list"),
        ]
        if let loading {
            let text = "\(loading.offset) of \(loading.log.version) changes are here; go on: webinar sync"
            rows.append(("Loading", text))
        }
        if heldCount > 0 {
            let text = "\(HeldDeletionText.held(heldCount)) Look: webinar sync --dry-run; go on: webinar sync --yes"
            rows.append(("Held", text))
        }
        if differedLast {
            rows.append(("Server", "held another state at the last sync; find and repair it: webinar verify --repair"))
        }
        let width = printer.terminal.columns
        for (name, value) in rows {
            let lines = value.madeVisible(keepingLines: false).wrapped(toCells: width - 11)
            for (index, line) in lines.enumerated() {
                try printer.line((index == 0 ? name : "").padded(toCells: 11) + line)
            }
        }
    }

    private var kept: String {
        let parts = RecordKind.personal.compactMap { kind in
            counts[kind].flatMap { $0 > 0 ? Timeline.counted($0, kind.word) : nil }
        }
        return parts.isEmpty ? "nothing yet" : parts.joined(separator: ", ")
    }

    private var json: JSONValue {
        [
            "schema": .string(RecordJSON.schema), "type": "status", "unsent": .unsigned(unsentCount),
            "cursor": .unsigned(cursor.version), "epoch": .string(Hexadecimal.text(cursor.epoch)),
            "conflicts": .integer(Int64(conflictCount)), "device": JSONValue(deviceName),
            "replica": .string("\(replica)"), "notebook": .string("\(notebook)"), "server": JSONValue(server),
            "session": JSONValue(session.map { "\($0.id)" }), "held": .integer(Int64(heldCount)),
            "loaded": loading.map { .unsigned($0.offset) } ?? .null,
            "to_load": loading.map { .unsigned($0.log.version) } ?? .null,
        ]
    }
}

/// `key = value`, a pair a line.
struct KeyValueLines {
    private var values: [String: String] = [:]

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            guard let sign = line.firstIndex(of: "=") else { continue }
            values[TypedSigns.trimmed(line[..<sign])] = TypedSigns.trimmed(line[line.index(after: sign)...])
        }
    }

    subscript(key: String) -> String? { values[key] }
}
