import Models
import Store

/// The value of a field as a person types it, for `set`.
struct FieldInput {
    /// What the field is to hold.
    enum Target: Equatable {
        case value(Value)
        case elements([ExactString])
    }

    let field: Field
    let reader: StoreReader
    let device: Device
    private let place: SessionPlace

    /// - Parameter record: the record the field belongs to, whose session and zone times are read in.
    init(field: Field, of record: RecordView, on device: Device, in reader: StoreReader) throws {
        self.field = field
        self.reader = reader
        self.device = device
        let session =
            record.state.kind == .session
            ? record : try record.state.reference(.session).flatMap { try reader.record($0) }
        let zone = (record.state.text(.zone) ?? session?.state.text(.zone)).flatMap {
            ZoneClock.isKnown($0) ? ZoneClock(name: $0) : nil
        }
        place = SessionPlace(id: session?.id, starts: session?.state.integer(.starts), zone: zone ?? device.zone)
    }

    /// The field that `kind` calls `name`; 64 with the names there are for any other.
    static func field(_ name: String, of kind: RecordKind) throws(CommandError) -> Field {
        let names = Field.fields(of: kind).filter { $0.shape != .merging }.compactMap(\.name)
        guard let field = Field(name: name, of: kind) else {
            throw CommandError(
                .usage,
                "\(kind.wordWithArticle) has no field `\(name)`",
                hints: "nothing was changed; its fields are \(names.joined(separator: ", "))"
            )
        }
        guard field.shape != .merging else {
            throw CommandError(
                .usage,
                "the text of \(kind.wordWithArticle) is edited, not set",
                hints: "nothing was changed; write: webinar \(kind.word) edit ID TEXT"
            )
        }
        return field
    }

    func target(_ typed: [TypedText]) throws -> Target {
        if FieldMeaning(field) == .elements {
            return .elements(try Elements.checked(typed == [TypedText("")] ? [] : typed))
        }
        guard typed.count == 1, let text = typed.first?.text else {
            throw CommandError(
                .usage,
                "`\(field.name ?? "")` takes one value, \(typed.count) were given",
                hints: "nothing was changed; put a value with blanks into quotes"
            )
        }
        return .value(text.isEmpty ? .none : try value(text))
    }

    /// The operations that make `field` hold `target`: none where it does already.
    static func operations(for target: Target, _ field: Field, in state: RecordState) -> [Models.Operation] {
        switch target {
        case .value(let value):
            return [state.setting(field, to: value)].compactMap { $0 }
        case .elements(let wanted):
            let present = state.elements(field)
            return present.filter { !wanted.contains($0) }.compactMap { state.excluding($0, from: field) }
                + wanted.compactMap { state.including($0, in: field) }
        }
    }

    private func value(_ text: String) throws -> Value {
        switch FieldMeaning(field) {
        case .text where field == .zone:
            return .text(try Self.zone(text))
        case .text, .elements, .merging:
            return .text(try TextInput.text(Array(text.utf8), maximumBytes: Limits.maximumRegisterBytes))
        case .word(let words):
            return .text(try Self.word(text, of: words))
        case .language:
            return .text(try Self.language(text))
        case .moment:
            return .integer(try DateInput.milliseconds(text, now: device.now, offset: place.zone.offsetSeconds))
        case .offset:
            return .integer(try place.offset(try TimeInput(text), typedAs: text, now: device.now))
        case .duration:
            return .integer(try DurationInput.milliseconds(text))
        case .zoneOffset:
            guard let minutes = DateInput.zoneOffset(text) else {
                throw CommandError(.usage, "`\(text)` is not an offset from UTC", hints: "write it as +08:00")
            }
            return .integer(Int64(minutes))
        case .number:
            guard let number = Int64(text) else {
                throw CommandError(.usage, "`\(text)` is not a whole number", hints: "nothing was changed")
            }
            return .integer(number)
        case .reference:
            return .reference(try reference(TypedText(text)))
        }
    }

    private func reference(_ name: TypedText) throws -> RecordID {
        switch field {
        case .event: try reader.findProgramme(name, .event).id
        case .session: try reader.findProgramme(name, .session).id
        case .replyTo: try reader.findID(name, [.comment])
        default: try reader.findID(name, RecordKind.personal)
        }
    }

    static func word(_ text: String, of words: [String]) throws(CommandError) -> String {
        guard words.contains(text) else {
            throw CommandError(
                .usage,
                "`\(text)` is none of \(words.joined(separator: ", "))",
                hints: "nothing was changed"
            )
        }
        return text
    }

    static func zone(_ text: String) throws(CommandError) -> String {
        guard ZoneClock.isKnown(text) else {
            throw CommandError(
                .usage,
                "this machine knows no time zone `\(text)`",
                hints: "nothing was changed; write a name such as Asia/Manila (package tzdata has them)"
            )
        }
        return text
    }

    /// The shape of BCP 47: letters and digits in parts of one to eight.
    static func language(_ text: String) throws(CommandError) -> String {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let isTag =
            (parts.first?.count ?? 0) >= 2
            && parts.allSatisfy { part in
                (1...8).contains(part.count) && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
            }
        guard isTag else {
            throw CommandError(
                .usage,
                "`\(text)` is not a language tag",
                hints: "nothing was changed; write a tag of BCP 47: en, fil, zh-Hans"
            )
        }
        return text
    }
}
