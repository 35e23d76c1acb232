import Models
import Store

/// A record as JSON: one form for `export`, `import` and every `--json`.
///
/// The keys come in the order of the field numbers and only from the record's state, so that replicas that hold the
/// same state print the same bytes.
enum RecordJSON {
    static let schema = "webinar/1"

    /// A line of `export --jsonl`: nothing that is local to a device.
    static func exported(_ record: RecordView) -> JSONValue {
        var members = [member("id", .string("\(record.id)")), member("type", .string(typeName(record)))]
        members += content(of: record)
        return .object(members)
    }

    /// What `show`, `list` and `add` print: the same, with the schema, the handle and what is local.
    static func shown(_ record: RecordView, handle: String) -> JSONValue {
        var members = [
            member("schema", .string(schema)), member("type", .string(typeName(record))),
            member("id", .string("\(record.id)")), member("handle", .string(handle)),
        ]
        members += content(of: record)
        members.append(member("conflicts", .integer(Int64(record.conflictCount))))
        if let deleted = record.state.deleted {
            members.append(member("deleted", moment(Int64(clamping: deleted.milliseconds))))
        }
        return .object(members)
    }

    static func typeName(_ record: RecordView) -> String {
        record.state.kind.name ?? "kind-\(record.state.kind.rawValue)"
    }

    private static func content(of record: RecordView) -> [JSONValue.Member] {
        let state = record.state
        var members: [JSONValue.Member] = []
        if state.kind.textField != nil {
            members.append(member("text", .string(record.text ?? "")))
        }
        for field in Field.fields(of: state.kind) {
            guard let name = field.name, let value = value(of: field, in: state) else { continue }
            members.append(member(name, value))
        }
        members.append(member("created", moment(created(state))))
        members.append(member("edited", moment(Int64(clamping: state.edited.milliseconds))))
        return members
    }

    /// When the record was made: the id says it, and keeps saying it after an import, where the stamps are new.
    static func created(_ state: RecordState) -> Int64 {
        let isVersion7 = state.id.bits.high & 0xF000 == 0x7000
        return Int64(clamping: isVersion7 ? state.id.bits.high >> 16 : state.created.milliseconds)
    }

    /// Sets are always there, sorted by their bytes; a register only where it holds something.
    private static func value(of field: Field, in state: RecordState) -> JSONValue? {
        switch field.shape {
        case .merging, nil:
            nil
        case .elements:
            .array(state.elements(field).map { .string($0.string) })
        case .text, .integer, .reference:
            switch state.value(field) {
            case Value.none?, nil: nil
            case .text(let text): .string(text)
            case .integer(let integer): FieldMeaning(field) == .moment ? moment(integer) : .integer(integer)
            case .reference(let record): .string("\(record)")
            }
        }
    }

    /// ISO 8601 in UTC with milliseconds; a moment outside its years as the bare number.
    static func moment(_ milliseconds: Int64) -> JSONValue {
        TimeText.iso(milliseconds).map { .string($0) } ?? .integer(milliseconds)
    }

    static func member(_ key: String, _ value: JSONValue) -> JSONValue.Member {
        JSONValue.Member(key: key, value: value)
    }
}
