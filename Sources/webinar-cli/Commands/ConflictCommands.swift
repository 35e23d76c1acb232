import ArgumentParser
import Models
import Store

struct ConflictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflict",
        abstract: "What was written apart and is not settled yet.",
        discussion: """
            Nothing is lost and nothing waits: the current version is shown everywhere, and the others are kept here
            until you settle it.

              webinar conflict show k7qf
            """,
        subcommands: [ConflictListCommand.self, ConflictShowCommand.self, ConflictResolveCommand.self]
    )
}

struct ConflictListCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the records that hold conflicts.",
        discussion: "  webinar conflict list --json"
    )

    @OptionGroup var options: CommonOptions

    func run(on device: Device, printing printer: Printer) throws {
        try device.read { reader in
            let records = try reader.conflicted()
            if printer.isJSON {
                return try printer.json(.array(try records.map { try ConflictText(reader, device).json($0) }))
            }
            if records.isEmpty { return printer.hint("No conflicts.") }
            try printer.table(
                ["ID", "KIND", "IN", "TEXT"],
                try records.map { record in
                    let subjects = try reader.conflicts(of: record.state).map(\.subject.word)
                    let distinct = subjects.enumerated().filter { !subjects[..<$0.offset].contains($0.element) }
                    return [
                        try reader.handle(of: record.id), RecordLine.kind(record.state),
                        distinct.map(\.element).joined(separator: ", "), RecordLine.text(record),
                    ]
                }
            )
        }
    }
}

struct ConflictShowCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the versions of a record that is in conflict.",
        discussion: "  webinar conflict show k7qf"
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: "Its id or handle.")
    var id: TypedText

    func run(on device: Device, printing printer: Printer) throws {
        try device.read { reader in
            let record = try reader.find(id, RecordKind.personal)
            let text = ConflictText(reader, device)
            if printer.isJSON { return try printer.json(try text.json(record)) }
            try text.print(record, on: printer)
        }
    }
}

