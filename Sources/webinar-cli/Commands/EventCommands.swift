import ArgumentParser
import Models
import Store

struct EventCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "event",
        abstract: "Days and series with a programme.",
        discussion: "  webinar event add \"One Internet Day\" --start 2013-11-22",
        subcommands: [
            EventAddCommand.self, EventListCommand.self, ShowCommand<EventNoun>.self, SetCommand<EventNoun>.self,
            RemoveCommand<EventNoun>.self,
        ]
    )
}

struct EventAddCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add an event.",
        discussion: """
              webinar event add "One Internet Day" --start 2013-11-22 --cause "victims of typhoon Yolanda"
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: "The title.")
    var title: TypedText
    @Option(help: ArgumentHelp("Who holds it.", valueName: "name"))
    var organiser: TypedText?
    @Option(help: ArgumentHelp("A sponsor; may be given several times.", valueName: "name"))
    var sponsor: [TypedText] = []
    @Option(help: ArgumentHelp("What it is held for.", valueName: "text"))
    var cause: TypedText?
    @Option(help: ArgumentHelp("Where to read about that.", valueName: "address"))
    var causeLink: TypedText?
    @Option(help: ArgumentHelp("Its page.", valueName: "address"))
    var link: TypedText?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("When it begins: 2013-11-22 or 2013-11-22T09:00.", valueName: "time")
    )
    var start: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("When it ends.", valueName: "time"))
    var end: String?
    @Option(help: ArgumentHelp("Its time zone, as in Asia/Manila; else this machine's.", valueName: "name"))
    var zone: String?
    @Option(help: ArgumentHelp("A tag; may be given several times.", valueName: "tag"))
    var tag: [TypedText] = []

    func run(on device: Device, printing printer: Printer) throws {
        let draft = try draft(on: device)
        let (record, handle) = try device.write { writer in
            try writer.reader.shown(try writer.create(.event, draft.operations))
        }
        try printer.saved(record, handle)
    }

    private func draft(on device: Device) throws -> Draft {
        guard !title.text.isEmpty else {
            throw CommandError(.usage, "an event needs a title", hints: "nothing was saved")
        }
        let clock = try zone.map { ZoneClock(name: try FieldInput.zone($0)) } ?? device.zone
        func moment(_ text: String?) throws -> Int64? {
            try text.map { try DateInput.milliseconds($0, now: device.now, offset: clock.offsetSeconds) }
        }
        var draft = Draft()
        try draft.set(.title, title.text)
        try draft.set(.organiser, organiser?.text)
        try draft.include(.sponsors, sponsor)
        try draft.set(.cause, cause?.text)
        try draft.set(.causeLink, causeLink?.text)
        try draft.set(.link, link?.text)
        draft.set(.starts, try moment(start))
        draft.set(.ends, try moment(end))
        if start != nil || end != nil || zone != nil { try draft.set(.zone, clock.name) }
        try draft.include(.tags, tag)
        return draft
    }
}

struct EventListCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the events.",
        discussion: "  webinar event list --json"
    )

    @OptionGroup var options: CommonOptions

    func run(on device: Device, printing printer: Printer) throws {
        try device.read { reader in
            let events = try reader.programme(.event).map { ($0, try reader.handle(of: $0.id)) }
            if printer.isJSON {
                return try printer.json(.array(events.map { RecordJSON.shown($0.0, handle: $0.1) }))
            }
            if events.isEmpty { return printer.hint("No events.") }
            try printer.table(
                ["ID", "BEGINS", "SESSIONS", "TITLE"],
                try events.map { event, handle in
                    let count = try reader.children(of: event.id).count
                    return [handle, device.begin(of: event.state) ?? "", "\(count)", event.headline]
                }
            )
        }
    }
}
