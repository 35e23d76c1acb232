import Models
import Store

/// One line of `import --jsonl`: what it says, checked as far as that is possible without the notebook.
struct ImportedRecord {
    var id: RecordID?
    var kind: RecordKind
    var text: String?
    var targets: [(field: Field, target: Target)]

    enum Target: Equatable {
        case value(Value)
        case elements([ExactString])
        /// A reference by handle, to be looked up.
        case handle(String)
    }

    /// What is wrong with a line.
    struct Problem: Error, Equatable {
        var text: String

        init(_ text: String) { self.text = text }
    }

    /// Keys that say how things were where the line was written. They follow from the record, so they are not read.
    private static let derived: Set<String> = [
        "schema", "handle", "created", "edited", "conflicts", "comments", "deleted", "spans",
    ]

    init(_ line: some Sequence<UInt8>) throws(Problem) {
        let value: JSONValue
        do {
            value = try JSONParser.parse(line)
        } catch {
            throw Problem("\(error)")
        }
        guard case .object(let members) = value else { throw Problem("not a JSON object") }
        guard let typeName = value["type"]?.string else { throw Problem("it has no `type`") }
        guard let kind = RecordKind(name: typeName), RecordKind.personal.contains(kind) else {
            let names = RecordKind.personal.map(\.word).joined(separator: ", ")
            throw Problem("its type `\(typeName)` is none of \(names)")
        }
        if let schema = value["schema"], schema.string != RecordJSON.schema {
            throw Problem("its schema is not \(RecordJSON.schema)")
        }
        self.kind = kind
        targets = []
        for member in members where member.key != "type" && !Self.derived.contains(member.key) {
            try take(member)
        }
    }

    private mutating func take(_ member: JSONValue.Member) throws(Problem) {
        let key = member.key
        if key == "id" {
            guard let id = member.value.string.flatMap({ RecordID($0) }) else {
                throw Problem("its `id` is no full id")
            }
            self.id = id
            return
        }
        guard let field = Field(name: key, of: kind) else {
            throw Problem("\(kind.wordWithArticle) has no field `\(key)`")
        }
        if field.shape == .merging {
            guard let text = member.value.string else { throw Problem("`\(key)` is not a string") }
            guard text.utf8.count <= Limits.maximumTextBytes else {
                throw Problem("`\(key)` is longer than \(Limits.maximumTextBytes) bytes")
            }
            self.text = text
        } else {
            targets.append((field, try Self.target(field, key, member.value)))
        }
    }

    private static func target(_ field: Field, _ key: String, _ value: JSONValue) throws(Problem) -> Target {
        switch (FieldMeaning(field), value) {
        case (.elements, .null):
            return .elements([])
        case (.elements, .array(let values)):
            return .elements(try elements(key, values))
        case (_, .null):
            return .value(.none)
        case (.text, .string(let text)), (.word, .string(let text)), (.language, .string(let text)):
            guard text.utf8.count <= Limits.maximumRegisterBytes else {
                throw Problem("`\(key)` is longer than \(Limits.maximumRegisterBytes) bytes")
            }
            return .value(.text(text))
        case (.moment, .integer(let number)), (.offset, .integer(let number)), (.duration, .integer(let number)),
            (.zoneOffset, .integer(let number)), (.number, .integer(let number)):
            return .value(.integer(number))
        case (.moment, .string(let text)):
            guard let moment = DateInput.iso(text) else {
                throw Problem("`\(key)` is not a time such as 2013-11-22T06:12:36.000Z")
            }
            return .value(.integer(moment))
        case (.offset, .string(let text)):
            guard case .offset(let milliseconds)? = try? TimeInput(text) else {
                throw Problem("`\(key)` is not a place in the session such as 12:36")
            }
            return .value(.integer(milliseconds))
        case (.duration, .string(let text)):
            guard let milliseconds = try? DurationInput.milliseconds(text) else {
                throw Problem("`\(key)` is not a duration such as 12m")
            }
            return .value(.integer(milliseconds))
        case (.zoneOffset, .string(let text)):
            guard let minutes = DateInput.zoneOffset(text) else {
                throw Problem("`\(key)` is not an offset such as +08:00")
            }
            return .value(.integer(Int64(minutes)))
        case (.reference, .string(let text)):
            return RecordID(text).map { .value(.reference($0)) } ?? .handle(text)
        default:
            throw Problem("`\(key)` has a value of the wrong kind")
        }
    }

    private static func elements(_ key: String, _ values: [JSONValue]) throws(Problem) -> [ExactString] {
        var elements: Set<ExactString> = []
        for value in values {
            guard let text = value.string else { throw Problem("`\(key)` is not a list of strings") }
            guard text.utf8.count <= Limits.maximumElementBytes else {
                throw Problem("`\(key)` has a member longer than \(Limits.maximumElementBytes) bytes")
            }
            elements.insert(ExactString(text))
        }
        return elements.sorted()
    }
}

extension ImportedRecord {
    enum Outcome {
        case new, changed, unchanged
    }

    /// Brings the notebook to what the line says: only what differs is set, a text by an edit.
    func apply(to writer: StoreWriter) throws -> Outcome {
        let reader = try writer.reader
        let targets = try targets.map { (field: $0.field, target: try resolved($0.target, reader)) }
        guard let id, let known = try reader.record(id) else {
            var operations = targets.flatMap { Self.firstOperations($0.field, $0.target) }
            if let text, let field = kind.textField { operations.append(StoreWriter.firstEdit(field, text)) }
            guard !operations.isEmpty || id != nil else { throw Problem("it says nothing") }
            try writer.create(kind, id: id, operations)
            return .new
        }
        guard known.state.kind == kind else {
            throw Problem("\(id) is \(known.state.kind.wordWithArticle) here, not \(kind.wordWithArticle)")
        }
        var hasChanged = false
        try writer.change(id) { state in
            var operations = state.isDeleted ? [state.restoring()].compactMap { $0 } : []
            operations += targets.flatMap { Self.operations($0.field, $0.target, in: state) }
            if let text, let field = kind.textField {
                operations += [try writer.edit(field, of: state, to: text)].compactMap { $0 }
            }
            hasChanged = !operations.isEmpty
            return operations
        }
        return hasChanged ? .changed : .unchanged
    }

    private func resolved(_ target: Target, _ reader: StoreReader) throws -> Target {
        guard case .handle(let name) = target else { return target }
        do {
            return .value(.reference(try reader.findID(TypedText(name), RecordKind.personal, acceptsDeleted: true)))
        } catch let error as any CommandErrorConvertible {
            throw Problem(error.commandError.message)
        } catch let error as CommandError {
            throw Problem(error.message)
        }
    }

    private static func firstOperations(_ field: Field, _ target: Target) -> [Models.Operation] {
        switch target {
        case .value(.none), .handle: []
        case .value(let value): [.set(field, value, replaces: [])]
        case .elements(let elements): elements.map { .include(field, $0, replaces: []) }
        }
    }

    private static func operations(_ field: Field, _ target: Target, in state: RecordState) -> [Models.Operation] {
        switch target {
        case .value(let value): FieldInput.operations(for: .value(value), field, in: state)
        case .elements(let elements): FieldInput.operations(for: .elements(elements), field, in: state)
        case .handle: []
        }
    }
}
