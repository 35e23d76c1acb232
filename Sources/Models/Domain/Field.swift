/// A field of a record. Numbers are part of the format and never reused; a number we do not
/// know belongs to a later program and is carried along.
public struct Field: RawRepresentable, Hashable, Comparable, Sendable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    // Of several kinds.
    public static let title = Field(rawValue: 1)
    public static let tags = Field(rawValue: 2)
    public static let link = Field(rawValue: 3)
    public static let language = Field(rawValue: 4)
    public static let speaker = Field(rawValue: 5)
    public static let speakers = Field(rawValue: 6)
    public static let captured = Field(rawValue: 7)
    public static let zoneOffset = Field(rawValue: 8)
    public static let zone = Field(rawValue: 9)
    public static let starts = Field(rawValue: 10)
    public static let ends = Field(rawValue: 11)
    public static let event = Field(rawValue: 12)
    public static let session = Field(rawValue: 13)
    public static let text = Field(rawValue: 14)
    public static let body = Field(rawValue: 15)
    public static let mediaOffset = Field(rawValue: 16)

    // Of an event.
    public static let organiser = Field(rawValue: 20)
    public static let sponsors = Field(rawValue: 21)
    public static let cause = Field(rawValue: 22)
    public static let causeLink = Field(rawValue: 23)

    // Of a session.
    public static let titleTranslated = Field(rawValue: 30)
    public static let titleTranslatedLanguage = Field(rawValue: 31)
    public static let duration = Field(rawValue: 32)
    public static let attendance = Field(rawValue: 33)
    public static let joinOffset = Field(rawValue: 34)
    public static let recording = Field(rawValue: 35)

    // Of a note.
    public static let noteKind = Field(rawValue: 40)
    public static let position = Field(rawValue: 41)
    public static let role = Field(rawValue: 42)
    public static let claimStatus = Field(rawValue: 43)
    public static let source = Field(rawValue: 44)
    public static let asOf = Field(rawValue: 45)
    public static let answer = Field(rawValue: 46)

    // Of a highlight.
    public static let from = Field(rawValue: 50)
    public static let to = Field(rawValue: 51)
    public static let label = Field(rawValue: 52)
    public static let color = Field(rawValue: 53)

    // Of a comment.
    public static let target = Field(rawValue: 60)
    public static let replyTo = Field(rawValue: 61)

    // Of an attachment.
    public static let hash = Field(rawValue: 70)
    public static let mediaType = Field(rawValue: 71)
    public static let size = Field(rawValue: 72)
    public static let fileName = Field(rawValue: 73)
    public static let caption = Field(rawValue: 74)
    public static let place = Field(rawValue: 75)
    public static let taken = Field(rawValue: 76)

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// What kind of value a field holds, which decides how it merges.
public enum FieldShape: Hashable, Sendable {
    /// A register of text.
    case text
    /// A register of a whole number; milliseconds, unless the field says otherwise.
    case integer
    /// A register that names another record.
    case reference
    /// A set of texts.
    case elements
    /// Text that merges.
    case merging
}

extension Field {
    private struct Entry {
        var field: Field
        var name: String
        var shape: FieldShape
        var kinds: [RecordKind]
    }

