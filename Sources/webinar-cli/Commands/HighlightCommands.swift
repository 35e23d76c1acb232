import ArgumentParser
import Models
import Store

struct HighlightCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "highlight",
        abstract: "Spans of a session worth keeping.",
        discussion: "  webinar highlight add \"QR codes are useful\" --from 12:36 --to 13:06",
        subcommands: [
            HighlightAddCommand.self, EntryListCommand<HighlightNoun>.self, ShowCommand<HighlightNoun>.self,
            EditCommand<HighlightNoun>.self, SetCommand<HighlightNoun>.self, RemoveCommand<HighlightNoun>.self,
        ]
    )
}

struct HighlightAddCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Keep a span of the session.",
        discussion: """
              webinar highlight add "QR codes are useful in marketing" --from 12:36 --to 13:06
              webinar highlight add "WeChat also has a web version" --from -30s
              webinar highlight add "" --from @14:12 --to @14:13      without a text yet
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var choice: SessionChoice
    @Argument(help: "The text, or - for standard input.")
    var text: TypedText?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Where it begins: 12:36, @14:12 or -30s.", valueName: "time")
    )
    var from: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("Where it ends.", valueName: "time"))
    var to: String?
    @Option(help: ArgumentHelp("A label.", valueName: "text"))
    var label: TypedText?
    @Option(name: .customLong("colour"), help: ArgumentHelp("A colour.", valueName: "name"))
    var highlightColor: TypedText?
    @Option(help: ArgumentHelp("Who said it.", valueName: "name"))
    var speaker: TypedText?
    @Option(help: ArgumentHelp("Its language: en, fil, zh-Hans.", valueName: "tag"))
    var lang: String?
    @Option(help: ArgumentHelp("A tag; may be given several times.", valueName: "tag"))
    var tag: [TypedText] = []

    func run(on device: Device, printing printer: Printer) throws {
        let begin = try from.map { (input: try TimeInput($0), typed: $0) }
        let end = try to.map { (input: try TimeInput($0), typed: $0) }
        var fields = Draft()
        try fields.set(.label, label?.text)
        try fields.set(.color, highlightColor?.text)
        try fields.set(.speaker, speaker?.text)
        try fields.set(.language, try lang.map(FieldInput.language))
        try fields.include(.tags, tag)
        fields.text(.text, try TextArgument(text, on: device).read())
        let (record, handle) = try device.write { writer in
            var draft = fields
            let now = device.now
            let place = try device.place(choice.session, in: writer.reader)
            let start = try begin.map { try place.offset($0.input, typedAs: $0.typed, now: now) }
            let stop = try end.map { try place.offset($0.input, typedAs: $0.typed, now: now) }
            try Self.check(start, stop)
            draft.set(.session, place.id)
            draft.set(.from, start ?? (stop == nil ? place.position(of: now) : nil))
            draft.set(.to, stop)
            try draft.capture(place.place(begin?.input, now: now).captured, zone: device.zone)
            return try writer.reader.shown(try writer.create(.highlight, draft.operations))
        }
        try printer.saved(record, handle)
    }

    private static func check(_ from: Int64?, _ to: Int64?) throws(CommandError) {
        guard let from, let to, to < from else { return }
        throw CommandError(
            .usage,
            "it would end at \(TimeText.offset(to)), before it begins at \(TimeText.offset(from))",
            hints: "nothing was saved; exchange --from and --to"
        )
    }
}
