import Models

/// Why a document is not JSON that we take, and at which byte.
struct JSONSyntaxError: Error, Equatable, CustomStringConvertible {
    enum Problem: Equatable, Sendable {
        case unexpectedEnd
        case unexpected(byte: UInt8)
        case trailingBytes
        case tooDeep
        case invalidUTF8
        case invalidEscape
        case loneSurrogate
        case nullCharacter
        case controlCharacter
        case invalidNumber
        case numberOutOfRange
        case duplicateKey(String)
    }

    var problem: Problem
    /// Counted in bytes from the start of the document, from 0.
    var offset: Int

    var description: String {
        let what =
            switch problem {
            case .unexpectedEnd: "the JSON ends too early"
            case .unexpected(let byte) where (0x21...0x7E).contains(byte):
                "unexpected `\(Character(Unicode.Scalar(byte)))`"
            case .unexpected: "unexpected byte"
            case .trailingBytes: "something follows after the JSON value"
            case .tooDeep: "nested deeper than \(Limits.maximumJSONDepth) levels"
            case .invalidUTF8: "not valid UTF-8"
            case .invalidEscape: "unknown escape in a string"
            case .loneSurrogate: "half of a surrogate pair in a string"
            case .nullCharacter: "U+0000 in a string"
            case .controlCharacter: "control character in a string that is not escaped"
            case .invalidNumber: "not a JSON number"
            case .numberOutOfRange: "a number that does not fit into 64 bits"
            case .duplicateKey(let key): "the key `\(key)` twice in one object"
            }
        return "\(what), at byte \(offset)"
    }
}
