import Models
import Store

extension RecordKind {
    /// The word for people; a later program's kind has none.
    var word: String { name ?? "record" }

    var wordWithArticle: String { ("aeiou".contains(word.prefix(1)) ? "an " : "a ") + word }
}

extension RecordView {
    /// What names the record in a list: its title, else the beginning of its text.
    var headline: String {
        if let title = state.text(.title) { return title }
        let text = text ?? ""
        // A long text is never laid out whole for one line.
        return String(text.prefix(400))
    }
}

extension StoreReader {
    /// The record that a person called `name`: a full id, or the beginning of a handle.
    ///
    /// Where a handle begins several records, those of the wrong kind and those in the trash are no candidates as
    /// long as one is left.
    func find(_ name: TypedText, _ kinds: [RecordKind], acceptsDeleted: Bool = false) throws -> RecordView {
        let typed = TypedSigns.narrowed(name.text)
        let ids: [RecordID]
        do {
            ids = [try resolve(typed)]
        } catch StoreError.ambiguous(_, let candidates) {
            ids = candidates
        }
        let found = try ids.compactMap { try record($0) }
        let fitting = found.filter { kinds.contains($0.state.kind) && (acceptsDeleted || !$0.state.isDeleted) }
        if fitting.count == 1 { return fitting[0] }
        guard found.count == 1, fitting.isEmpty else { throw try ambiguous(typed, fitting.isEmpty ? found : fitting) }
        throw unfit(found[0], typed, kinds)
    }

    /// The same, where only the id matters.
    func findID(_ name: TypedText, _ kinds: [RecordKind], acceptsDeleted: Bool = false) throws -> RecordID {
        try find(name, kinds, acceptsDeleted: acceptsDeleted).id
    }

    private func ambiguous(_ name: String, _ candidates: [RecordView]) throws -> CommandError {
        let lines = try candidates.map { record in
            "\(try handle(of: record.id))  \(record.state.kind.word)  \(record.headline.truncated(toCells: 60))"
        }
        return CommandError(
            .notFound,
            "`\(name)` can mean \(candidates.count) records",
            hints: lines + ["nothing was changed; type enough characters to mean one"]
        )
    }

    private func unfit(_ record: RecordView, _ name: String, _ kinds: [RecordKind]) -> CommandError {
        let kind = record.state.kind
        guard kinds.contains(kind) else {
            let wanted = kinds.map(\.wordWithArticle).joined(separator: " or ")
            return CommandError(
                .notFound,
                "`\(name)` is \(kind.wordWithArticle), not \(wanted)",
                hints: "nothing was changed; look at it with: webinar \(kind.word) show \(name)"
            )
        }
        return CommandError(
            .notFound,
            "`\(name)` is in the trash",
            hints: "nothing was changed; bring it back with: webinar trash restore \(name)"
        )
    }
}
