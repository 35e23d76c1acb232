import ArgumentParser
import Models
import Store

struct TrashCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trash",
        abstract: "See what was deleted, and bring it back.",
        discussion: """
              webinar trash restore k7qf

            A sync purges what the server has known as deleted for 30 days. Without a
            server nothing is purged.
            """,
        subcommands: [TrashListCommand.self, TrashRestoreCommand.self]
    )
}

struct TrashListCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List what was deleted, the latest first.",
        discussion: "  webinar trash list --json"
    )

    @OptionGroup var options: CommonOptions

    func run(on device: Device, printing printer: Printer) throws {
        try device.read { reader in
            let deleted = try reader.trash().map { ($0, try reader.handle(of: $0.id)) }
            if printer.isJSON {
                return try printer.json(.array(deleted.map { RecordJSON.shown($0.0, handle: $0.1) }))
            }
            if deleted.isEmpty { return printer.hint("The trash is empty.") }
            try printer.table(
                ["ID", "KIND", "DELETED", "TEXT"],
                deleted.map { record, handle in
                    let moment = Int64(clamping: record.state.deleted?.milliseconds ?? 0)
                    let when = TimeText.full(moment, offsetMinutes: device.zone.offsetMinutes(at: moment))
                    return [handle, RecordLine.kind(record.state), when, RecordLine.text(record)]
                },
                maximumCells: 30
            )
        }
    }
}

struct TrashRestoreCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring back what was deleted.",
        discussion: "  webinar trash restore k7qf"
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: ArgumentHelp("Ids or handles.", valueName: "id"))
    var ids: [TypedText]

    func run(on device: Device, printing printer: Printer) throws {
        let restored = try device.write { writer in
            let found = try ids.map { name in
                try writer.reader.find(name, RecordKind.personal, acceptsDeleted: true).id
            }
            return try found.map { id in
                try writer.change(id) { $0.isDeleted ? [$0.restoring()].compactMap { $0 } : [] }
                return try writer.reader.shown(id)
            }
        }
        for (record, handle) in restored { try printer.saved(record, handle) }
    }
}
