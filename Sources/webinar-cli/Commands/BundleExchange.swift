import Glibc
import Models
import Store
import SyncClient

/// `webinar sync --bundle FILE`: the file is read if it is there, and written for the others.
struct BundleExchange {
    /// As the person typed it.
    var path: String
    var joins: Bool
    var mayDeleteMany: Bool

    func run(on device: Device, printing printer: Printer, _ entry: inout SyncLog.Entry) throws {
        // A copied notebook takes its own replica before anything of it is given away.
        try device.write { _ in }
        let sync = BundleSync(
            store: try device.store(),
            surroundings: device.surroundings,
            deviceName: DeviceName.ofThisMachine,
            isLinked: try SmallFile.read(device.home.server) != nil,
            joins: joins,
            mayDeleteMany: mayDeleteMany
        )
        do {
            let plan = try sync.take(try InputBundle.source(path: path))
            let count = try write(plan, sync)
            entry.sentCount = count
            entry.receivedCount = plan.report.receivedCount
            entry.deletedCount = plan.report.deletedCount
            entry.tookNewReplica = plan.report.tookNewReplica
            entry.isLevel = plan.report.isLevel
            try print(plan.report, count, isWritten: plan.header != nil, device, printer)
        } catch {
            throw BundleErrorText.explained(error, path)
        }
    }

    private func write(_ plan: BundleSync.Plan, _ sync: BundleSync) throws -> Int {
        guard plan.header != nil else { return 0 }
        do {
            // A link stays a link: what it points to is replaced.
            var file = try OutputFile(path: realPath)
            let descriptor = file.descriptor
            do {
                let count = try sync.write(plan) { try FileOutput.writeAll($0, to: descriptor) }
                try file.finish()
                return count
            } catch {
                file.discard()
                throw error
            }
        } catch var error as CommandError {
            if plan.report.receivedCount > 0 {
                error.hints.insert("what was in the file is here now; the file is as it was", at: 0)
            }
            throw error
        }
    }

    private var realPath: String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private func print(
        _ report: BundleReport,
        _ writtenCount: Int,
        isWritten: Bool,
        _ device: Device,
        _ printer: Printer
    ) throws {
        let conflictCount = try device.read { try $0.conflictedCount() }
        if printer.isJSON {
            return try printer.json([
                "schema": .string(RecordJSON.schema), "type": "sync", "file": .string(path),
                "sent": .integer(Int64(writtenCount)), "received": .integer(Int64(report.receivedCount)),
                "written": .bool(isWritten), "level": .bool(report.isLevel),
                "devices": .array(report.otherDevices.map { .string($0) }),
                "conflicts": .integer(Int64(conflictCount)), "ahead": .integer(Int64(report.aheadCount)),
                "deleted": .integer(Int64(report.deletedCount)),
                "unreachable": .integer(Int64(report.unreachableCount)), "joined": .bool(report.joinedNotebook),
                "new_replica": .bool(report.tookNewReplica),
            ])
        }
        let received = "received \(Timeline.counted(report.receivedCount, "change"))"
        let wrote = isWritten ? "wrote \(writtenCount) for others" : "nothing new to write"
        var lines = ["\(path): \(received), \(wrote)"]
        lines += remarks(report)
        if conflictCount > 0 {
            lines.append("\(Timeline.counted(conflictCount, "record")) in conflict, see: webinar conflict list")
        }
        for line in lines {
            try printer.lines(line.madeVisible(keepingLines: false).wrapped(toCells: printer.terminal.columns))
        }
    }

    private func remarks(_ report: BundleReport) -> [String] {
        var lines: [String] = []
        let others = report.otherDevices.joined(separator: ", ")
        if report.joinedNotebook { lines.append("This notebook is the file's now, with everything that was in it.") }
        if report.tookNewReplica {
            lines.append("This copy of the notebook writes under a number of its own from now on.")
        }
        if report.unreachableCount > 0 {
            let count = Timeline.counted(report.unreachableCount, "change")
            lines.append(
                "\(count) in it build\(report.unreachableCount == 1 ? "s" : "") on others that are neither in it nor "
                    + "here: carry the file back to \(others), then here again."
            )
        }
        if report.aheadCount > 0 {
            lines.append(
                "\(Timeline.counted(report.aheadCount, "change")) came from a clock that is ahead of this one. "
                    + "Edits made here from now on count as later all the same."
            )
        }
        if report.otherDevices.isEmpty {
            lines.append("Carry it to another device, and run the same command there.")
        } else {
            lines.append(report.isLevel ? "All hold the same: \(others)." : "Carry it on to: \(others).")
        }
        return lines
    }
}

