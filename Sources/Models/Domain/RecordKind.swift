/// What a record is. Numbers are part of the format; a number we do not know is a kind of a
/// later program.
public struct RecordKind: RawRepresentable, Hashable, Comparable, Sendable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A day or series with a programme.
    public static let event = RecordKind(rawValue: 1)
    /// One talk.
    public static let session = RecordKind(rawValue: 2)
    /// A note, quote, claim or question (see ``Field/noteKind``).
    public static let note = RecordKind(rawValue: 3)
    /// A span of a session worth keeping.
    public static let highlight = RecordKind(rawValue: 4)
    /// A reply on any record.
    public static let comment = RecordKind(rawValue: 5)
    /// A file: bytes travel apart from text.
    public static let attachment = RecordKind(rawValue: 6)
    /// A replica's name, so that a conflict can say which device wrote what. Not exported.
    public static let device = RecordKind(rawValue: 7)

    private static let names: [(RecordKind, String)] = [
        (.event, "event"), (.session, "session"), (.note, "note"), (.highlight, "highlight"),
        (.comment, "comment"), (.attachment, "attachment"), (.device, "device"),
    ]

    /// The word that people and JSON use; nil for a kind of a later program.
    public var name: String? { Self.names.first { $0.0 == self }?.1 }

    public init?(name: some StringProtocol) {
        guard let kind = Self.names.first(where: { $0.1 == name })?.0 else { return nil }
        self = kind
    }

    /// What a person made: exported, listed, searched.
    public static let personal: [RecordKind] = [.event, .session, .note, .highlight, .comment]

    /// The merging text of this kind, if it has one.
    public var textField: Field? {
        switch self {
        case .note: .body
        case .highlight, .comment: .text
        default: nil
        }
    }

    /// The field that names what this record belongs to: its session, or what it comments on.
    public var parentField: Field? {
        switch self {
        case .session: .event
        case .note, .highlight, .attachment: .session
        case .comment: .target
        default: nil
        }
    }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}
