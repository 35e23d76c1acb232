import ArgumentParser
import Models
import Store

/// `note show`, which also shows earlier versions of the text.
struct NoteShowCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show everything about a note.",
        discussion: """
              webinar note show k7qf
              webinar note show k7qf --at 2      its text as it was (webinar note history k7qf)
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: "Its id or handle.")
    var id: TypedText
    @Option(help: ArgumentHelp("Only the text, at this version.", valueName: "version"))
    var at: String?

    func run(on device: Device, printing printer: Printer) throws {
        try device.read { reader in
            let record = try reader.find(id, [.note], acceptsDeleted: true)
            guard let at else { return try RecordSheet(reader: reader, device: device).print(record, on: printer) }
            let entry = try reader.version(at, of: record)
            let text = try reader.text(.body, after: entry)
            guard printer.isJSON else { return try printer.text(text) }
            let value = RecordJSON.version(entry, of: record, handle: try reader.handle(of: record.id))
            try printer.json(value.adding("text", .string(text)))
        }
    }
}

struct NoteHistoryCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List the versions of a note.",
        discussion: """
              webinar note history k7qf
              webinar note history k7qf --json
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: "Its id or handle.")
    var id: TypedText

    func run(on device: Device, printing printer: Printer) throws {
        try device.read { reader in
            let record = try reader.find(id, [.note], acceptsDeleted: true)
            let history = try reader.history(of: record.id, text: .body)
            if printer.isJSON {
                let handle = try reader.handle(of: record.id)
                return try printer.json(
                    .array(
                        try history.map { entry in
                            let value = RecordJSON.version(entry, of: record, handle: handle)
                            guard entry.number != nil else { return value }
                            return value.adding("text", .string(try reader.text(.body, after: entry)))
                        }
                    )
                )
            }
            try printer.table(
                ["VERSION", "WHEN", "DEVICE", "WHAT"],
                try history.map { entry in
                    let moment = Int64(clamping: entry.change.stamp.milliseconds)
                    let when = TimeText.full(moment, offsetMinutes: device.zone.offsetMinutes(at: moment))
                    let what = try Self.what(entry, reader)
                    return [entry.number.map { "\($0)" } ?? "-", when, entry.device ?? "", what]
                },
                maximumCells: 30
            )
        }
    }

    private static func what(_ entry: HistoryEntry, _ reader: StoreReader) throws -> String {
        if entry.number != nil { return String(try reader.text(.body, after: entry).prefix(400)) }
        return entry.change.operations.map { operation in
            switch operation {
            case .set(let field, _, _): "\(field.name ?? "a field") set"
            case .include(let field, let element, _): "\(field.name ?? "a set") + \(element)"
            case .exclude(let field, let element, _): "\(field.name ?? "a set") - \(element)"
            case .delete: "deleted"
            case .restore: "restored"
            case .purge: "purged from the trash"
            case .revive, .salvage: "written again"
            case .edit, .unknown: "changed"
            }
        }.joined(separator: ", ")
    }
}

struct NoteRevertCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "revert",
        abstract: "Make a note read as it did at a version.",
        discussion: """
              webinar note revert k7qf 2

            The versions in between stay in its history.
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: "Its id or handle.")
    var id: TypedText
    @Argument(help: "The version, as `webinar note history ID` shows it.")
    var version: String

    func run(on device: Device, printing printer: Printer) throws {
        let (record, handle) = try device.write { writer in
            let reader = try writer.reader
            let record = try reader.find(id, [.note])
            let text = try reader.text(.body, after: try reader.version(version, of: record))
            try writer.change(record.id) { state in
                [try writer.edit(.body, of: state, to: text)].compactMap { $0 }
            }
            return try writer.reader.shown(record.id)
        }
        try printer.saved(record, handle)
    }
}

extension StoreReader {
    /// The version that `name` means: its number in the history here, or its name on every replica.
    fileprivate func version(_ name: String, of record: RecordView) throws -> HistoryEntry {
        let history = try history(of: record.id, text: .body).filter { $0.number != nil }
        guard let entry = history.first(where: { $0.number.map(String.init) == name || $0.name == name }) else {
            throw CommandError(
                .notFound,
                "this note has no version `\(name)`",
                hints: "nothing was changed; `webinar note history \(try handle(of: record.id))` lists them"
            )
        }
        return entry
    }
}

extension RecordJSON {
    /// A version of a record, without its text.
    fileprivate static func version(_ entry: HistoryEntry, of record: RecordView, handle: String) -> JSONValue {
        [
            "schema": .string(schema), "type": "version", "id": "\(record.id)", "handle": .string(handle),
            "version": JSONValue(entry.number), "change": .string(entry.name), "device": JSONValue(entry.device),
            "written": moment(Int64(clamping: entry.change.stamp.milliseconds)),
            "fields": .array(
                entry.change.operations.compactMap { operation in
                    switch operation {
                    case .set(let field, _, _), .include(let field, _, _), .exclude(let field, _, _),
                        .edit(let field, _):
                        field.name.map { .string($0) }
                    case .delete: "deleted"
                    case .restore: "restored"
                    case .purge: "purged"
                    case .revive, .salvage, .unknown: nil
                    }
                }
            ),
        ]
    }
}
