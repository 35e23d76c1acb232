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
        let returned = try db.all("SELECT record FROM returned ORDER BY record") { try $0.record(0) }
        for record in returned {
            if try revive(record) { count += 1 }
        }
        if count > 0 { try flush() }
        return count
    }

    private func revive(_ id: RecordID) throws -> Bool {
        try db.run("DELETE FROM returned WHERE record = ?", [id.stored])
        // What somebody has deleted since is written again once it is taken out of the trash, if ever.
        guard let row = try reader.stateRow(id), !row.state.isDeleted else { return false }
        let history = RecordHistory(try reader.changes(to: [id]).map(\.change))
        let lost = history.insertions(of: try voidEdits(of: id), lostIn: row.state)
        guard row.state.lacksRevival || !lost.isEmpty else { return false }
        var operations: [Models.Operation] = []
        if row.state.lacksRevival, let whole = try history.unpurged() {
            operations = whole.state.restating(in: row.state)
            // Begun anew: of two that write the same again, unknown to each other, one is shown.
            operations += whole.texts.map { Self.firstEdit($0.field, $0.text) }
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
        var texts: [Field: UnpurgedText] = [:]
        for var change in changes {
            change.operations.removeAll { if case .purge = $0 { true } else { false } }
            state.apply(change)
            for (field, edit) in change.textEdits {
                if change.folded != nil { return nil }
                texts[field, default: UnpurgedText()].add(edit, of: change, isRewritten: isRewritten(change, field))
            }
        }
        return (state, try texts.sorted { $0.key < $1.key }.map { ($0.key, try $0.value.merged()) })
    }

    /// Whether somebody began the text anew who had seen this change: what they wrote has its words.
    private func isRewritten(_ change: Change, _ field: Field) -> Bool {
        changes.contains { later in
            later.operations.contains { if case .revive(let seen) = $0 { seen.covers(change.stamp) } else { false } }
                && later.textEdits.contains { $0.field == field && $0.edit.parents.isEmpty }
        }
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
                lost[field, default: []] += edit.insertions
            }
        }
        return lost.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

/// A text without its purges, change by change in the order in which they took effect.
private struct UnpurgedText {
    private var edits: [TextChange] = []
    private var rewritten: Set<ChangeID> = []
    /// What was typed upon words that somebody wrote again by then, in a place that is not known any more.
    private var strays: [String] = []

    mutating func add(_ edit: TextEdit, of change: Change, isRewritten: Bool) {
        if isRewritten {
            rewritten.insert(change.id)
            return
        }
        var text = TextChange(change, edit)
        let known = Set(edits.map(\.id))
        text.parents = edit.parents.filter(known.contains)
        let isWhole = known.union(rewritten).isSuperset(of: edit.parents)
        let isStray = text.parents.isEmpty && !edit.parents.isEmpty
        if isWhole, isStray { strays += edit.insertions }
        if !isWhole || isStray { text.spans = [] }
        edits.append(text)
    }

    func merged() throws -> String {
        let text = try TextMerge.apply(edits, to: "", heads: [], history: NoHistory()).text
        return ([text] + strays).filter { !$0.isEmpty }.joined(separator: "\n")
    }
}

/// For a merge from the very beginning.
struct NoHistory: TextHistory {
    func node(_ id: ChangeID) throws -> TextNode? { nil }
}

extension TextEdit {
    fileprivate var insertions: [String] {
        spans.compactMap { if case .insert(_, let text) = $0 { text } else { nil } }
    }
}
