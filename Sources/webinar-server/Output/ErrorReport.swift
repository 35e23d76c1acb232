import ArgumentParser
import SyncServer

/// What a command tells the shell (`sysexits.h`).
enum ExitStatus: Int32, CaseIterable, Sendable {
    case done = 0
    case usage = 64
    case badData = 65
    case notFound = 66
    case unavailable = 69
    case bug = 70
    case cannotCreate = 73
    case inputOutput = 74
    case versionMismatch = 76
    case notPermitted = 77
    case configuration = 78

    /// Runs the body of a command and turns what it throws into text on standard error and an exit code.
    ///
    /// ArgumentParser's own errors pass through as they are.
    static func reporting(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as ExitCode {
            throw error
        } catch let error as CleanExit {
            throw error
        } catch let error as ValidationError {
            throw error
        } catch {
            let error = CommandError(error)
            StandardError.write(
                ["webinar-server: error: \(error.message)"] + error.hints.map { "webinar-server: hint: \($0)" }
            )
            throw ExitCode(error.status.rawValue)
        }
    }
}

/// Why a command ends without success: what happened, then what to do next.
struct CommandError: Error, Equatable {
    var status: ExitStatus
    var message: String
    var hints: [String]

    init(_ status: ExitStatus, _ message: String, hints: String...) {
        self.status = status
        self.message = message
        self.hints = hints
    }

    /// The one place from an error to a text and an exit code.
    init(_ error: any Error) {
        switch error {
        case let error as CommandError: self = error
        case let error as SyncServerError: self.init(error)
        default: self.init(.bug, "unexpected: \(error)", hints: "please report this; the notebooks are safe")
        }
    }

    private init(_ error: SyncServerError) {
        switch error {
        case .invalidAddress(let text):
            self.init(.usage, "\"\(text)\" is not HOST:PORT", hints: "for example 0.0.0.0:8443 or [::]:8443")
        case .addressInUse(let address):
            self.init(
                .unavailable,
                "something else listens on \(address) already",
                hints: "stop it, or take another port: --listen HOST:PORT"
            )
        case .cannotListen(let address, let reason):
            self.init(
                .unavailable,
                "cannot listen on \(address): \(reason)",
                hints: "the host must be an address of this machine; ports below 1024 need permission"
            )
        case .folderNotWritable(let path, let reason):
            self.init(
                .cannotCreate,
                "cannot write in the server's folder \(path): \(reason)",
                hints: "run as the user who owns it, or take another one: --data DIR"
            )
        case .folderNotOurs(let path):
            self.init(
                .cannotCreate,
                "the folder \(path) holds something that is not a server's",
                hints: "a new server needs an empty folder, or none: --data DIR"
            )
        case .folderInUse(let path, let process):
            self.init(
                .unavailable,
                "a server runs on this folder already\(process.map { " (process \($0))" } ?? "")",
                hints: "stop it first; its lock is \(path)"
            )
        case .noServer(let path):
            self.init(
                .configuration,
                "there is no server in \(path)",
                hints: "make one with `webinar-server serve`, or say where it is: --data DIR"
            )
        case .neverStarted:
            self.init(
                .configuration,
                "the server was never started, so its address is not known",
                hints: "start it with `webinar-server serve`"
            )
        case .keysDamaged(let path, let reason):
            self.init(
                .configuration,
                "the server's key or certificate cannot be used: \(path): \(reason)",
                hints: "put it back from a backup; with a new key, every device has to be linked anew"
            )
        case .newerProgram:
            self.init(
                .versionMismatch,
                "the server's data was written by a newer version of this program",
                hints: "nothing was changed; run the newer version"
            )
        case .diskFull:
            self.init(.inputOutput, "the disk is full", hints: "nothing was lost; make room and try again")
        case .damaged(let reason):
            self.init(
                .inputOutput,
                "the server's data is damaged: \(reason)",
                hints: "put the folder back from a backup; the devices hold what they had, and send it again"
            )
        case .inputOutput(let reason):
            self.init(.inputOutput, "reading or writing failed: \(reason)", hints: "look at the disk, then try again")
        case .notAnswering(let path):
            self.init(
                .unavailable,
                "the server on \(path) does not answer",
                hints: "look at its log, or stop it: commands work on its files then"
            )
        case .noSuchDevice(let name):
            self.init(.notFound, "there is no device \"\(name)\"", hints: "see them with `webinar-server device list`")
        case .ambiguousDevice(let name, let ids):
            let list = ids.map(String.init).joined(separator: ", ")
            self.init(.usage, "several devices are called \"\(name)\": \(list)", hints: "say the number instead")
        case .invalidDeviceName:
            self.init(.badData, "a device's name is one line of 1 to 128 bytes", hints: "take a shorter one")
        case .tooManyLinks(let maximum):
            self.init(
                .unavailable,
                "\(maximum) links wait to be used already",
                hints: "use one, or wait: each ends after 10 minutes"
            )
        }
    }
}
