import ArgumentParser
import Glibc
import Models
import Store

struct ImportCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Read records from JSON, one a line.",
        discussion: """
              webinar import --jsonl notes.jsonl
              webinar export --jsonl | WEBINAR_HOME=/other/folder webinar import --jsonl -

            A known id is the same record, and only what differs is set; a line without an id makes a new one. A bad
            line is named by its number, and then nothing of the file is imported.
            """
    )

    @OptionGroup var options: CommonOptions
    @Flag(help: "The form to read, and the only one so far.")
    var jsonl = false
    @Flag(help: "Read and check everything, but keep nothing.")
    var dryRun = false
    @Argument(help: "The file, or - for standard input.", completion: .file())
    var file: String

    func validate() throws {
        if !jsonl { throw ValidationError("Say in which form: --jsonl.") }
    }

    /// Ends the transaction of a dry run.
    private struct DryRunEnded: Error {}

    func run(on device: Device, printing printer: Printer) throws {
        try device.home.make()
        let input = try RereadableInput(path: file, spoolFolder: device.home.folder)
        let descriptor = input.descriptor
        var progress = Progress("checked", surroundings: device.surroundings, isShown: printer.terminal.showsProgress)
        // Once without the notebook, so that a bad file is refused before anything is locked or written.
        try Self.forEachLine(of: descriptor) { _ in progress.advance() }
        progress.finish()

        var counts: [ImportedRecord.Outcome: Int] = [:]
        progress = Progress("imported", surroundings: device.surroundings, isShown: printer.terminal.showsProgress)
        do {
            try device.write { writer in
                try Self.forEachLine(of: descriptor) { record in
                    counts[try record.apply(to: writer), default: 0] += 1
                    progress.advance()
                }
                if dryRun { throw DryRunEnded() }
            }
        } catch is DryRunEnded {}
        progress.finish()
        try print(counts, on: printer)
    }

    /// Hands over the records of the file, from its beginning. What `body` cannot take is named by its line.
    private static func forEachLine(of descriptor: Int32, _ body: (ImportedRecord) throws -> Void) throws {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw CommandError(.inputOutput, "cannot read the input again", hints: "nothing was imported")
        }
        var lines = LineReader(descriptor: descriptor)
        while let line = try lines.next() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            do {
                try body(try ImportedRecord(line))
            } catch let problem as ImportedRecord.Problem {
                throw refused(lines.number, problem.text)
            } catch StoreError.invalid(let problem) {
                throw refused(lines.number, "\(problem)")
            }
        }
    }

    private static func refused(_ line: Int, _ problem: String) -> CommandError {
        CommandError(
            .badData,
            "line \(line): \(problem)",
            hints: "nothing of the file was imported; mend the line and import it again"
        )
    }

    private func print(_ counts: [ImportedRecord.Outcome: Int], on printer: Printer) throws {
        let (new, changed, unchanged) = (counts[.new] ?? 0, counts[.changed] ?? 0, counts[.unchanged] ?? 0)
        if printer.isJSON {
            return try printer.json([
                "schema": .string(RecordJSON.schema), "type": "import", "new": .integer(Int64(new)),
                "changed": .integer(Int64(changed)), "unchanged": .integer(Int64(unchanged)),
                "dry_run": .bool(dryRun),
            ])
        }
        try printer.line(
            "\(new) new, \(changed) changed, \(unchanged) already here" + (dryRun ? "; nothing kept (--dry-run)" : "")
        )
    }
}
