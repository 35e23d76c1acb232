import ArgumentParser
import Models
import Store

struct LogCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Show a session's timeline.",
        discussion: """
              webinar log
              webinar log 9c2m
              webinar log --jsonl | jq -r .text
            """
    )

    @OptionGroup var options: CommonOptions
    @Flag(help: "Print the entries as JSON, one object a line.")
    var jsonl = false
    @Argument(help: "The session, by id, handle or title; else the current one.")
    var session: TypedText?

    func run(on device: Device, printing printer: Printer) throws {
        try device.read { reader in
            guard let session = try device.session(session, in: reader) else {
                throw CommandError(
                    .usage,
                    "there is no current session",
                    hints: "name one: webinar log ID; `webinar session list` shows them",
                    "notes that belong to no session are in: webinar note list --all"
                )
            }
            let entries = try reader.children(of: session.id).filter { [.note, .highlight].contains($0.state.kind) }
                .sorted(by: Timeline.isBefore)
                .map { Timeline.Entry(record: $0, commentCount: try commentCount(on: $0.id, reader)) }
            if jsonl || printer.isJSON { return try printJSON(session, entries, reader, printer) }
            try printHeading(session, reader, device, printer)
            guard !entries.isEmpty else { return printer.hint("No entries yet.") }
            if !printer.isPlain { try printer.line("") }
            try Timeline.print(entries, reader: reader, on: printer)
            if !printer.isPlain {
                let summary = Timeline.summary(entries.map(\.record)).wrapped(toCells: printer.terminal.columns)
                try printer.lines([""] + summary)
            }
        }
    }

    private func commentCount(on id: RecordID, _ reader: StoreReader) throws -> Int {
        try reader.children(of: id).count { $0.state.kind == .comment }
    }

    private func printJSON(
        _ session: RecordView,
        _ entries: [Timeline.Entry],
        _ reader: StoreReader,
        _ printer: Printer
    ) throws {
        let values = try entries.map { entry in
            RecordJSON.shown(entry.record, handle: try reader.handle(of: entry.record.id))
                .adding("comments", .integer(Int64(entry.commentCount)))
        }
        if jsonl {
            for value in values { try printer.json(value) }
        } else {
            try printer.json([
                "schema": .string(RecordJSON.schema), "type": "log",
                "session": RecordJSON.shown(session, handle: try reader.handle(of: session.id)),
                "entries": .array(values),
            ])
        }
    }

    private func printHeading(
        _ session: RecordView,
        _ reader: StoreReader,
        _ device: Device,
        _ printer: Printer
    ) throws {
        if printer.isPlain { return }
        let width = printer.terminal.columns
        let handle = try reader.handle(of: session.id)
        let mark = handle + RecordLine.mark(session)
        let speakers = session.state.elements(.speakers).map(\.string).joined(separator: ", ")
        if width >= TableLayout.minimumTableWidth {
            let room = width - mark.cellWidth - 2
            let title = RecordLine.title(session).madeVisible(keepingLines: false)
            let line = title.truncated(toCells: room).padded(toCells: room)
            try printer.line(printer.paint.heading(line) + "  " + mark)
            let facts = try facts(session, reader, device)
            if !facts.isEmpty {
                try printer.lines(
                    facts.joined(separator: ", ").madeVisible(keepingLines: false).wrapped(toCells: width)
                )
            }
        } else {
            try printer.lines(session.headline.madeVisible(keepingLines: false).wrapped(toCells: width))
            let line = [speakers, mark].filter { !$0.isEmpty }.joined(separator: ", ")
            try printer.lines(line.madeVisible(keepingLines: false).wrapped(toCells: width))
        }
    }

    /// `One Internet Day`, `Fri 22 Nov 2013 from 14:00 +08:00`, `joined at 00:12:00`.
    private func facts(_ session: RecordView, _ reader: StoreReader, _ device: Device) throws -> [String] {
        let state = session.state
        var facts: [String] = []
        if let event = try state.reference(.event).flatMap({ try reader.record($0) }) { facts.append(event.headline) }
        if let starts = state.integer(.starts) {
            let offset = device.clock(of: state).offsetMinutes(at: starts)
            let day = TimeText.day(starts, offsetMinutes: offset)
            let clock = TimeText.clock(starts, offsetMinutes: offset)
            facts.append("\(day) from \(clock) \(TimeText.zoneOffset(offset))")
        }
        if let joined = state.integer(.joinOffset) {
            facts.append("joined at \(TimeText.offset(joined))")
        } else if let attendance = state.text(.attendance) {
            facts.append(attendance)
        }
        return facts
    }
}

extension JSONValue {
    /// This object with one more member at its end.
    func adding(_ key: String, _ value: JSONValue) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members + [Member(key: key, value: value)])
    }
}
