import EgWalker
import GRDB
import Models

/// Records that were purged, and that somebody had touched who did not know of it.
///
/// A purge takes out what its author had seen, and that may be gone for good elsewhere. What is left of an edit that was
/// made upon it would be a torso, so whoever still has the rest writes the record again as it would stand had nobody
/// purged it. Who has nothing of it any more writes the typed words, for as long as nobody comes who has.
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
        if row.state.lacksRevival, let whole = try history.unpurged(from: row.state) {
            try write(whole, inPlaceOf: row.state)
        } else {
            let lost = history.insertions(of: try voidEdits(of: id), lostIn: row.state)
            let stale = row.state.lacksRevival ? [] : history.staleSalvages()
            if lost.isEmpty, stale.isEmpty { return false }
            for salvage in stale { try takeOut(salvage, of: row.state) }
            if !lost.isEmpty { try write(lost, to: id) }
        }
        // It is written again, and that is the last to be done about it.
        try db.run("DELETE FROM returned WHERE record = ?", [id.stored])
        return true
    }

    private func write(_ whole: RecordHistory.Whole, inPlaceOf state: RecordState) throws {
        // What somebody wrote who had nothing else is in the whole. It goes only after that is there.
        let emptied = try whole.texts.compactMap { try edit($0.field, of: state, to: "") }
        // Begun anew: of two that write the same again, unknown to each other, one is shown.
        let texts = whole.texts.map { Self.firstEdit($0.field, $0.text) }
        try change(state.id) { whole.state.restating(in: $0) + texts + [.revive(seen: $0.seen)] }
        if !emptied.isEmpty { try change(state.id) { emptied + [.salvage(seen: $0.seen)] } }
    }

    private func write(_ lost: [Field: [String]], to id: RecordID) throws {
        guard let row = try reader.stateRow(id) else { return }
        let edits = try lost.sorted { $0.key < $1.key }.compactMap { field, words in
            let kept = try reader.text(row: row.row, field: field) ?? ""
            let text = ([kept] + words).filter { !$0.isEmpty }.joined(separator: "\n")
            return kept.isEmpty ? Self.firstEdit(field, text) : try edit(field, of: row.state, to: text)
        }
        try change(id) { edits + [$0.lacksRevival ? .salvage(seen: $0.seen) : .revive(seen: $0.seen)] }
    }

    /// Takes the words out that somebody salvaged who did not know that they stand there.
    private func takeOut(_ salvage: Change, of state: RecordState) throws {
        let edits = try salvage.textEdits.compactMap { field, made in
            let text = try TextMerge.text(at: [salvage.id], history: LogTextHistory(db: db, of: state, field: field))
            return try edit(field, of: state, to: text.without(made.insertions), from: [salvage.id])
        }
        try change(state.id) { edits + [.salvage(seen: $0.seen)] }
    }

    /// The text edits of a record that count as empty.
    private func voidEdits(of record: RecordID) throws -> Set<ChangeID> {
        let sql = "SELECT replica, sequence FROM changes WHERE record = ? AND applied < 0"
        return Set(try db.all(sql, [record.stored]) { ChangeID(agent: $0.word(0), sequence: $0.word(1)) })
    }
}
