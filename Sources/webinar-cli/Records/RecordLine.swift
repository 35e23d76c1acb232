import Models
import Store

/// Short forms of a record for lists.
enum RecordLine {
    /// The title with its translation and speakers: `Social Media Trends in China, Michael Michelini`.
    static func title(_ session: RecordView) -> String {
        let translated = session.state.text(.titleTranslated).map { " (\($0))" } ?? ""
        let speakers = session.state.elements(.speakers).map(\.string)
        return ([session.headline + translated] + speakers).joined(separator: ", ")
    }

    /// What an entry is, in a word of five letters at most: `note`, `claim`, `quest`, `high`.
    static func kind(_ state: RecordState) -> String {
        switch state.kind {
        case .highlight: "high"
        case .comment: "comm"
        case .note: String((state.text(.noteKind) ?? NoteKind.note.rawValue).prefix(5))
        default: String(state.kind.word.prefix(5))
        }
    }

    /// The place in the session: `00:12:36`, or dashes for an entry outside it.
    static func time(_ state: RecordState) -> String {
        (state.integer(.position) ?? state.integer(.from)).map(TimeText.offset) ?? "--:--:--"
    }

    /// The text on one line, with the signs of its kind.
    static func text(_ record: RecordView) -> String {
        let text = record.headline
        switch record.state.text(.noteKind).flatMap(NoteKind.init) {
        case .quote:
            let speaker = record.state.text(.speaker).map { " - \($0)" } ?? ""
            return "\"\(text)\"\(speaker)"
        case .claim where isUnchecked(record.state):
            return "? \(text)"
        case .claim, .question, .note, nil:
            guard record.state.kind == .highlight, text.isEmpty else { return text }
            return "(\(span(record.state).map { "\($0), " } ?? "")no text yet)"
        }
    }

    static func isUnchecked(_ state: RecordState) -> Bool {
        state.text(.noteKind) == NoteKind.claim.rawValue
            && (state.text(.claimStatus) ?? ClaimStatus.unchecked.rawValue) == ClaimStatus.unchecked.rawValue
    }

    private static func span(_ state: RecordState) -> String? {
        guard let from = state.integer(.from), let to = state.integer(.to) else { return nil }
        let (length, overflow) = to.subtractingReportingOverflow(from)
        return overflow ? nil : TimeText.duration(length)
    }

    /// What stands behind the text: other versions, a return from the trash, comments.
    static func mark(_ record: RecordView, commentCount: Int = 0) -> String {
        var marks: [String] = []
        if record.state.isReturned { marks.append("came back") }
        let conflictCount = record.conflictCount - (record.state.isReturned ? 1 : 0)
        if conflictCount > 0 { marks.append(conflictCount == 1 ? "2 versions" : "\(conflictCount) conflicts") }
        if commentCount > 0 { marks.append(commentCount == 1 ? "1 comment" : "\(commentCount) comments") }
        return marks.isEmpty ? "" : " (\(marks.joined(separator: ", ")))"
    }
}

extension Device {
    /// When a session or event begins: `Fri 22 Nov 2013 14:00 +08:00`.
    func begin(of state: RecordState) -> String? {
        state.integer(.starts).map { TimeText.full($0, offsetMinutes: clock(of: state).offsetMinutes(at: $0)) }
    }

    /// The zone a record names, else this machine's.
    func clock(of state: RecordState) -> ZoneClock {
        state.text(.zone).flatMap { ZoneClock.isKnown($0) ? ZoneClock(name: $0) : nil } ?? zone
    }
}

extension TableLayout {
    /// A text cell whose end, `mark`, is shown even where the text is cut.
    func cell(_ text: String, mark: String) -> String {
        guard form == .columns, !mark.isEmpty else { return text + mark }
        let before = columns.dropLast().reduce(0) { $0 + $1.cells + 2 }
        let text = text.madeVisible(keepingLines: false)
        return text.truncated(toCells: max(2, width - before - mark.cellWidth)) + mark
    }
}
