import Models
import Store

/// What `note add` does, apart from how it is typed.
struct NoteCapture {
    var text: TypedText?
    var session: TypedText?
    var kind: String?
    var at: String?
    var speaker: TypedText?
    var role: TypedText?
    var source: TypedText?
    var asOf: TypedText?
    var lang: String?
    var tag: [TypedText] = []

    init(text: TypedText?) { self.text = text }

    func run(on device: Device, printing printer: Printer) throws {
        let input = try at.map { try TimeInput($0) }
        var fields = try fields()
        fields.text(.body, try TextArgument(text, on: device).readNonempty())
        let (record, handle) = try device.write { writer in
            var draft = fields
            let place = try device.place(session, in: writer.reader)
            let (captured, position) = place.place(input, now: device.now)
            draft.set(.session, place.id)
            draft.set(.position, position)
            try draft.capture(captured, zone: device.zone)
            return try writer.reader.shown(try writer.create(.note, draft.operations))
        }
        try printer.saved(record, handle)
        if record.state.reference(.session) == nil {
            let next = "webinar session add TITLE, then webinar note set \(handle) session ID"
            printer.hint("It belongs to no session yet: \(next)")
        }
    }

    private func fields() throws -> Draft {
        var draft = Draft()
        let words = NoteKind.allCases.map(\.rawValue)
        try draft.set(.noteKind, try kind.map { try FieldInput.word($0, of: words) })
        try draft.set(.speaker, speaker?.text)
        try draft.set(.role, role?.text)
        try draft.set(.source, source?.text)
        try draft.set(.asOf, asOf?.text)
        try draft.set(.language, try lang.map(FieldInput.language))
        try draft.include(.tags, tag)
        return draft
    }
}

// MARK: - The plain form

extension NoteCapture {
    /// `note add TEXT`, with `--at`, `--session` and `--tag` if need be: what is typed while somebody speaks.
    ///
    /// ArgumentParser builds its tables from the types of all commands, which takes longer than the save itself
    /// (docs/benchmarks.md). So the plain form is read here. Whatever is not plain is nil, and goes the usual way:
    /// every other option, an option twice, a value that begins with a dash, no text, two texts.
    init?(plain arguments: [String]) {
        guard arguments.starts(with: ["note", "add"]) else { return nil }
        self.init(text: nil)
        var words = arguments.dropFirst(2)
        while let word = words.popFirst() {
            switch word {
            case "--at" where at == nil:
                guard let value = Self.value(&words) else { return nil }
                at = value
            case "--session" where session == nil:
                guard let value = Self.value(&words) else { return nil }
                session = TypedText(value)
            case "--tag":
                guard let value = Self.value(&words) else { return nil }
                tag.append(TypedText(value))
            case _ where text == nil && (word == "-" || !word.hasPrefix("-")):
                text = TypedText(word)
            default:
                return nil
            }
        }
        if text == nil { return nil }
    }

    private static func value(_ words: inout ArraySlice<String>) -> String? {
        guard let value = words.popFirst(), !value.hasPrefix("-") else { return nil }
        return value
    }
}
