// What the links beside this file need of the command, and what of them is read by the fuzzer.
import Glibc

protocol CommandErrorConvertible: Error {
    var commandError: CommandError { get }
}

enum SystemError {
    static func text(_ code: Int32) -> String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }
}

/// Everything that a person or a script types, from bytes.
public enum CommandReaders {
    /// Dates, times of day, durations, offsets and places in a session; each reading either way.
    public static func times(_ bytes: [UInt8]) {
        guard let text = try? TextInput.text(bytes) else { return }
        _ = try? TimeInput(text)
        _ = try? DurationInput.milliseconds(text)
        _ = DateInput.zoneOffset(text)
        if let time = DateInput.iso(text) { _ = CivilTime(milliseconds: time) }
        for offset in [0, 8 * 3600, -3 * 3600 - 1800] {
            _ = try? DateInput.milliseconds(text, now: 1_385_100_756_000) { _ in offset }
        }
    }

    /// A line of an import. What was read is written and read again, and must be the same.
    public static func json(_ bytes: [UInt8]) {
        guard let value = try? JSONParser.parse(bytes) else { return }
        let written = value.bytes
        guard let again = try? JSONParser.parse(written) else { preconditionFailure("what was written is not read") }
        precondition(again == value, "what was written is read as something else")
    }

    /// A text that is refused names a byte of its own.
    public static func text(_ bytes: [UInt8]) {
        do {
            let text = try TextInput.text(bytes)
            precondition(Array(text.utf8) == bytes, "a text was changed")
        } catch TextInputError.invalidUTF8(let offset) {
            precondition(offset < bytes.count, "the byte named is not there")
        } catch {
        }
    }
}
