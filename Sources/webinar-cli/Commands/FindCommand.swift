import ArgumentParser
import Models
import Store

struct FindCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: "Find what holds a text, in any session.",
        discussion: """
              webinar find 微博
              webinar find "qr code" --json

            Upper and lower case, full-width and half-width forms are the same. Exit status 1 if nothing is found.
            """
    )

    @OptionGroup var options: CommonOptions
    @Flag(help: "Print what is found as JSON, one object a line.")
    var jsonl = false
    @Argument(help: "What to look for, as one text.")
    var query: TypedText

    private struct Hit {
        var record: RecordView
        var handle: String
        var spans: [Range<Int>]
        var session: String
    }

    func run(on device: Device, printing printer: Printer) throws {
        let needle = FoldedText(query.text)
        guard !needle.isEmpty else {
            throw CommandError(.usage, "nothing to look for", hints: "write: webinar find TEXT")
        }
        var hits: [Hit] = []
        var sessionCount = 0
        try device.read { reader in
            sessionCount = try reader.count(of: [.session])
            var progress = Progress(
                "searched",
                surroundings: device.surroundings,
                isShown: printer.terminal.showsProgress
            )
            try reader.forEach(RecordKind.personal) { record in
                progress.advance()
                let spans = FoldedText(record.text ?? record.state.text(.title) ?? "").ranges(of: needle)
                guard !spans.isEmpty || Self.holds(needle, record.state) else { return }
                let session = try record.state.reference(.session).map { try reader.handle(of: $0) }
                hits.append(
                    Hit(record: record, handle: try reader.handle(of: record.id), spans: spans, session: session ?? "")
                )
            }
            progress.finish()
        }
        try print(hits, sessionCount: sessionCount, on: printer)
        try printer.flush()
        if hits.isEmpty { throw ExitCode(ExitStatus.nothingFound.rawValue) }
    }

    /// Whether a tag, a speaker or another text of the record holds `needle`.
    private static func holds(_ needle: FoldedText, _ state: RecordState) -> Bool {
        Field.fields(of: state.kind).contains { field in
            switch field.shape {
            case .text: state.text(field).map { FoldedText($0).contains(needle) } ?? false
            case .elements: state.elements(field).contains { FoldedText($0.string).contains(needle) }
            default: false
            }
        }
    }

    private func print(_ hits: [Hit], sessionCount: Int, on printer: Printer) throws {
        if jsonl || printer.isJSON {
            let items = hits.map { hit in
                RecordJSON.shown(hit.record, handle: hit.handle).adding(
                    "spans",
                    .array(hit.spans.map { [.integer(Int64($0.lowerBound)), .integer(Int64($0.upperBound))] })
                )
            }
            if jsonl { return try items.forEach(printer.json) }
            return try printer.json([
                "schema": .string(RecordJSON.schema), "type": "find", "query": .string(query.text),
                "total": .integer(Int64(hits.count)), "items": .array(items),
            ])
        }
        if hits.isEmpty { return printer.hint("Nothing found in \(Timeline.counted(sessionCount, "session")).") }
        try printer.table(
            ["ID", "TIME", "SESSION", "TEXT"],
            hits.map { hit in
                let state = hit.record.state
                let isEntry = [.note, .highlight].contains(state.kind)
                let time = isEntry ? RecordLine.time(state) : RecordLine.kind(state)
                return [hit.handle, time, hit.session, Self.excerpt(hit) + RecordLine.mark(hit.record)]
            }
        )
        if !printer.isPlain { try printer.line("\(hits.count) found in \(Timeline.counted(sessionCount, "session"))") }
    }

    /// The text from a little before the first hit on, so that a cut line shows it.
    private static func excerpt(_ hit: Hit) -> String {
        let text = hit.record.text ?? hit.record.headline
        guard let first = hit.spans.first?.lowerBound else { return RecordLine.text(hit.record) }
        let scalars = text.unicodeScalars
        let place = scalars.index(scalars.startIndex, offsetBy: first)
        guard text[..<place].cellWidth > 30 else { return RecordLine.text(hit.record) }
        let start = scalars.index(scalars.startIndex, offsetBy: max(0, first - 8))
        let rest = String(text[text.clusterStart(start)...].prefix(400))
        return ".." + rest
    }
}

extension String {
    /// The beginning of the grapheme cluster that `index` lies in.
    fileprivate func clusterStart(_ index: Index) -> Index {
        index == endIndex ? index : self.index(before: self.index(after: index))
    }
}
