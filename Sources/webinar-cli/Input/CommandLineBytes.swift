/// The command line as the system handed it over.
///
/// Swift's `CommandLine.arguments` silently replaces what is not UTF-8. A note must never lose a character that way,
/// so the bytes are looked at before anything else happens.
enum CommandLineBytes {
    /// - throws: ``CommandError`` with status 65 that names the argument and the byte.
    static func validate(_ arguments: [[UInt8]]) throws(CommandError) {
        for (index, bytes) in arguments.enumerated() where String(validating: bytes, as: UTF8.self) == nil {
            let offset = TextInput.firstInvalidByte(in: bytes)
            throw CommandError(
                .badData,
                "argument \(index) is not valid UTF-8, first at byte \(offset)",
                hints: "nothing was saved, so that no character is lost",
                "set the terminal to UTF-8, or convert the text: iconv -f GB18030 -t UTF-8 | webinar … -"
            )
        }
    }

    /// The bytes of every argument of this process, the program's name first.
    static func current() -> [[UInt8]] {
        (0..<Int(CommandLine.argc)).map { index in
            guard let argument = CommandLine.unsafeArgv[index] else {
                return []
            }
            var bytes: [UInt8] = []
            var cursor = argument
            while cursor.pointee != 0 {
                bytes.append(UInt8(bitPattern: cursor.pointee))
                cursor += 1
            }
            return bytes
        }
    }
}
