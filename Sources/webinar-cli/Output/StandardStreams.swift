import Glibc

/// The reader of our standard output went away (`webinar log | head`). Nothing is said about it.
struct ClosedOutput: Error, Equatable {}

/// Standard output, written in large pieces, with every failure reported.
///
/// A command that prints must end with ``flush()``: until then the last lines wait in memory. A disk that fills up
/// while `webinar export > file` runs is an error with exit code 74, never a short file and a 0.
struct StandardOutput: ~Copyable {
    private var pending: [UInt8] = []
    private let descriptor: Int32

    /// Written at once when this many bytes wait.
    static let pieceBytes = 64 * 1024

    init(descriptor: Int32 = STDOUT_FILENO) {
        self.descriptor = descriptor
    }

    /// Prints lines that are already fit for a terminal.
    mutating func write(_ lines: [String]) throws {
        for line in lines {
            try write(line)
        }
    }

    mutating func write(_ line: String) throws {
        pending += line.utf8
        try endLine()
    }

    /// Prints a value as one line of JSON.
    mutating func write(_ value: JSONValue) throws {
        value.append(to: &pending)
        try endLine()
    }

    /// Hands everything that waits to the system.
    mutating func flush() throws {
        defer { pending.removeAll(keepingCapacity: true) }
        try FileOutput.writeAll(pending, to: descriptor)
    }

    private mutating func endLine() throws {
        pending.append(UInt8(ascii: "\n"))
        if pending.count >= Self.pieceBytes {
            try flush()
        }
    }
}

/// Standard error: errors, hints and progress.
enum StandardError {
    /// Prints lines on standard error. A failure there has nowhere to be told, so it is ignored.
    static func write(_ lines: [String]) {
        let text = lines.map { $0 + "\n" }.joined()
        try? FileOutput.writeAll(Array(text.utf8), to: STDERR_FILENO)
    }
}

/// Writing to a descriptor until all is written.
enum FileOutput {
    /// Writes all of `bytes`, over as many calls as the system takes.
    static func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count >= 0 {
                written += count
                continue
            }
            switch errno {
            case EINTR:
                continue
            case EAGAIN:
                // Someone set the shared descriptor to non-blocking: wait until it takes more.
                var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&request, 1, -1)
            case EPIPE:
                throw ClosedOutput()
            case let code:
                throw CommandError(
                    .inputOutput,
                    "cannot write the output: \(SystemError.text(code))",
                    hints: "your notes are not affected; only what was printed is incomplete"
                )
            }
        }
    }
}

/// Text for an `errno`.
enum SystemError {
    static func text(_ code: Int32) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
