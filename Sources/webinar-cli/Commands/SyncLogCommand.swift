import ArgumentParser
import Models

struct SyncLogCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Say how the last syncs went, the latest last.",
        discussion: """
              webinar sync log
              webinar sync log --json | jq 'map(select(.error))'

            The last 100 of this device, failed ones included, and what kept one from
            being level: deletions that waited for a yes, or another state on the server.
            """
    )

    @OptionGroup var options: CommonOptions

    func run(on device: Device, printing printer: Printer) throws {
        let entries = try SyncLog(path: device.home.syncLog).entries()
        if printer.isJSON { return try printer.json(.array(entries.map(Self.json))) }
        if entries.isEmpty { return printer.hint("No sync yet.") }
        let rows = entries.map { entry in
            let offset = device.zone.offsetMinutes(at: entry.ended)
            return [TimeText.full(entry.ended, offsetMinutes: offset), entry.partner, Self.words(entry)]
        }
        let layout = TableLayout(
            titles: ["ENDED", "WITH", "WHAT"],
            fitting: rows,
            maximumCells: 30,
            width: printer.terminal.columns,
            isPlain: printer.isPlain
        )
        try printer.lines(layout.heading)
        for (row, entry) in zip(rows, entries) {
            try printer.lines(Self.lines(row, Self.remarks(entry), layout))
        }
    }

    /// A row with its remarks. A column would cut them off, so there they stand below the row, whole.
    private static func lines(_ row: [String], _ remarks: [String], _ layout: TableLayout) -> [String] {
        guard layout.form == .columns else {
            var cells = row
            cells[cells.count - 1] = ([cells[cells.count - 1]] + remarks).joined(separator: "; ")
            return layout.lines(for: cells)
        }
        let indent = "  "
        let below = remarks.flatMap { $0.wrapped(toCells: layout.width - indent.count) }.map { indent + $0 }
        return layout.lines(for: row) + below
    }

    private static func words(_ entry: SyncLog.Entry) -> String {
        if let error = entry.error { return "failed: \(error)" }
        var parts = [
            "\(entry.isFile ? "wrote" : "sent") \(entry.sentCount)", "received \(entry.receivedCount)",
        ]
        if entry.deletedCount > 0 { parts.append("\(Timeline.counted(entry.deletedCount, "record")) into the trash") }
        if entry.purgedCount > 0 { parts.append("\(Timeline.counted(entry.purgedCount, "record")) purged") }
        parts.append(entry.isLevel ? "level" : "not level")
        return parts.joined(separator: ", ")
    }

    /// Why it was not level, and what else it found. In the past tense: a later sync may have settled it.
    private static func remarks(_ entry: SyncLog.Entry) -> [String] {
        var remarks: [String] = []
        if let count = entry.withheldCount, count > 0 { remarks.append(waiting(count, "here")) }
        if let count = entry.heldCount, count > 0 { remarks.append(waiting(count, "elsewhere")) }
        if entry.foundOtherState {
            remarks.append("the server held another state; find and repair it: webinar verify --repair")
        }
        if entry.tookNewReplica {
            remarks.append("this copy of the notebook writes under a number of its own since then")
        }
        if entry.serverWasRestored {
            remarks.append("the server was put back to an earlier state; what it lacked was sent again")
        }
        if entry.revivedCount > 0 {
            let count = Timeline.counted(entry.revivedCount, "record")
            remarks.append("\(count) purged elsewhere and changed since: written again")
        }
        return remarks
    }

    private static func waiting(_ count: Int, _ place: String) -> String {
        "\(Timeline.counted(count, "deletion")) made \(place) waited for a yes: webinar sync --yes"
    }

    private static func json(_ entry: SyncLog.Entry) -> JSONValue {
        guard case .object(let members) = entry.json else { return entry.json }
        let head = [
            JSONValue.Member(key: "schema", value: .string(RecordJSON.schema)),
            JSONValue.Member(key: "type", value: .string("sync_log")),
        ]
        return .object(
            head
                + members.map { member in
                    member.key == "ended"
                        ? JSONValue.Member(key: "ended", value: JSONValue(TimeText.iso(entry.ended))) : member
                }
        )
    }
}
