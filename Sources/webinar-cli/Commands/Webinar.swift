import ArgumentParser
import Models
import Store

/// The root of the command tree; without arguments it says where the person stands.
struct Webinar: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webinar",
        abstract: "Notes and highlights of talks, kept on your machines.",
        discussion: """
            Everything is saved on this device first, with no server, account or network.

              webinar session add "Social Media Trends in China" --by "Michael Michelini" --start now
              webinar note add "WeChat also has a web version" --at 12:36
              webinar highlight add "QR codes are useful" --from 12:36 --to 13:06
              webinar log

            Ids are full ids or the handles that every list shows. Times are 12:36 or 1:02:30 (into the session),
            @14:12 (clock time today) and -30s (ago); durations are 90s, 12m, 1h30m.
            """,
        version: "0.1.0",
        subcommands: [OverviewCommand.self],
        groupedSubcommands: [
            CommandGroup(
                name: "Keep",
                subcommands: [
                    EventCommand.self, SessionCommand.self, NoteCommand.self, HighlightCommand.self,
                    CommentCommand.self, TagCommand.self,
                ]
            ),
            CommandGroup(name: "Read", subcommands: [LogCommand.self, FindCommand.self, StatusCommand.self]),
            CommandGroup(
                name: "Mend",
                subcommands: [
                    UndoCommand.self, TrashCommand.self, ConflictCommand.self, DoctorCommand.self, VerifyCommand.self,
                ]
            ),
            CommandGroup(
                name: "Carry",
                subcommands: [
                    SyncCommand.self, DeviceCommand.self, ExportCommand.self, ImportCommand.self,
                    CompletionCommand.self,
                ]
            ),
        ],
        defaultSubcommand: OverviewCommand.self
    )
}

/// `webinar` alone.
struct OverviewCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "overview",
        abstract: "Say where you stand.",
        shouldDisplay: false
    )

    @OptionGroup var options: CommonOptions

    func run(on device: Device, printing printer: Printer) throws {
        // Looking does not make a notebook.
        guard device.home.hasNotebook else { return try printBeginning(printer) }
        let sessions = try device.read { try $0.programme(.session) }
        if sessions.isEmpty {
            try printBeginning(printer)
        } else {
            try StatusReport(of: device).print(on: printer)
        }
    }

    private func printBeginning(_ printer: Printer) throws {
        if printer.isJSON {
            return try printer.json(["schema": .string(RecordJSON.schema), "type": "overview", "sessions": 0])
        }
        try printer.line("No sessions yet.")
        let lines = [
            ("webinar session add \"Title\" --by \"Speaker\" --start now", "begin one"),
            ("webinar note add \"what was said\"", "take a note; works without a server or network"),
            ("webinar help", "everything else"),
        ]
        if printer.terminal.columns >= TableLayout.minimumTableWidth + 40 {
            try printer.lines(lines.map { "  \($0.0.padded(toCells: 58))\($0.1)" })
        } else {
            for (command, meaning) in lines {
                try printer.lines("  \(meaning):".wrapped(toCells: printer.terminal.columns))
                try printer.line("    \(command)")
            }
        }
    }
}
