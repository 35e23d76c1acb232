// What the link beside this file needs of its room, whose other files need NIO, and what of it is read by the fuzzer.
import FoundationEssentials

enum SyncServerError: Error {
    case inputOutput(String)
    case neverStarted
    case diskFull
    case noSuchDevice(String)
    case ambiguousDevice(String, ids: [UInt64])
    case invalidDeviceName
    case tooManyLinks(maximum: Int)

    init(_ error: any Error, listen: String) { self = error as? SyncServerError ?? .inputOutput("\(error)") }
}

/// The two sides of the control socket.
public enum ControlReaders {
    /// A line from a command, and one from the server. What was read is written and read again, and must be the same.
    public static func line(_ bytes: [UInt8]) {
        read(AdminRequest.self, bytes)
        if let reply = read(ControlReply.self, bytes), case .failed(let failure) = reply { _ = failure.error }
    }

    @discardableResult
    private static func read<Line: Codable & Equatable>(_ type: Line.Type, _ bytes: [UInt8]) -> Line? {
        guard let line = try? JSONDecoder().decode(type, from: Data(bytes)) else { return nil }
        guard let written = try? JSONEncoder().encode(line) else { preconditionFailure("a line is not written") }
        precondition(!written.contains(UInt8(ascii: "\n")), "a line is written as two")
        precondition((try? JSONDecoder().decode(type, from: written)) == line, "a line is read back as another")
        return line
    }
}
