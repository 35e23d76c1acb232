import ArgumentParser
import Glibc
import Models
import Store

struct DoctorCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check everything that is kept on this device.",
        discussion: """
              webinar doctor
              webinar doctor --json

            Looks at the file (integrity, foreign keys), at the hashes of the log, and at whether the log adds up to
            what is shown. Changes nothing. Exit status 74 if something is wrong.
            """
    )

    @OptionGroup var options: CommonOptions

    func run(on device: Device, printing printer: Printer) throws {
        let check = try device.store().check { part in
            if printer.terminal.showsProgress, !printer.isJSON { StandardError.write(["checking \(part.words)"]) }
        }
        let warnings = Self.warnings(device.home)
        try print(check, warnings, on: printer)
        try printer.flush()
        if !check.findings.isEmpty {
            throw CommandError(
                .inputOutput,
                "the notebook has \(Timeline.counted(check.findings.count, "fault"))",
                hints: "nothing was changed; copy its folder away before anything else: \(device.home.folder)",
                "put right what can be, with the server's help: webinar verify --repair",
                "what can be read can be saved: webinar export --jsonl --out notes.jsonl",
                "what was synced can be fetched anew into another folder: webinar device link"
            )
        }
    }

    private func print(_ check: StoreCheck, _ warnings: [String], on printer: Printer) throws {
        if printer.isJSON {
            return try printer.json([
                "schema": .string(RecordJSON.schema), "type": "doctor", "ok": .bool(check.findings.isEmpty),
                "changes": .integer(Int64(check.changeCount)), "records": .integer(Int64(check.recordCount)),
                "waiting": .integer(Int64(check.waitingCount)),
                "findings": .array(
                    check.findings.map { ["part": .string($0.part.rawValue), "text": .string($0.text)] }
                ),
                "warnings": .array(warnings.map { .string($0) }),
            ])
        }
        for part in StoreCheck.Part.allCases {
            let findings = check.findings.filter { $0.part == part }
            let verdict = findings.isEmpty ? printer.paint.good("ok") : printer.paint.failure("damaged")
            try printer.line("\(part.words.padded(toCells: 22))\(verdict)")
            for finding in findings { try printer.text("  \(finding.text)") }
        }
        try printer.line(
            "\(Timeline.counted(check.changeCount, "change")), \(Timeline.counted(check.recordCount, "record"))"
                + (check.waitingCount > 0 ? ", \(check.waitingCount) waiting for others" : "")
        )
        for warning in warnings { try printer.text("warning: \(warning)") }
    }

    /// What is no damage, but should not be.
    private static func warnings(_ home: DeviceHome) -> [String] {
        [home.folder, home.notebook, home.server, home.ticket].compactMap { path in
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return nil }
            return "others on this machine can open \(path); close it: chmod go= '\(path)'"
        }
    }
}

extension StoreCheck.Part {
    var words: String {
        switch self {
        case .integrity: "file"
        case .foreignKeys: "foreign keys"
        case .chain: "hashes of the log"
        case .state: "log against state"
        }
    }
}
