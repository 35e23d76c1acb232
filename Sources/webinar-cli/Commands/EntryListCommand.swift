import ArgumentParser
import Models
import Store

/// `note list`, `highlight list`: the entries of a session or of all.
struct EntryListCommand<Noun: RecordNoun>: NotebookCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "list",
            abstract: "List the \(Noun.word)s of a session.",
            discussion: """
                  webinar \(Noun.word) list
                  webinar \(Noun.word) list --session 9c2m --json
                  webinar \(Noun.word) list --all --tag china
                """
        )
    }

    @OptionGroup var options: CommonOptions
    @OptionGroup var choice: SessionChoice
    @Flag(help: "Those of all sessions, and of none.")
    var all = false
    @Option(help: ArgumentHelp("Only those with this tag.", valueName: "tag"))
    var tag: TypedText?
    @Option(help: ArgumentHelp("Only those of this kind or with this status.", valueName: "word"))
    var only: String?

    func run(on device: Device, printing printer: Printer) throws {
        try device.read { reader in
            let session = all ? nil : try device.session(choice.session, in: reader)
            var found: [RecordView] = []
            if let session {
                found = try reader.children(of: session.id).filter { $0.state.kind == Noun.kind && isWanted($0) }
                    .sorted(by: Timeline.isBefore)
            } else {
                try reader.forEach([Noun.kind]) { if isWanted($0) { found.append($0) } }
            }
            if printer.isJSON {
                return try printer.json(
                    .array(try found.map { RecordJSON.shown($0, handle: try reader.handle(of: $0.id)) })
                )
            }
            if found.isEmpty { return printer.hint("No \(Noun.word)s.") }
            try Timeline.print(found.map { Timeline.Entry(record: $0, commentCount: 0) }, reader: reader, on: printer)
        }
    }

    private func isWanted(_ record: RecordView) -> Bool {
        let state = record.state
        let hasTag = tag.map { state.elements(.tags).contains(ExactString($0.text)) } ?? true
        guard let only else { return hasTag }
        let kind = state.text(.noteKind) ?? NoteKind.note.rawValue
        let isKind = state.kind == .note && (kind == only || (only == "unchecked" && RecordLine.isUnchecked(state)))
        return hasTag && (isKind || state.text(.claimStatus) == only || state.text(.label) == only)
    }
}
