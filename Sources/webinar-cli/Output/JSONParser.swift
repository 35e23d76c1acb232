import Models

/// Reads one JSON document (RFC 8259) from bytes that nobody vouches for.
///
/// Strict: valid UTF-8, whole surrogate pairs, no U+0000, no key twice, at most `Limits.maximumJSONDepth` levels;
/// integers stay exact or are refused, never rounded. Work and memory are linear in the input.
struct JSONParser {
    /// The value in `bytes`, with nothing but white space around it.
    static func parse(_ bytes: some Sequence<UInt8>) throws(JSONSyntaxError) -> JSONValue {
        var parser = JSONParser(bytes: Array(bytes))
        let value = try parser.value(depth: 0)
        parser.skipWhiteSpace()
        guard parser.position == parser.bytes.count else {
            throw parser.error(.trailingBytes)
        }
        return value
    }

    private let bytes: [UInt8]
    private var position = 0

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth <= Limits.maximumJSONDepth else {
            throw error(.tooDeep)
        }
        skipWhiteSpace()
        switch try peek() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case let other: throw error(.unexpected(byte: other))
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        var members: [JSONValue.Member] = []
        var keys: Set<String> = []
        position += 1
        skipWhiteSpace()
        if try take(UInt8(ascii: "}")) {
            return .object(members)
        }
        repeat {
            skipWhiteSpace()
            let start = position
            let key = try string()
            guard keys.insert(key).inserted else {
                throw JSONSyntaxError(problem: .duplicateKey(key), offset: start)
            }
            skipWhiteSpace()
            try expect(UInt8(ascii: ":"))
            members.append(JSONValue.Member(key: key, value: try value(depth: depth + 1)))
            skipWhiteSpace()
        } while try take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        var elements: [JSONValue] = []
        position += 1
        skipWhiteSpace()
        if try take(UInt8(ascii: "]")) {
            return .array(elements)
        }
        repeat {
            elements.append(try value(depth: depth + 1))
            skipWhiteSpace()
        } while try take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
        return .array(elements)
    }

    private mutating func literal(_ word: String, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        for byte in word.utf8 {
            try expect(byte)
        }
        return value
    }
}

// MARK: - Numbers

extension JSONParser {
    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        var isInteger = true
        _ = try take(UInt8(ascii: "-"))
        let leadingZero = try peek() == UInt8(ascii: "0")
        let integerDigitCount = try digits()
        if leadingZero && integerDigitCount > 1 {
            throw JSONSyntaxError(problem: .invalidNumber, offset: start)
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            _ = try digits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            _ = try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger {
            if let exact = Int64(text) {
                return .integer(exact)
            }
            if let exact = UInt64(text) {
                return .largeInteger(exact)
            }
        } else if let value = Double(text), value.isFinite {
            return .double(value)
        }
        throw JSONSyntaxError(problem: .numberOutOfRange, offset: start)
    }

    /// Skips one or more digits and returns how many.
    private mutating func digits() throws(JSONSyntaxError) -> Int {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
        guard position > start else {
            throw error(.invalidNumber)
        }
        return position - start
    }
}

// MARK: - Strings

extension JSONParser {
    private mutating func string() throws(JSONSyntaxError) -> String {
        let start = position
        try expect(UInt8(ascii: "\""))
        var content: [UInt8] = []
        while true {
            let run = position
            while position < bytes.count, bytes[position] >= 0x20, bytes[position] != UInt8(ascii: "\""),
                bytes[position] != UInt8(ascii: "\\")
            {
                position += 1
            }
            content += bytes[run..<position]
            switch try peek() {
            case UInt8(ascii: "\""):
                position += 1
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw JSONSyntaxError(problem: .invalidUTF8, offset: start)
                }
                return text
            case UInt8(ascii: "\\"):
                content += UTF8.encode(try escape()) ?? UTF8.encodedReplacementCharacter
            default:
                throw error(.controlCharacter)
            }
        }
    }

    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        position += 1
        let kind = try peek()
        position += 1
        switch kind {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw JSONSyntaxError(problem: .invalidEscape, offset: position - 2)
        }
    }

    /// Reads the digits after `\u`, and the second half where a surrogate pair begins.
    private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = position - 2
        let first = try fourDigits()
        if first == 0 {
            throw JSONSyntaxError(problem: .nullCharacter, offset: start)
        }
        if let scalar = Unicode.Scalar(first) {
            return scalar
        }
        guard (0xD800...0xDBFF).contains(first), bytes[position...].starts(with: #"\u"#.utf8) else {
            throw JSONSyntaxError(problem: .loneSurrogate, offset: start)
        }
        position += 2
        let second = try fourDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else {
            throw JSONSyntaxError(problem: .loneSurrogate, offset: start)
        }
        return scalar
    }

    private mutating func fourDigits() throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(try peek())).hexDigitValue else {
                throw error(.invalidEscape)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}

// MARK: - Bytes

extension JSONParser {
    private func error(_ problem: JSONSyntaxError.Problem) -> JSONSyntaxError {
        JSONSyntaxError(problem: problem, offset: position)
    }

    private func peek() throws(JSONSyntaxError) -> UInt8 {
        guard position < bytes.count else {
            throw error(.unexpectedEnd)
        }
        return bytes[position]
    }

    private mutating func take(_ byte: UInt8) throws(JSONSyntaxError) -> Bool {
        guard try peek() == byte else {
            return false
        }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONSyntaxError) {
        let found = try peek()
        guard found == byte else {
            throw error(.unexpected(byte: found))
        }
        position += 1
    }

    private mutating func skipWhiteSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }
}
