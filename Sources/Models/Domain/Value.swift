/// What a register holds.
public enum Value: Sendable {
    /// Nothing: the field was cleared.
    case none
    case text(String)
    case integer(Int64)
    case reference(RecordID)
}

extension Value: Hashable {
    /// Texts are equal only byte for byte (see ``ExactString``).
    public static func == (lhs: Value, rhs: Value) -> Bool {
        switch (lhs, rhs) {
        case (.none, .none): true
        case (.text(let a), .text(let b)): ExactString(a) == ExactString(b)
        case (.integer(let a), .integer(let b)): a == b
        case (.reference(let a), .reference(let b)): a == b
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .none: hasher.combine(0)
        case .text(let text): hasher.combine(ExactString(text))
        case .integer(let integer): hasher.combine(integer)
        case .reference(let record): hasher.combine(record)
        }
    }
}
