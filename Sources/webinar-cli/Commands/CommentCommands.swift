import ArgumentParser
import Models
import Store

struct CommentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "comment",
        abstract: "Replies on any record.",
        discussion: "  webinar comment add k7qf \"typo in the original?\"",
        subcommands: [
            CommentAddCommand.self, CommentListCommand.self, ShowCommand<CommentNoun>.self,
            EditCommand<CommentNoun>.self, SetCommand<CommentNoun>.self, RemoveCommand<CommentNoun>.self,
        ]
    )
}

struct CommentAddCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Reply on a record, or on another comment.",
        discussion: """
              webinar comment add k7qf "typo in the original?"
              webinar comment add p9ad -      from standard input
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: "What it is about, by id or handle.")
    var id: TypedText
    @Argument(help: "The text, or - for standard input.")
    var text: TypedText?
    @Option(help: ArgumentHelp("Its language: en, fil, zh-Hans.", valueName: "tag"))
    var lang: String?
    @Option(help: ArgumentHelp("A tag; may be given several times.", valueName: "tag"))
    var tag: [TypedText] = []

    func run(on device: Device, printing printer: Printer) throws {
        var fields = Draft()
        try fields.set(.language, try lang.map(FieldInput.language))
        try fields.include(.tags, tag)
        try fields.capture(device.now, zone: device.zone)
        // Before an editor opens: there must be something to reply to.
        let answered = try device.read { try $0.find(id, RecordKind.personal) }
        fields.text(.text, try TextArgument(text, on: device).readNonempty())
        // A reply to a comment belongs to what the comment is about, so that a thread is one list.
        let isReply = answered.state.kind == .comment
        fields.set(.target, isReply ? answered.state.reference(.target) ?? answered.id : answered.id)
        fields.set(.replyTo, isReply ? answered.id : nil)
        let (record, handle) = try device.write { writer in
            try writer.reader.shown(try writer.create(.comment, fields.operations))
        }
        try printer.saved(record, handle)
    }
}

struct CommentListCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the comments on a record, or all.",
        discussion: """
              webinar comment list k7qf
              webinar comment list --json
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: "What they are about, by id or handle.")
    var id: TypedText?

    func run(on device: Device, printing printer: Printer) throws {
        try device.read { reader in
            var found: [RecordView] = []
            if let id {
                let target = try reader.find(id, RecordKind.personal)
                found = try reader.children(of: target.id).filter { $0.state.kind == .comment }
            } else {
                try reader.forEach([.comment]) { found.append($0) }
            }
            if printer.isJSON {
                return try printer.json(
                    .array(try found.map { RecordJSON.shown($0, handle: try reader.handle(of: $0.id)) })
                )
            }
            if found.isEmpty { return printer.hint("No comments.") }
            try printer.table(
                ["ID", "ON", "WHEN", "TEXT"],
                try found.map { comment in
                    let target = try comment.state.reference(.target).map { try reader.handle(of: $0) }
                    let captured = comment.state.integer(.captured) ?? RecordJSON.created(comment.state)
                    let offset = comment.state.integer(.zoneOffset) ?? 0
                    let when = TimeText.full(captured, offsetMinutes: Int(clamping: offset))
                    let text = comment.headline + RecordLine.mark(comment)
                    return [try reader.handle(of: comment.id), target ?? "", when, text]
                },
                maximumCells: 30
            )
        }
    }
}
