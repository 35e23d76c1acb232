import ArgumentParser
import Models

struct SyncLogCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Say how the last syncs went, the latest last.",
        discussion: """
              webinar sync log
              webinar sync log --json | jq 'map(select(.error))'

            The last 100 of this device, failed ones included.
            """
    )

    @OptionGroup var options: CommonOptions

    func run(on device: Device, printing printer: Printer) throws {
        let entries = try SyncLog(path: device.home.syncLog).entries()
        if printer.isJSON { return try printer.json(.array(entries.map(Self.json))) }
        if entries.isEmpty { return printer.hint("No sync yet.") }
        try printer.table(
            ["ENDED", "WITH", "WHAT"],
            entries.map { entry in
                let offset = device.zone.offsetMinutes(at: entry.ended)
                return [TimeText.full(entry.ended, offsetMinutes: offset), entry.partner, Self.words(entry)]
            },
            maximumCells: 30
        )
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