/// A bundle to read.
private enum InputBundle {
    /// The file at `path`, read whole once and at its beginning again; nil where there is no such file yet.
    static func source(path: String) throws -> BundleSync.Source? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        let code = errno
        guard descriptor >= 0 else {
            if code == ENOENT { return nil }
            throw CommandError(
                .notFound,
                "cannot read \(path): \(SystemError.text(code))",
                hints: "nothing was changed"
            )
        }
        let file = OpenFile(descriptor)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CommandError(.badData, "\(path) is no file", hints: "nothing was changed")
        }
        let source: BundleSync.Source = {
            try FileInput.readPiece(descriptor: file.descriptor, maximumBytes: $0)
        }
        try BundleSync.check(source)
        lseek(descriptor, 0, SEEK_SET)
        return source
    }
}

/// Closes a descriptor when nobody needs it any more.
private final class OpenFile {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}

/// What a person reads when a bundle was not taken in.
enum BundleErrorText {
    static func explained(_ error: any Error, _ path: String) -> any Error {
        switch error {
        case let error as BundleError: text(error, path)
        case let error as BundleRefusal: text(error, path)
        default: error
        }
    }

    private static func text(_ error: BundleError, _ path: String) -> CommandError {
        let what =
            switch error {
            case .notABundle: "\(path) is no bundle of webinar"
            case .newerForm(let form): "\(path) was written by a newer webinar (form \(form))"
            case .cutShort: "\(path) is cut short: it was not copied to its end"
            case .damaged: "\(path) is damaged"
            }
        var hints = ["nothing of it was taken in, and it was left as it is; your notes are not affected"]
        switch error {
        case .notABundle: hints.append("name another file, or one that is not there yet")
        case .newerForm: hints.append("install the newer webinar here and try again")
        case .cutShort, .damaged:
            hints.append("copy it again from where it was written; or delete it, and begin with a new one")
        }
        if case .newerForm = error { return CommandError(.versionMismatch, what, hints: hints) }
        return CommandError(.badData, what, hints: hints)
    }

    private static func text(_ refusal: BundleRefusal, _ path: String) -> CommandError {
        let untouched = "nothing was changed, neither here nor in the file"
        switch refusal {
        case .loading:
            return CommandError(
                .offline,
                "this device has not yet loaded all of its notebook from the server",
                hints: untouched,
                "load the rest first: webinar sync"
            )
        case .otherNotebook(_, let name):
            return CommandError(
                .badData,
                "\(path) is of another notebook than this one (\(name) wrote it)",
                hints: untouched,
                "to make one notebook of both, for good: webinar sync --bundle \(path) --join"
            )
        case .otherNotebookWhileLinked(let notebook):
            return CommandError(
                .badData,
                "\(path) is of another notebook (\(notebook)) than the server's that this device is linked to",
                hints: untouched,
                "link the device that wrote it to the same server, or let it join this one's file with --join"
            )
        case .forked(let replica, let sequence):
            return CommandError(
                .badData,
                "\(path) and this device have two different changes number \(sequence) of device \(replica)",
                hints: untouched,
                "one of the devices is a copy or was put back to an earlier state; sync each with the server, or",
                "carry the notes over: webinar export --jsonl there, webinar import --jsonl here"
            )
        case .deletesMany(let count, let live):
            return CommandError(
                .offline,
                "\(path) deletes \(count) of the \(live) records here",
                hints: untouched,
                "go on all the same: webinar sync --bundle \(path) --yes"
            )
        case .invalid(let replica, let sequence, let problem):
            return CommandError(
                .badData,
                "change \(sequence) of device \(replica) in \(path) cannot be kept: \(problem)",
                hints: untouched
            )
        }
    }
}