    private static let table: [Entry] = [
        Entry(field: .title, name: "title", shape: .text, kinds: [.event, .session, .device]),
        Entry(field: .tags, name: "tags", shape: .elements, kinds: [.event, .session, .note, .highlight, .comment]),
        Entry(field: .link, name: "link", shape: .text, kinds: [.event, .session]),
        Entry(field: .language, name: "language", shape: .text, kinds: [.session, .note, .highlight, .comment]),
        Entry(field: .speaker, name: "speaker", shape: .text, kinds: [.note, .highlight]),
        Entry(field: .speakers, name: "speakers", shape: .elements, kinds: [.session]),
        Entry(field: .captured, name: "captured", shape: .integer, kinds: [.note, .highlight, .comment]),
        Entry(field: .zoneOffset, name: "zone_offset", shape: .integer, kinds: [.note, .highlight, .comment]),
        Entry(field: .zone, name: "zone", shape: .text, kinds: [.event, .session, .note, .highlight, .comment]),
        Entry(field: .starts, name: "starts", shape: .integer, kinds: [.event, .session]),
        Entry(field: .ends, name: "ends", shape: .integer, kinds: [.event, .session]),
        Entry(field: .event, name: "event", shape: .reference, kinds: [.session]),
        Entry(field: .session, name: "session", shape: .reference, kinds: [.note, .highlight, .attachment]),
        Entry(field: .text, name: "text", shape: .merging, kinds: [.highlight, .comment]),
        Entry(field: .body, name: "text", shape: .merging, kinds: [.note]),
        Entry(field: .mediaOffset, name: "media_offset", shape: .integer, kinds: [.note, .highlight]),
        Entry(field: .organiser, name: "organiser", shape: .text, kinds: [.event]),
        Entry(field: .sponsors, name: "sponsors", shape: .elements, kinds: [.event]),
        Entry(field: .cause, name: "cause", shape: .text, kinds: [.event]),
        Entry(field: .causeLink, name: "cause_link", shape: .text, kinds: [.event]),
        Entry(field: .titleTranslated, name: "title_translated", shape: .text, kinds: [.session]),
        Entry(field: .titleTranslatedLanguage, name: "title_language", shape: .text, kinds: [.session]),
        Entry(field: .duration, name: "duration", shape: .integer, kinds: [.session]),
        Entry(field: .attendance, name: "attendance", shape: .text, kinds: [.session]),
        Entry(field: .joinOffset, name: "join_offset", shape: .integer, kinds: [.session]),
        Entry(field: .recording, name: "recording", shape: .text, kinds: [.session]),
        Entry(field: .noteKind, name: "kind", shape: .text, kinds: [.note]),
        Entry(field: .position, name: "position", shape: .integer, kinds: [.note]),
        Entry(field: .role, name: "role", shape: .text, kinds: [.note]),
        Entry(field: .claimStatus, name: "status", shape: .text, kinds: [.note]),
        Entry(field: .source, name: "source", shape: .text, kinds: [.note]),
        Entry(field: .asOf, name: "as_of", shape: .text, kinds: [.note]),
        Entry(field: .answer, name: "answer", shape: .text, kinds: [.note]),
        Entry(field: .from, name: "from", shape: .integer, kinds: [.highlight]),
        Entry(field: .to, name: "to", shape: .integer, kinds: [.highlight]),
        Entry(field: .label, name: "label", shape: .text, kinds: [.highlight]),
        Entry(field: .color, name: "color", shape: .text, kinds: [.highlight]),
        Entry(field: .target, name: "target", shape: .reference, kinds: [.comment]),
        Entry(field: .replyTo, name: "reply_to", shape: .reference, kinds: [.comment]),
        Entry(field: .hash, name: "hash", shape: .text, kinds: [.attachment]),
        Entry(field: .mediaType, name: "media_type", shape: .text, kinds: [.attachment]),
        Entry(field: .size, name: "size", shape: .integer, kinds: [.attachment]),
        Entry(field: .fileName, name: "file_name", shape: .text, kinds: [.attachment]),
        Entry(field: .caption, name: "caption", shape: .text, kinds: [.attachment]),
        Entry(field: .place, name: "place", shape: .text, kinds: [.attachment]),
        Entry(field: .taken, name: "taken", shape: .integer, kinds: [.attachment]),
    ]

    private static let byNumber: [Field: Entry] = Dictionary(uniqueKeysWithValues: table.map { ($0.field, $0) })

    /// The word that JSON and `set` use; nil for a field of a later program.
    public var name: String? { Self.byNumber[self]?.name }

    public var shape: FieldShape? { Self.byNumber[self]?.shape }

    /// The fields of `kind`, in the order of their numbers.
    public static func fields(of kind: RecordKind) -> [Field] {
        table.filter { $0.kinds.contains(kind) }.map(\.field).sorted()
    }

    /// The field that `kind` calls `name`.
    public init?(name: some StringProtocol, of kind: RecordKind) {
        guard let entry = Self.table.first(where: { $0.name == name && $0.kinds.contains(kind) }) else { return nil }
        self = entry.field
    }
}
