import Models

/// Where the text of a note comes from, decided from the command line alone.
enum TextSource: Equatable, Sendable {
    case argument(String)
    case standardInput
    /// Opens this command, as the shell would run it.
    case editor(command: String)

    /// `argument` is the text, `-` means standard input, nothing means the editor if a person sits there.
    ///
    /// - throws: ``CommandError`` with status 64 if there is no text and nobody to type one.
    init(argument: String?, isInteractive: Bool, environment: [String: String]) throws(CommandError) {
        switch argument {
        case "-":
            self = .standardInput
        case let text?:
            self = .argument(text)
        case nil:
            let editors = ["VISUAL", "EDITOR"].compactMap { environment[$0] }.filter { !$0.isEmpty }
            guard isInteractive else {
                throw CommandError(
                    .usage,
                    "no text given",
                    hints: "write the text as an argument, or `-` to read it from standard input"
                )
            }
            guard let command = editors.first else {
                throw CommandError(
                    .usage,
                    "no text given and no editor set",
                    hints: "write the text as an argument, or `-` to type it here until Ctrl-D",
                    "or set an editor: export EDITOR=nano"
                )
            }
            self = .editor(command: command)
        }
    }
}

/// Text from outside, held against the rules for everything that is kept: valid UTF-8, no U+0000, a bounded size.
/// What passes is kept byte for byte: nothing is trimmed, normalised or replaced.
enum TextInput {
    /// The text in `bytes`.
    static func text(_ bytes: [UInt8], maximumBytes: Int = Limits.maximumTextBytes) throws(TextInputError) -> String {
        guard bytes.count <= maximumBytes else {
            throw TextInputError.tooLarge(maximumBytes: maximumBytes)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TextInputError.invalidUTF8(offset: firstInvalidByte(in: bytes))
        }
        if let offset = bytes.firstIndex(of: 0) {
            throw TextInputError.nullCharacter(offset: offset)
        }
        return text
    }

    /// Where the first sequence begins that is not UTF-8. The count of the bytes if there is none.
    static func firstInvalidByte(in bytes: [UInt8]) -> Int {
        var decoder = UTF8()
        var source = bytes.makeIterator()
        var offset = 0
        while case .scalarValue(let scalar) = decoder.decode(&source) {
            offset += UTF8.width(scalar)
        }
        return offset
    }

    /// Reads a descriptor to its end, but never more than `maximumBytes` into memory.
    static func read(descriptor: Int32, maximumBytes: Int = Limits.maximumTextBytes) throws -> String {
        try text(try FileInput.readAll(descriptor: descriptor, maximumBytes: maximumBytes), maximumBytes: maximumBytes)
    }
}

/// Why a text cannot be kept.
enum TextInputError: Error, Equatable, CommandErrorConvertible {
    /// The byte at which the first invalid sequence begins, counted from 0.
    case invalidUTF8(offset: Int)
    case nullCharacter(offset: Int)
    case tooLarge(maximumBytes: Int)

    var commandError: CommandError {
        switch self {
        case .invalidUTF8(let offset):
            CommandError(
                .badData,
                "the text is not valid UTF-8, first at byte \(offset)",
                hints: "nothing was saved, so that no character is lost",
                "convert it first, for example: iconv -f GB18030 -t UTF-8"
            )
        case .nullCharacter(let offset):
            CommandError(
                .badData,
                "the text has a U+0000 at byte \(offset), which cannot be kept",
                hints: "nothing was saved; remove it, for example: tr -d '\\000'"
            )
        case .tooLarge(let maximumBytes):
            CommandError(
                .badData,
                "the text is longer than \(maximumBytes) bytes",
                hints: "nothing was saved; split it into several notes"
            )
        }
    }
}
