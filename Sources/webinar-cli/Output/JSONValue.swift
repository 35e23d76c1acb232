/// A JSON document as a value. Objects keep the order of their members, integers stay exact.
enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Only for numbers above `Int64.max`; make it with ``unsigned(_:)``, so that equal numbers are equal values.
    case largeInteger(UInt64)
    /// Finite. Anything else is written as `null`, since JSON has no form for it.
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    struct Member: Hashable, Sendable {
        var key: String
        var value: JSONValue
    }

    static func unsigned(_ value: UInt64) -> JSONValue {
        Int64(exactly: value).map { .integer($0) } ?? .largeInteger(value)
    }

    /// The member of that name, nil if this is not an object or has none.
    subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else {
            return nil
        }
        return members.first { $0.key == key }?.value
    }

    var string: String? {
        guard case .string(let value) = self else {
            return nil
        }
        return value
    }

    var integer: Int64? {
        guard case .integer(let value) = self else {
            return nil
        }
        return value
    }

    var bool: Bool? {
        guard case .bool(let value) = self else {
            return nil
        }
        return value
    }

    var array: [JSONValue]? {
        guard case .array(let value) = self else {
            return nil
        }
        return value
    }

    var isNull: Bool { self == .null }
}

// Literals, so that the commands read like the JSON they print. A dictionary literal keeps its order.

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member(key: $0.0, value: $0.1) })
    }

    init(arrayLiteral elements: JSONValue...) {
        self = .array(elements)
    }

    init(stringLiteral value: String) {
        self = .string(value)
    }

    init(integerLiteral value: Int64) {
        self = .integer(value)
    }

    init(booleanLiteral value: Bool) {
        self = .bool(value)
    }

    init(nilLiteral: ()) {
        self = .null
    }
}

extension JSONValue {
    /// The string, or `null` for nil.
    init(_ value: String?) {
        self = value.map { .string($0) } ?? .null
    }

    /// The integer, or `null` for nil.
    init(_ value: (some FixedWidthInteger & SignedInteger)?) {
        self = value.map { .integer(Int64($0)) } ?? .null
    }
}
