import ArgumentParser
import Glibc

/// An error that can say how it looks to a person.
protocol CommandErrorConvertible: Error {
    var commandError: CommandError { get }
}

/// The one place from error to text and exit code.
enum ErrorReport {
    /// What stands before everything on standard error.
    static let program = "webinar"

    /// The lines for standard error. What an error quotes may come from a file or a server, so it is made visible
    /// here.
    static func lines(for error: CommandError) -> [String] {
        let message = ["\(program): error: \(error.message.madeVisible(keepingLines: false))"]
        return message + error.hints.map { "\(program): hint: \($0.madeVisible(keepingLines: false))" }
    }

    /// Any error as one that a person can read. What no room has given a text to is a bug of ours, and says so.
    static func commandError(for error: any Error) -> CommandError {
        switch error {
        case let error as CommandError:
            error
        case let error as any CommandErrorConvertible:
            error.commandError
        case is CancellationError:
            CommandError(.interrupted, "interrupted", hints: "what was saved before stays saved")
        default:
            CommandError(
                .bug,
                "unexpected: \(error)",
                hints: "your notes are in the database as of the last command that said so",
                "please report this with the output of `webinar doctor`"
            )
        }
    }
}

extension ExitStatus {
    /// Runs the body of a command and turns what it throws into text on standard error and an exit code.
    ///
    /// ArgumentParser's own errors (`ExitCode`, `CleanExit`, a failed validation) pass through as they are.
    static func reporting(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            throw reported(error)
        }
    }

    /// The same for a body that waits for nothing.
    static func reporting(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            throw reported(error)
        }
    }

    private static func reported(_ error: any Error) -> any Error {
        switch error {
        case is ExitCode, is CleanExit, is ValidationError:
            return error
        case is ClosedOutput:
            return ExitCode(ExitStatus.inputOutput.rawValue)
        default:
            let error = ErrorReport.commandError(for: error)
            StandardError.write(ErrorReport.lines(for: error))
            return ExitCode(error.status.rawValue)
        }
    }
}
