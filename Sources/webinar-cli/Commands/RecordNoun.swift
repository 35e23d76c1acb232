import ArgumentParser
import Models
import Store

/// A kind of record as a noun of the command line: what its common verbs need to know.
protocol RecordNoun {
    static var kind: RecordKind { get }
    /// A call of `set` as an example: what follows the id.
    static var settingExample: String { get }
}

enum EventNoun: RecordNoun {
    static let kind = RecordKind.event
    static let settingExample = "organiser \"Jean and friends\""
}

enum SessionNoun: RecordNoun {
    static let kind = RecordKind.session
    static let settingExample = "starts 2013-11-22T14:00"
}

enum NoteNoun: RecordNoun {
    static let kind = RecordKind.note
    static let settingExample = "status confirmed"
}

enum HighlightNoun: RecordNoun {
    static let kind = RecordKind.highlight
    static let settingExample = "label important"
}

enum CommentNoun: RecordNoun {
    static let kind = RecordKind.comment
    static let settingExample = "language zh-Hans"
}

extension RecordNoun {
    static var word: String { kind.word }
}

extension StoreReader {
    /// An event or session also by its title.
    func find<Noun: RecordNoun>(_ name: TypedText, as noun: Noun.Type) throws -> RecordView {
        [.event, .session].contains(Noun.kind)
            ? try findProgramme(name, Noun.kind) : try find(name, [Noun.kind])
    }
}

/// `session show ID`, `note show ID` …: everything about one record.
struct ShowCommand<Noun: RecordNoun>: NotebookCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "show",
            abstract: "Show everything about \(Noun.kind.wordWithArticle).",
            discussion: "  webinar \(Noun.word) show k7qf"
        )
    }

    @OptionGroup var options: CommonOptions
    @Argument(help: "Its id or handle.")
    var id: TypedText

    func run(on device: Device, printing printer: Printer) throws {
        try device.read { reader in
            let record = try reader.find(id, as: Noun.self)
            try RecordSheet(reader: reader, device: device).print(record, on: printer)
        }
    }
}

/// `note rm ID…`: into the trash.
struct RemoveCommand<Noun: RecordNoun>: NotebookCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "rm",
            abstract: "Put \(Noun.kind.wordWithArticle) into the trash.",
            discussion: """
                  webinar \(Noun.word) rm k7qf
                  webinar trash restore k7qf      brings it back

                Only the record itself goes: what belongs to it stays.
                """
        )
    }

    @OptionGroup var options: CommonOptions
    @Argument(help: ArgumentHelp("Ids or handles.", valueName: "id"))
    var ids: [TypedText]

    func run(on device: Device, printing printer: Printer) throws {
        let removed = try device.write { writer in
            // All are looked up before one is removed.
            let found = try ids.map { try writer.reader.find($0, as: Noun.self).id }
            return try found.map { id in
                try writer.change(id) { [$0.deleting()].compactMap { $0 } }
                return (id, try writer.reader.handle(of: id))
            }
        }
        for (id, handle) in removed {
            if printer.isJSON {
                try printer.json([
                    "schema": .string(RecordJSON.schema), "type": .string(Noun.word), "id": "\(id)",
                    "handle": .string(handle), "deleted": true,
                ])
            } else {
                try printer.line("\(Noun.word) \(handle) is in the trash")
            }
        }
        if Noun.kind == .session, let current = try device.currentSession(),
            removed.contains(where: { $0.0 == current })
        {
            try device.setCurrentSession(nil)
        }
    }
}

/// `note set ID FIELD VALUE…`: one field.
struct SetCommand<Noun: RecordNoun>: NotebookCommand {
    static var configuration: CommandConfiguration {
        let fields = Field.fields(of: Noun.kind).filter { $0.shape != .merging }.compactMap(\.name)
        return CommandConfiguration(
            commandName: "set",
            abstract: "Set one field of \(Noun.kind.wordWithArticle).",
            discussion: """
                  webinar \(Noun.word) set k7qf \(Noun.settingExample)
                  webinar \(Noun.word) set k7qf tags "social media" china
                  webinar \(Noun.word) set k7qf tags ""

                Fields: \(fields.joined(separator: ", ")).
                An empty value clears the field. Write -- before values that begin with a dash.
                """
        )
    }

    @OptionGroup var options: CommonOptions
    @Argument(help: "Its id or handle.")
    var id: TypedText
    @Argument(help: "The name of the field.", completion: .list(Field.fields(of: Noun.kind).compactMap(\.name)))
    var field: TypedText
    @Argument(help: ArgumentHelp("The value; for tags, speakers and sponsors all of them.", valueName: "value"))
    var values: [TypedText]

    func run(on device: Device, printing printer: Printer) throws {
        let field = try FieldInput.field(field.text, of: Noun.kind)
        let (record, handle) = try device.write { writer in
            let record = try writer.reader.find(id, as: Noun.self)
            let input = try FieldInput(field: field, of: record, on: device, in: writer.reader)
            let target = try input.target(values)
            try writer.change(record.id) { FieldInput.operations(for: target, field, in: $0) }
            return try writer.reader.shown(record.id)
        }
        try printer.saved(record, handle)
    }
}

extension StoreReader {
    /// A record that is known to be there, with its handle.
    func shown(_ id: RecordID) throws -> (record: RecordView, handle: String) {
        guard let record = try record(id) else { throw StoreError.notFound("\(id)") }
        return (record, try handle(of: id))
    }
}

extension Printer {
    /// Says what was saved.
    func saved(_ record: RecordView, _ handle: String) throws {
        if isJSON { return try json(RecordJSON.shown(record, handle: handle)) }
        let place = (record.state.integer(.position) ?? record.state.integer(.from)).map { TimeText.offset($0) + " " }
        try line("\(place ?? "")\(record.state.kind.word) \(handle)")
    }
}
