import ArgumentParser
import Glibc
import Models
import Store

struct ExportCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write everything that is kept as JSON, one record a line.",
        discussion: """
              webinar export --jsonl > notes.jsonl
              webinar export --jsonl --out notes.jsonl

            The same bytes on every device that holds the same state; `webinar import` reads them back.
            """
    )

    @OptionGroup var options: CommonOptions
    @Flag(help: "The form to write, and the only one so far.")
    var jsonl = false
    @Option(help: ArgumentHelp("Write to this file, whole or not at all.", valueName: "file"), completion: .file())
    var out: String?

    func validate() throws {
        if !jsonl { throw ValidationError("Say in which form: --jsonl.") }
    }

    func run(on device: Device, printing printer: Printer) throws {
        guard let out, out != "-" else {
            var output = StandardOutput()
            try write(device, printer) { try output.write($0) }
            return try output.flush()
        }
        var file = try OutputFile(path: out)
        do {
            try write(device, printer) { try file.output.write($0) }
            try file.finish()
        } catch {
            file.discard()
            throw error
        }
    }

    private func write(_ device: Device, _ printer: Printer, _ line: (JSONValue) throws -> Void) throws {
        var progress = Progress("exported", surroundings: device.surroundings, isShown: printer.terminal.showsProgress)
        try device.read { reader in
            try reader.forEach(RecordKind.personal) { record in
                try line(RecordJSON.exported(record))
                progress.advance()
            }
        }
        progress.finish()
    }
}

/// A file that appears whole or not at all: written beside its place, synced, then renamed into it.
struct OutputFile: ~Copyable {
    var output: StandardOutput
    let descriptor: Int32
    private let path: String
    private let temporary: String

    init(path: String) throws(CommandError) {
        self.path = path
        temporary = "\(path).\(getpid()).new"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        let code = errno
        guard descriptor >= 0 else {
            throw CommandError(
                .cannotCreate,
                "cannot make \(path): \(SystemError.text(code))",
                hints: "nothing was written, and your notes are not affected"
            )
        }
        output = StandardOutput(descriptor: descriptor)
    }

    mutating func finish() throws {
        try output.flush()
        guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
            throw CommandError(
                .inputOutput,
                "cannot write \(path): \(SystemError.text(errno))",
                hints: "your notes are not affected"
            )
        }
        close(descriptor)
        SmallFile.syncFolder(of: path)
    }

    func discard() {
        close(descriptor)
        unlink(temporary)
    }
}
