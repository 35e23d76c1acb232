import Models
import Store

/// A session's entries in the order they were heard.
enum Timeline {
    struct Entry {
        var record: RecordView
        var commentCount: Int
    }

    /// By place in the session; entries without one by when they were captured, after those with one.
    static func isBefore(_ a: RecordView, _ b: RecordView) -> Bool { key(a) < key(b) }

    private static func key(_ record: RecordView) -> (Int64, Int64, RecordID) {
        let place = record.state.integer(.position) ?? record.state.integer(.from)
        return (place ?? .max, record.state.integer(.captured) ?? .max, record.id)
    }

    static func print(_ entries: [Entry], reader: StoreReader, on printer: Printer) throws {
        let handles = try entries.map { try reader.handle(of: $0.record.id) }
        let layout = TableLayout(
            columns: [
                .init("TIME", cells: 8), .init("KIND", cells: 5),
                .init("ID", cells: handles.map(\.utf8.count).max() ?? 4), .init("TEXT"),
            ],
            width: printer.terminal.columns,
            isPlain: printer.isPlain
        )
        try printer.lines(layout.heading)
        for (entry, handle) in zip(entries, handles) {
            let record = entry.record
            let mark = RecordLine.mark(record, commentCount: entry.commentCount)
            // A card has room for the whole text, a row for one line of it.
            let text = layout.form == .cards ? wholeText(record) : RecordLine.text(record)
            let cells = [RecordLine.time(record.state), RecordLine.kind(record.state), handle]
            try printer.lines(layout.lines(for: cells + [layout.cell(text, mark: mark)]))
        }
    }

    private static func wholeText(_ record: RecordView) -> String {
        guard let text = record.text, text.utf8.count > 400 else { return RecordLine.text(record) }
        return text
    }

    /// `9 entries: 1 claim unchecked, 1 question open, 1 highlight without text`.
    static func summary(_ records: [RecordView]) -> String {
        func count(_ isWanted: (RecordView) -> Bool) -> Int { records.lazy.filter(isWanted).count }
        let unchecked = count { RecordLine.isUnchecked($0.state) }
        let open = count {
            $0.state.text(.noteKind) == NoteKind.question.rawValue && $0.state.text(.answer) == nil
        }
        let textless = count { $0.state.kind == .highlight && ($0.text ?? "").isEmpty }
        let conflicts = count { $0.conflictCount > 0 }
        let parts = [
            (unchecked, "claim", "unchecked"), (open, "question", "open"), (textless, "highlight", "without text"),
            (conflicts, "entry", "in conflict"),
        ].filter { $0.0 > 0 }.map { "\(counted($0.0, $0.1)) \($0.2)" }
        return counted(records.count, "entry") + (parts.isEmpty ? "" : ": " + parts.joined(separator: ", "))
    }

    /// `1 entry`, `2 entries`.
    static func counted(_ count: Int, _ word: String) -> String {
        if count == 1 { return "1 \(word)" }
        return "\(count) " + (word.hasSuffix("y") ? word.dropLast() + "ies" : word + "s")
    }
}
