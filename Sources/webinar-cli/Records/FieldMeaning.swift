import Models

/// What a field's value means to a person, beyond its shape.
enum FieldMeaning: Equatable, Sendable {
    /// Text as it is.
    case text
    /// One of these words.
    case word([String])
    /// A language tag (BCP 47).
    case language
    /// A moment, in milliseconds since 1970 UTC.
    case moment
    /// A place in a session or recording, in milliseconds from its start.
    case offset
    /// A duration in milliseconds.
    case duration
    /// Minutes east of UTC.
    case zoneOffset
    case number
    case reference
    case elements
    case merging

    init(_ field: Field) {
        self =
            switch field {
            case .noteKind: .word(NoteKind.allCases.map(\.rawValue))
            case .attendance: .word(Attendance.allCases.map(\.rawValue))
            case .claimStatus: .word(ClaimStatus.allCases.map(\.rawValue))
            case .language, .titleTranslatedLanguage: .language
            case .captured, .starts, .ends, .taken: .moment
            case .position, .from, .to, .mediaOffset: .offset
            case .duration, .joinOffset: .duration
            case .zoneOffset: .zoneOffset
            default: Self(field.shape)
            }
    }

    private init(_ shape: FieldShape?) {
        self =
            switch shape {
            case .integer: .number
            case .reference: .reference
            case .elements: .elements
            case .merging: .merging
            case .text, nil: .text
            }
    }
}
