/// What a command tells the shell. The numbers follow `sysexits.h`, where it has one.
enum ExitStatus: Int32, CaseIterable, Sendable {
    /// Done, or saved on this device: saved is saved, whether or not a server was reached.
    case done = 0
    /// `find` found nothing.
    case nothingFound = 1
    /// The command line makes no sense.
    case usage = 64
    /// The data that was given cannot be kept or read: not UTF-8, not JSON, too long.
    case badData = 65
    /// No such record or file.
    case notFound = 66
    /// The server or a program is not available.
    case unavailable = 69
    /// A bug of ours.
    case bug = 70
    /// An output file or folder cannot be made.
    case cannotCreate = 73
    /// Reading or writing failed: a full disk, a broken database.
    case inputOutput = 74
    /// Offline: try again later.
    case offline = 75
    /// The other side, or a file, is of a version that this program does not understand.
    case versionMismatch = 76
    /// A wrong key, a used or expired link, a revoked device, no permission.
    case notPermitted = 77
    /// A setting is missing or wrong.
    case configuration = 78
    /// Ctrl-C.
    case interrupted = 130
}

/// Why a command ends without success: what happened, then what is safe and what to do next.
///
/// Every error that reaches a person is one of these; rooms below are translated in `ErrorReport`.
struct CommandError: Error, Equatable {
    var status: ExitStatus
    /// What happened: lower case, no full stop.
    var message: String
    /// What is safe, and what to type next. The last one is the most useful.
    var hints: [String]

    init(_ status: ExitStatus, _ message: String, hints: String...) {
        self.init(status, message, hints: hints)
    }

    init(_ status: ExitStatus, _ message: String, hints: [String]) {
        self.status = status
        self.message = message
        self.hints = hints
    }
}
