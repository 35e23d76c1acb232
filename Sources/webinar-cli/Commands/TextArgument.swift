import Glibc

/// A text given as an argument, on standard input (`-`) or typed in an editor.
struct TextArgument {
    let argument: TypedText?
    let environment: [String: String]

    init(_ argument: TypedText?, on device: Device) {
        self.argument = argument
        environment = device.environment
    }

    /// The text that was given, byte for byte. In the editor, `initial` is what it opens on.
    ///
    /// - Throws: ``CommandError``: 64 without a text, 65 where it cannot be kept.
    func read(initial: String = "") throws -> String {
        let source = try TextSource(
            argument: argument?.text,
            isInteractive: isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1,
            environment: environment
        )
        switch source {
        case .argument(let text):
            return try TextInput.text(Array(text.utf8))
        case .standardInput:
            return try TextInput.read(descriptor: STDIN_FILENO)
        case .editor(let command):
            guard let text = try EditorSession(command: command, environment: environment).edit(initial) else {
                throw CommandError(.usage, "nothing was changed in the editor", hints: "nothing was saved")
            }
            return text
        }
    }
}
