import ArgumentParser
import Models
import Store

struct SessionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session",
        abstract: "The talks you listen to.",
        discussion: "  webinar session add \"Social Media Trends in China\" --by \"Michael Michelini\" --start now",
        subcommands: [
            SessionAddCommand.self, SessionListCommand.self, ShowCommand<SessionNoun>.self, SessionUseCommand.self,
            SetCommand<SessionNoun>.self, RemoveCommand<SessionNoun>.self,
        ]
    )
}

struct SessionAddCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a session and make it the current one.",
        discussion: """
              webinar session add "Social Media Trends in China" --by "Michael Michelini" --start now --late 12m
              webinar session add "互动问答" --title-translated "Questions and answers" --title-language en --lang zh-Hans
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: "The title.")
    var title: TypedText
    @Option(help: ArgumentHelp("A speaker; may be given several times.", valueName: "name"))
    var by: [TypedText] = []
    @Option(help: ArgumentHelp("The event it belongs to, by id, handle or title.", valueName: "id"))
    var event: TypedText?
    @Option(help: ArgumentHelp("Where it is heard.", valueName: "address"))
    var link: TypedText?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("When it begins: 2013-11-22T14:00, @14:00 or now.", valueName: "time")
    )
    var start: String?
    @Option(help: ArgumentHelp("How long it is: 90s, 12m, 1h30m.", valueName: "duration"))
    var duration: String?
    @Option(help: ArgumentHelp("Its time zone, as in Asia/Manila; else this machine's.", valueName: "name"))
    var zone: String?
    @Option(help: ArgumentHelp("Its language: en, fil, zh-Hans.", valueName: "tag"))
    var lang: String?
    @Option(help: ArgumentHelp("planned, missed, late or attended.", valueName: "word"))
    var attendance: String?
    @Option(help: ArgumentHelp("How long after the beginning you joined.", valueName: "duration"))
    var late: String?
    @Option(help: ArgumentHelp("The title in a second language.", valueName: "title"))
    var titleTranslated: TypedText?
    @Option(help: ArgumentHelp("That language.", valueName: "tag"))
    var titleLanguage: String?
    @Option(help: ArgumentHelp("The recording.", valueName: "address"))
    var recording: TypedText?
    @Option(help: ArgumentHelp("A tag; may be given several times.", valueName: "tag"))
    var tag: [TypedText] = []
    @Flag(help: "Leave the current session as it is.")
    var keepCurrent = false

    func run(on device: Device, printing printer: Printer) throws {
        let draft = try draft(on: device)
        let (record, handle) = try device.write { writer in
            var draft = draft
            draft.set(.event, try event.map { try writer.reader.findProgramme($0, .event).id })
            return try writer.reader.shown(try writer.create(.session, draft.operations))
        }
        if !keepCurrent { try device.setCurrentSession(record.id) }
        try printer.saved(record, handle)
    }

    private func draft(on device: Device) throws -> Draft {
        guard !title.text.isEmpty else {
            throw CommandError(.usage, "a session needs a title", hints: "nothing was saved")
        }
        var draft = Draft()
        let clock = try zone.map { ZoneClock(name: try FieldInput.zone($0)) } ?? device.zone
        try draft.set(.title, title.text)
        try draft.include(.speakers, by)
        try draft.set(.link, link?.text)
        try draft.set(.language, try lang.map(FieldInput.language))
        let begins = try start.map { try DateInput.milliseconds($0, now: device.now, offset: clock.offsetSeconds) }
        draft.set(.starts, begins)
        if begins != nil || zone != nil { try draft.set(.zone, clock.name) }
        draft.set(.duration, try duration.map(DurationInput.milliseconds))
        let words = Attendance.allCases.map(\.rawValue)
        let presence = try attendance.map { try FieldInput.word($0, of: words) }
        try draft.set(.attendance, presence ?? (late == nil ? nil : Attendance.late.rawValue))
        draft.set(.joinOffset, try late.map(DurationInput.milliseconds))
        try draft.set(.titleTranslated, titleTranslated?.text)
        try draft.set(.titleTranslatedLanguage, try titleLanguage.map(FieldInput.language))
        try draft.set(.recording, recording?.text)
        try draft.include(.tags, tag)
        return draft
    }
}

struct SessionListCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the sessions.",
        discussion: """
              webinar session list
              webinar session list --attendance missed
              webinar session list --event 8vqd --json
            """
    )

    @OptionGroup var options: CommonOptions
    @Option(help: ArgumentHelp("Only those of this attendance.", valueName: "word"))
    var attendance: String?
    @Option(help: ArgumentHelp("Only those of this event.", valueName: "id"))
    var event: TypedText?

    func run(on device: Device, printing printer: Printer) throws {
        let current = try device.currentSession()
        try device.read { reader in
            let event = try event.map { try reader.findProgramme($0, .event).id }
            let sessions = try reader.programme(.session).filter { session in
                (attendance == nil || session.state.text(.attendance) == attendance)
                    && (event == nil || session.state.reference(.event) == event)
            }.sorted { ($0.state.integer(.starts) ?? .max, $0.id) < ($1.state.integer(.starts) ?? .max, $1.id) }
            let shown = try sessions.map { ($0, try reader.handle(of: $0.id)) }
            if printer.isJSON {
                return try printer.json(.array(shown.map { RecordJSON.shown($0.0, handle: $0.1) }))
            }
            if shown.isEmpty { return printer.hint("No sessions.") }
            try printer.table(
                ["", "ID", "BEGINS", "ATTENDANCE", "TITLE"],
                shown.map { session, handle in
                    [
                        session.id == current ? "*" : "", handle, device.begin(of: session.state) ?? "",
                        session.state.text(.attendance) ?? "", RecordLine.title(session),
                    ]
                }
            )
        }
    }
}

struct SessionUseCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "use",
        abstract: "Make a session the current one: entries go there.",
        discussion: """
              webinar session use 9c2m
              webinar session use --none
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: "Its id, handle or title.")
    var id: TypedText?
    @Flag(help: "Have no current session.")
    var none = false

    func validate() throws {
        if (id == nil) != none { throw ValidationError("Give a session, or --none.") }
    }

    func run(on device: Device, printing printer: Printer) throws {
        guard let id else {
            try device.setCurrentSession(nil)
            return try printer.line("no current session")
        }
        let (record, handle) = try device.read { reader in
            try reader.shown(try reader.findProgramme(id, .session).id)
        }
        try device.setCurrentSession(record.id)
        if printer.isJSON { return try printer.json(RecordJSON.shown(record, handle: handle)) }
        try printer.line("session \(handle) is the current one: \(record.headline.madeVisible(keepingLines: false))")
    }
}
