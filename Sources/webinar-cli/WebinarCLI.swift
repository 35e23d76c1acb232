import ArgumentParser
import Glibc

/// The start of the process: bytes are looked at before they become strings, then the commands take over.
///
/// Not `async`: Swift would serve an asynchronous `main` with threads of its own, which a save should not wait for.
/// Only the commands that ask the server get them.
@main
struct WebinarCLI {
    static func main() {
        // A reader that goes away and a file that may not grow are errors with a text, not signals that kill.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        let arguments: [String]
        do {
            try CommandLineBytes.validate(CommandLineBytes.current())
            arguments = Array(CommandLine.arguments.dropFirst())
            if let capture = NoteCapture(plain: arguments) {
                end { try Device.serving(false, false, .auto) { try capture.run(on: $0, printing: $1) } }
            }
            try CommandWords.validate(arguments)
        } catch {
            StandardError.write(ErrorReport.lines(for: error))
            exit(error.status.rawValue)
        }
        run(TypedText.shielded(arguments))
    }

    private static func run(_ arguments: [String]) -> Never {
        let parsed = Result { try Webinar.parseAsRoot(arguments) }
        guard case .success(let command as any AsyncParsableCommand) = parsed else {
            end {
                var command = try parsed.get()
                try command.run()
            }
        }
        // Handed over: nothing here looks at it any more.
        nonisolated(unsafe) let handed = command
        Task.detached {
            do {
                var command = handed
                try await command.run()
                Webinar.exit()
            } catch {
                Webinar.exit(withError: error)
            }
        }
        while true { pause() }
    }

    private static func end(_ body: () throws -> Void) -> Never {
        do {
            try body()
        } catch {
            Webinar.exit(withError: error)
        }
        exit(ExitStatus.done.rawValue)
    }
}
