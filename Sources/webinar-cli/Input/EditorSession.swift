import Glibc

/// A text typed in the person's editor.
///
/// The text passes through a file of mode 0600 in the private run-time folder. It is removed once its text is read;
/// if anything goes wrong after typing, it stays and the error names it, so that nothing typed is lost.
struct EditorSession {
    /// What `$VISUAL` or `$EDITOR` holds; it may have arguments (`code --wait`), so the shell reads it.
    let command: String
    let environment: [String: String]

    /// Opens the editor on `initial` and returns what was saved; nil if that is empty or unchanged.
    ///
    /// One line end that the editor put at the end of the file is taken off again, unless `initial` ended in one.
    func edit(_ initial: String = "") throws -> String? {
        let path = try makeFile(holding: initial)
        guard try run(on: path) else {
            throw failure("the editor ended with an error", keeping: path)
        }
        let text: String
        do {
            text = try read(path)
        } catch let error as any CommandErrorConvertible {
            throw failure(error.commandError.message, keeping: path)
        }
        unlink(path)
        let kept = initial.utf8.last != UInt8(ascii: "\n") && text.hasSuffix("\n") ? String(text.dropLast()) : text
        return kept.isEmpty || kept == initial ? nil : kept
    }

    private func failure(_ message: String, keeping path: String) -> CommandError {
        CommandError(.badData, message, hints: "nothing was saved here; what you typed is in \(path)")
    }

    private func makeFile(holding text: String) throws -> String {
        let folder = ["XDG_RUNTIME_DIR", "TMPDIR"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? "/tmp"
        let path = "\(folder)/webinar-\(String(UInt64.random(in: 0 ... .max), radix: 36)).md"
        // O_EXCL makes the file anew, so nobody else can have it open.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        let code = errno
        guard descriptor >= 0 else {
            throw CommandError(
                .cannotCreate,
                "cannot make a file for the editor in \(folder): \(SystemError.text(code))",
                hints: "write the text as an argument, or `-` to read it from standard input"
            )
        }
        defer { close(descriptor) }
        try FileOutput.writeAll(Array(text.utf8), to: descriptor)
        return path
    }

    /// Runs the editor on the terminal we stand on, and tells whether it ended well.
    private func run(on path: String) throws -> Bool {
        let words = Self.duplicate(["sh", "-c", "\(command) \"$@\"", "sh", path])
        let settings = Self.duplicate(environment.map { "\($0.key)=\($0.value)" })
        defer { (words + settings).forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, "/bin/sh", nil, nil, words, settings)
        guard code == 0 else {
            throw CommandError(.unavailable, "cannot run the editor: \(SystemError.text(code))")
        }
        // Ctrl-C belongs to the editor while it runs.
        let interrupt = signal(SIGINT, SIG_IGN)
        let quit = signal(SIGQUIT, SIG_IGN)
        defer {
            signal(SIGINT, interrupt)
            signal(SIGQUIT, quit)
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status == 0
    }

    /// C strings in a list that ends with nil. The caller frees them.
    private static func duplicate(_ strings: [String]) -> [UnsafeMutablePointer<CChar>?] {
        strings.map { strdup($0) } + [nil]
    }

    private func read(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandError(.inputOutput, "cannot read \(path): \(SystemError.text(errno))")
        }
        defer { close(descriptor) }
        return try TextInput.read(descriptor: descriptor)
    }
}
