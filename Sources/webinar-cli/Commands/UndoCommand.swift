import ArgumentParser
import Models
import Store

struct UndoCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Take back the last change made on this device.",
        discussion: """
              webinar undo
              webinar undo --count 3

            Again takes back the one before. What other devices wrote since stays. The change that takes back is a
            change like any other: it is sent at the next sync.
            """
    )

    @OptionGroup var options: CommonOptions
    @Option(help: ArgumentHelp("How many changes to take back.", valueName: "number"))
    var count = 1

    func validate() throws {
        if !(1...10_000).contains(count) { throw ValidationError("Give a count from 1 to 10000.") }
    }

    func run(on device: Device, printing printer: Printer) throws {
        let undone = try device.write { writer in
            var undone: [(UndoneChange, RecordView, String)] = []
            while undone.count < count, let change = try writer.undo() {
                let (record, handle) = try writer.reader.shown(change.record)
                undone.append((change, record, handle))
            }
            return undone
        }
        guard !undone.isEmpty else {
            throw CommandError(.notFound, "there is nothing left to take back", hints: "nothing was changed")
        }
        for (change, record, handle) in undone {
            if printer.isJSON {
                let value = RecordJSON.shown(record, handle: handle)
                try printer.json(value.adding("undone", .bool(change.hadEffect)))
            } else {
                let what = "\(record.state.kind.word) \(handle)"
                let text =
                    change.removedRecord
                    ? "took back the adding of \(what), which is in the trash"
                    : change.hadEffect
                        ? "took back the last change to \(what)"
                        : "the last change to \(what) is no longer in force: nothing to take back"
                try printer.lines(text.wrapped(toCells: printer.terminal.columns))
            }
        }
    }
}
