import EgWalker
import GRDB
import Models

/// Records that were purged, and that somebody had touched who did not know of it.
///
/// A purge takes out what its author had seen, and that may be gone for good elsewhere. What is left of an edit that was
/// made upon it would be a torso, so whoever still has the rest writes the record again as it would stand had nobody
/// purged it.
extension StoreWriter {
    /// Writes such records again; returns how many. Called once everything that is known has been read.
    @discardableResult
    public func reviveReturned() throws -> Int {
        guard try reader.loading() == nil else { return 0 }
        var count = 0
        for record in try db.all("SELECT record FROM returned ORDER BY record", read: { try $0.record(0) })
        where try revive(record) {
            count += 1
        }
        if count > 0 { try flush() }
        return count
    }

    private func revive(_ id: RecordID) throws -> Bool {
        try db.run("DELETE FROM returned WHERE record = ?", [id.stored])
        guard let row = try reader.stateRow(id) else { return false }
        let history = RecordHistory(try reader.changes(to: [id]).map(\.change))
        let lost = history.insertions(of: try voidEdits(of: id), lostIn: row.state)
        guard row.state.lacksRevival || !lost.isEmpty else { return false }
        var operations: [Models.Operation] = []
        if row.state.lacksRevival, let whole = try history.unpurged() {
            operations = whole.state.restating(in: row.state)
            for (field, text) in whole.texts {
                operations += [try edit(field, of: row.state, to: text)].compactMap { $0 }
            }
        } else {
            for (field, words) in lost {
                let kept = try reader.text(row: row.row, field: field) ?? ""
                let text = ([kept] + words).filter { !$0.isEmpty }.joined(separator: "\n")
                operations += [try edit(field, of: row.state, to: text)].compactMap { $0 }
            }
        }
        try change(id) { operations + [.revive(seen: $0.seen)] }
        // It is written again, and that is the last to be done about it.
        try db.run("DELETE FROM returned WHERE record = ?", [id.stored])
        return true
    }
}

extension StoreWriter {
    /// The text edits of a record that count as empty.
    private func voidEdits(of record: RecordID) throws -> Set<ChangeID> {
        let sql = "SELECT replica, sequence FROM changes WHERE record = ? AND applied < 0"
        return Set(try db.all(sql, [record.stored]) { ChangeID(agent: $0.word(0), sequence: $0.word(1)) })
    }
}

/// All changes to one record, in the order in which they took effect.
struct RecordHistory {
    private let changes: [Change]

    init(_ changes: [Change]) { self.changes = changes }

    /// The record as it would stand had nobody purged it; nil where the words of some text are folded by now.
    func unpurged() throws -> (state: RecordState, texts: [(field: Field, text: String)])? {
        guard let first = changes.first else { return nil }
        var state = RecordState(before: first)
        var edits: [Field: [TextChange]] = [:]
        for var change in changes {
            change.operations.removeAll { if case .purge = $0 { true } else { false } }
            state.apply(change)
            for (field, edit) in change.textEdits {
                if change.folded != nil { return nil }
                let known = Set(edits[field, default: []].map(\.id))
                let isWhole = known.isSuperset(of: edit.parents)
                var text = TextChange(change, edit)
                text.parents = edit.parents.filter(known.contains)
                if !isWhole { text.spans = [] }
                edits[field, default: []].append(text)
            }
        }
        let texts = try edits.map { field, changes in
            (field, try TextMerge.apply(changes, to: "", heads: [], history: NoHistory()).text)
        }
        return (state, texts.sorted { $0.0 < $1.0 })
    }

    /// What was typed into texts that were purged, by people who did not know, and that nobody has written again.
    func insertions(
        of edits: Set<ChangeID>,
        lostIn state: RecordState
    ) -> [(field: Field, words: [String])] {
        var lost: [Field: [String]] = [:]
        for change in changes where edits.contains(change.id) && !state.isPurged(change) {
            if state.revivals.heads.contains(where: { $0.content.covers(change.stamp) }) { continue }
            for (field, edit) in change.textEdits {
                lost[field, default: []] += edit.spans.compactMap {
                    if case .insert(_, let text) = $0 { text } else { nil }
                }
            }
        }
        return lost.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

/// For a merge from the very beginning.
struct NoHistory: TextHistory {
    func node(_ id: ChangeID) throws -> TextNode? { nil }
}