struct ConflictResolveCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Settle a conflict, here and on every device.",
        discussion: """
              webinar conflict resolve k7qf --take 2            the second version
              webinar conflict resolve k7qf --take both         a text: the words of all versions, as it reads now
              webinar conflict resolve k7qf --edit              a text: in $VISUAL or $EDITOR
              webinar conflict resolve k7qf --text "as it should read"
              webinar conflict resolve 9c2m --field title --value "The title"
              webinar conflict resolve p9ad --keep              a record that came back: or --delete
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: "Its id or handle.")
    var id: TypedText
    @Option(help: ArgumentHelp("The field to settle, where several are in conflict.", valueName: "name"))
    var field: String?
    @Option(help: ArgumentHelp("The number of the version to take, or both.", valueName: "number"))
    var take: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("Another value for the field.", valueName: "value"))
    var value: TypedText?
    @Option(parsing: .unconditional, help: ArgumentHelp("The whole text, or - for standard input.", valueName: "text"))
    var text: TypedText?
    @Flag(help: "Edit the whole text.")
    var edit = false
    @Flag(help: "Keep the record that came back.")
    var keep = false
    @Flag(help: "Delete the record that came back.")
    var delete = false

    func validate() throws {
        let given = [take != nil, value != nil, text != nil, edit, keep, delete].count { $0 }
        if given != 1 { throw ValidationError("Give one of --take, --value, --text, --edit, --keep and --delete.") }
    }

    func run(on device: Device, printing printer: Printer) throws {
        let seen = try device.read { reader in
            let record = try reader.find(id, RecordKind.personal)
            let conflict = try chosen(try reader.conflicts(of: record.state), reader.handle(of: record.id))
            return (record: record, conflict: conflict)
        }
        let settlement = try settlement(of: seen.conflict, in: seen.record, on: device)
        let (record, handle) = try device.write { writer in
            try writer.change(seen.record.id) { state in
                try settlement.operations(in: state, base: seen.record.state, writer: writer)
            }
            return try writer.reader.shown(seen.record.id)
        }
        if printer.isJSON { return try printer.json(RecordJSON.shown(record, handle: handle)) }
        let left = record.conflictCount
        try printer.line("settled \(record.state.kind.word) \(handle)" + (left > 0 ? ", \(left) left" : ""))
    }

    /// What is to be settled: the one conflict, or the one that --field or the other options can mean.
    private func chosen(_ conflicts: [RecordConflict], _ handle: String) throws -> RecordConflict {
        guard !conflicts.isEmpty else {
            throw CommandError(.notFound, "`\(handle)` holds no conflict", hints: "nothing was changed")
        }
        var fitting = conflicts
        if let field { fitting = fitting.filter { $0.subject.word == field } }
        if keep || delete { fitting = fitting.filter { $0.subject == .returned } }
        if value != nil { fitting = fitting.filter { if case .field = $0.subject { true } else { false } } }
        if text != nil || edit { fitting = fitting.filter { if case .text = $0.subject { true } else { false } } }
        if take != nil, fitting.count > 1 { fitting = fitting.filter { $0.subject != .returned } }
        let words = fitting.map(\.subject.word)
        let isOne = fitting.count == 1 || (Set(words).count == 1 && (text != nil || edit || take == "both"))
        if isOne, let first = fitting.first { return first }
        let all = conflicts.map(\.subject.word).joined(separator: ", ")
        throw CommandError(
            .usage,
            fitting.isEmpty ? "`\(handle)` holds no such conflict" : "`\(handle)` holds several conflicts",
            hints: "nothing was changed; it holds: \(all)",
            words.contains("text")
                ? "settle a text with --edit, --text or --take both" : "name the field with --field"
        )
    }

    private func settlement(
        of conflict: RecordConflict,
        in record: RecordView,
        on device: Device
    ) throws -> Settlement {
        switch conflict.subject {
        case .returned:
            guard keep || delete else { throw misplaced("a record that came back is settled with --keep or --delete") }
            return keep ? .keep : .delete
        case .field(let field):
            if let value {
                return try device.read { reader in
                    let input = try FieldInput(field: field, of: record, on: device, in: reader)
                    guard case .value(let value) = try input.target([value]) else {
                        throw misplaced("`\(field.name ?? "")` takes one value")
                    }
                    return .value(field, value)
                }
            }
            return .value(field, conflict.versions[try number(in: conflict)].value)
        case .text(let field):
            if text != nil || edit {
                let argument = edit ? nil : text
                return .text(field, try TextArgument(argument, on: device).read(initial: record.text ?? ""))
            }
            if take == "both" { return .bothTexts(field) }
            return .passage(field, conflict, try number(in: conflict))
        }
    }

    /// Which of the versions is to be taken, counted from 0.
    private func number(in conflict: RecordConflict) throws -> Int {
        guard let take, let number = Int(take), conflict.versions.indices.contains(number - 1) else {
            throw misplaced("`--take \(take ?? "")` is none of the versions 1 to \(conflict.versions.count)")
        }
        return number - 1
    }

    private func misplaced(_ message: String) -> CommandError {
        CommandError(.usage, message, hints: "nothing was changed; look with: webinar conflict show \(id.text)")
    }
}

/// How a conflict is settled.
private enum Settlement {
    case value(Field, Value)
    /// The whole text, as typed.
    case text(Field, String)
    /// The text as it reads now.
    case bothTexts(Field)
    /// One side's version of a passage, counted from 0.
    case passage(Field, RecordConflict, Int)
    case keep
    case delete

    /// - Parameter base: the record as the person saw it.
    func operations(in state: RecordState, base: RecordState, writer: StoreWriter) throws -> [Models.Operation] {
        switch self {
        case .value(let field, let value):
            return [state.settling(field, with: value)]
        case .text(let field, let text):
            let heads = base.textHeads(field)?.heads
            return [try writer.edit(field, of: state, to: text, from: heads, settles: true)].compactMap { $0 }
        case .bothTexts(let field):
            let text = try writer.reader.record(state.id)?.text ?? ""
            return [try writer.edit(field, of: state, to: text, settles: true)].compactMap { $0 }
        case .passage(let field, let conflict, let number):
            guard let operation = try writer.settle(field, of: state, conflict, taking: number) else {
                throw CommandError(
                    .usage,
                    "the passage cannot be told from the rest of the text",
                    hints: "nothing was changed; settle it with --edit or --text, or keep it as it reads: --take both"
                )
            }
            return [operation]
        case .keep:
            return [state.restoring()].compactMap { $0 }
        case .delete:
            return [.delete(seen: state.seen)]
        }
    }
}

/// Conflicts as they are shown.
struct ConflictText {
    let reader: StoreReader
    let device: Device

    init(_ reader: StoreReader, _ device: Device) {
        self.reader = reader
        self.device = device
    }

    func json(_ record: RecordView) throws -> JSONValue {
        let conflicts = try reader.conflicts(of: record.state).map { conflict -> JSONValue in
            [
                "field": .string(conflict.subject.word), "base": JSONValue(conflict.base),
                "versions": .array(
                    try conflict.versions.enumerated().map { index, version in
                        [
                            "number": .integer(Int64(index + 1)), "value": try value(version.value, conflict.subject),
                            "device": JSONValue(version.device),
                            "replica": JSONValue(version.replica.map { "\($0)" }),
                            "written": version.milliseconds.map { RecordJSON.moment(Int64(clamping: $0)) } ?? .null,
                        ]
                    }
                ),
            ]
        }
        return RecordJSON.shown(record, handle: try reader.handle(of: record.id))
            .adding("conflict", .array(conflicts))
    }

    private func value(_ value: Value, _ subject: RecordConflict.Subject) throws -> JSONValue {
        switch value {
        case .none: return .null
        case .text(let text): return .string(text)
        case .reference(let id): return .string("\(id)")
        case .integer(let integer):
            if case .field(let field) = subject, FieldMeaning(field) == .moment { return RecordJSON.moment(integer) }
            return .integer(integer)
        }
    }

    func print(_ record: RecordView, on printer: Printer) throws {
        let handle = try reader.handle(of: record.id)
        let conflicts = try reader.conflicts(of: record.state)
        guard !conflicts.isEmpty else { return printer.hint("\(record.state.kind.word) \(handle) holds no conflict.") }
        for conflict in conflicts {
            try printer.line(printer.paint.heading("\(record.state.kind.word) \(handle), \(conflict.subject.title)"))
            if let base = conflict.base { try line("", "base", base, on: printer) }
            for (index, version) in conflict.versions.enumerated() {
                let origin = [version.device ?? version.replica.map { "\($0)" }, version.milliseconds.map(moment)]
                let heading = origin.compactMap { $0 }.joined(separator: ", ")
                try line("\(index + 1)", heading, try words(version.value, conflict.subject), on: printer)
            }
        }
        let take = conflicts.contains { $0.subject == .returned } ? "--keep or --delete" : "--take 1"
        printer.hint("settle it: webinar conflict resolve \(handle) \(take)")
    }

    private func line(_ number: String, _ heading: String, _ text: String, on printer: Printer) throws {
        try printer.line("\(number.padded(toCells: 2))\(heading.madeVisible(keepingLines: false))")
        let room = max(TableLayout.minimumTextCells, printer.terminal.columns - 4)
        for part in text.madeVisible(keepingLines: true).wrapped(toCells: room) where !text.isEmpty {
            try printer.line("    \(part)")
        }
    }

    private func moment(_ milliseconds: UInt64) -> String {
        let moment = Int64(clamping: milliseconds)
        return TimeText.full(moment, offsetMinutes: device.zone.offsetMinutes(at: moment))
    }

    private func words(_ value: Value, _ subject: RecordConflict.Subject) throws -> String {
        switch value {
        case .none:
            return subject == .returned ? "deleted" : "(empty)"
        case .text(let text):
            return text.isEmpty ? "(empty)" : text
        case .reference(let id):
            return try reader.record(id).map { "\(try reader.handle(of: id))  \($0.headline)" } ?? "\(id)"
        case .integer(let integer):
            guard case .field(let field) = subject else { return "\(integer)" }
            switch FieldMeaning(field) {
            case .moment: return moment(UInt64(clamping: integer))
            case .offset: return TimeText.offset(integer)
            case .duration: return TimeText.duration(integer)
            default: return "\(integer)"
            }
        }
    }
}

extension RecordConflict.Subject {
    /// The word for `--field` and JSON.
    var word: String {
        switch self {
        case .field(let field): field.name ?? "field \(field.rawValue)"
        case .text: "text"
        case .returned: "returned"
        }
    }

    fileprivate var title: String {
        switch self {
        case .field, .text: word
        case .returned: "deleted on one device, changed on another: it came back"
        }
    }
}
