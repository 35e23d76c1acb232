import ArgumentParser
import Models
import Store

struct NoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "note",
        abstract: "Notes, quotes, claims and questions.",
        discussion: "  webinar note add \"WeChat also has a web version\" --at 12:36",
        subcommands: [
            NoteAddCommand.self, EntryListCommand<NoteNoun>.self, NoteShowCommand.self, EditCommand<NoteNoun>.self,
            SetCommand<NoteNoun>.self, RemoveCommand<NoteNoun>.self, NoteHistoryCommand.self, NoteRevertCommand.self,
        ]
    )
}

struct NoteAddCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Take a note. It is on disk when the prompt returns.",
        discussion: """
              webinar note add "WeChat also has a web version"
              webinar note add "Facebook is banned there" --kind claim --at 12:36
              webinar note add "群组" --at -30s --tag china
              some-program | webinar note add -

            Without TEXT, $VISUAL or $EDITOR opens.
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var choice: SessionChoice
    @Argument(help: "The text, or - for standard input.")
    var text: TypedText?
    @Option(help: ArgumentHelp("note, quote, claim or question.", valueName: "kind"))
    var kind: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The time: 12:36 (into the session), @14:12 (today) or -30s (ago).", valueName: "time")
    )
    var at: String?
    @Option(help: ArgumentHelp("Who said it.", valueName: "name"))
    var speaker: TypedText?
    @Option(help: ArgumentHelp("The speaker's role, for a quote.", valueName: "text"))
    var role: TypedText?
    @Option(help: ArgumentHelp("Where it comes from, for a claim.", valueName: "text"))
    var source: TypedText?
    @Option(help: ArgumentHelp("When it was true, for a claim: 2012, 2012-07.", valueName: "date"))
    var asOf: TypedText?
    @Option(help: ArgumentHelp("Its language: en, fil, zh-Hans.", valueName: "tag"))
    var lang: String?
    @Option(help: ArgumentHelp("A tag; may be given several times.", valueName: "tag"))
    var tag: [TypedText] = []

    func run(on device: Device, printing printer: Printer) throws {
        var capture = NoteCapture(text: text)
        capture.session = choice.session
        capture.kind = kind
        capture.at = at
        capture.speaker = speaker
        capture.role = role
        capture.source = source
        capture.asOf = asOf
        capture.lang = lang
        capture.tag = tag
        try capture.run(on: device, printing: printer)
    }
}

extension TextArgument {
    /// The text that was given, which must not be empty: an empty pipe is a mistake.
    func readNonempty(initial: String = "") throws -> String {
        let text = try read(initial: initial)
        guard !text.isEmpty else {
            throw CommandError(.usage, "the text is empty", hints: "nothing was saved")
        }
        return text
    }
}

/// `note edit ID`, `highlight edit ID`, `comment edit ID`: the merging text.
struct EditCommand<Noun: RecordNoun>: NotebookCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "edit",
            abstract: "Change the text of \(Noun.kind.wordWithArticle).",
            discussion: """
                  webinar \(Noun.word) edit k7qf "the text as it should read"
                  webinar \(Noun.word) edit k7qf -      from standard input
                  webinar \(Noun.word) edit k7qf        in $VISUAL or $EDITOR

                What another device changes meanwhile is merged, word by word.
                """
        )
    }

    @OptionGroup var options: CommonOptions
    @Argument(help: "Its id or handle.")
    var id: TypedText
    @Argument(help: "The new text, or - for standard input.")
    var text: TypedText?

    func run(on device: Device, printing printer: Printer) throws {
        guard let field = Noun.kind.textField else { preconditionFailure("\(Noun.word) has no text to edit") }
        // What the person sees when they begin is what their edit is made against, however long it takes.
        let seen = try device.read { try $0.find(id, as: Noun.self) }
        let text = try TextArgument(text, on: device).readNonempty(initial: seen.text ?? "")
        let base = seen.state.textHeads(field)?.heads ?? []
        let (record, handle) = try device.write { writer in
            try writer.change(seen.id) { state in
                [try writer.edit(field, of: state, to: text, from: base)].compactMap { $0 }
            }
            return try writer.reader.shown(seen.id)
        }
        try printer.saved(record, handle)
    }
}
