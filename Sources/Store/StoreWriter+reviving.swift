import EgWalker
import GRDB
public import Models

/// Records that were purged, and that somebody had touched who did not know of it.
///
/// A purge takes out what its author had seen, and that may be gone for good elsewhere. What is left of an edit that was
/// made upon it would be a torso, so whoever still has the rest writes the record again as it would stand had nobody
/// purged it. Who has nothing of it any more writes the typed words, for as long as nobody comes who has.
extension StoreWriter {
    /// Writes such records again; returns how many. Called once everything that is known has been read.
    ///
    /// - Parameter isAllSent: nothing is left to send, or may be. Otherwise those of which something is wait for that:
    ///   others who write them again meanwhile would make something else of them.
    @discardableResult
    public func reviveReturned(isAllSent: Bool) throws -> Int {
        guard try reader.loading() == nil else { return 0 }
        let waiting = isAllSent ? [] : try reader.recordsToSend()
        let returned = try reader.waitingToBeWrittenAgain().subtracting(waiting).sorted()
        var count = 0
        for start in stride(from: 0, to: returned.count, by: Limits.maximumRevivedCount) {
            let part = returned[start..<min(start + Limits.maximumRevivedCount, returned.count)]
            let changes = Dictionary(grouping: try reader.changes(to: Set(part)).map(\.change), by: \.record)
            for record in part {
                var isWritten = false
                try attempt { isWritten = try revive(record, RecordHistory(changes[record] ?? [])) }
                // What is written now is the last to be done about it, and what cannot be is not tried again.
                try db.run("DELETE FROM returned WHERE record = ?", [record.stored])
                if isWritten { count += 1 }
            }
        }
        return count
    }

    private func revive(_ id: RecordID, _ history: RecordHistory) throws -> Bool {
        // What somebody has deleted since is written again once it is taken out of the trash, if ever.
        guard let state = try reader.stateRow(id)?.state, !state.isDeleted, try !forbidsRevival(state) else {
            return false
        }
        if history.isDeletedButForRevival(state) {
            try change(id) { [.delete(seen: $0.seen)] }
            return true
        }
        let void = try voidEdits(of: id)
        let lacksRevival = history.lacksRevival(state, void: void)
        if lacksRevival, let whole = try history.unpurged(from: state, void: void) {
            try write(whole, inPlaceOf: state)
            return true
        }
        let stale = lacksRevival ? [] : history.staleSalvages(in: state, void: void)
        let lost = history.lost(of: void, in: state, lacksRevival: lacksRevival)
        for salvage in stale { try takeOut(salvage, of: state) }
        let hasWritten = try write(lost, of: history, to: id, isAllThereIs: lacksRevival)
        return hasWritten || !stale.isEmpty
    }

    /// Whether a purge names changes that this device has yet to write: what it wrote would be purged at once.
    private func forbidsRevival(_ state: RecordState) throws -> Bool {
        let reader = try reader
        let replica = try reader.notebook().replica
        let time = try reader.headAndTime(of: replica).time
        return state.purged.contains { $0.replica == replica && $0.time > time }
    }

    private func write(_ whole: RecordHistory.Whole, inPlaceOf state: RecordState) throws {
        // What somebody wrote who had nothing else is in the whole. It goes only after that is there.
        let emptied = try whole.texts.compactMap { try edit($0.field, of: state, to: "") }
        // Begun anew: of two that write the same again, unknown to each other, one is shown.
        let texts = whole.texts.map { Self.firstEdit($0.field, $0.text) }
        try change(state.id) { whole.state.restating(in: $0) + texts + [.revive(seen: $0.seen)] }
        if !emptied.isEmpty { try change(state.id) { emptied + [.salvage(seen: $0.seen)] } }
    }

    /// - Returns: whether there was anything to write.
    private func write(_ lost: [Change], of history: RecordHistory, to id: RecordID, isAllThereIs: Bool) throws -> Bool
    {
        guard let row = try reader.stateRow(id) else { return false }
        let fields = Set(lost.flatMap(\.textEdits).map(\.field)).sorted()
        let edits = try fields.compactMap { field in
            let kept = try reader.text(row: row.row, field: field) ?? ""
            let retold = isAllThereIs ? nil : try history.retold(field, with: lost)
            let text = try retold.map { try ThreeWayText.merge(base: $0.before, mine: kept, theirs: $0.after) } ?? kept
            let words = lost.flatMap(\.textEdits).filter { $0.field == field }.flatMap(\.edit.spans.insertions)
            let missing = words.filter { word in
                guard let (before, after) = retold else { return true }
                return after.contains(word) && !before.contains(word) && !text.contains(word)
            }
            let whole = ([text] + missing).filter { !$0.isEmpty }.joined(separator: "\n")
            return kept.isEmpty && !whole.isEmpty
                ? Self.firstEdit(field, whole) : try edit(field, of: row.state, to: whole)
        }
        if edits.isEmpty { return false }
        try change(id) { edits + [isAllThereIs ? .salvage(seen: $0.seen) : .revive(seen: $0.seen)] }
        return true
    }

    /// Takes the words out that somebody salvaged who did not know that they stand there.
    private func takeOut(_ salvage: Change, of state: RecordState) throws {
        let edits = salvage.textEdits.map { field, made in
            Models.Operation.edit(field, TextEdit(parents: [salvage.id], spans: made.spans.takingOutInsertions))
        }
        try change(state.id) { edits + [.salvage(seen: $0.seen)] }
    }

    /// The text edits of a record that count as empty.
    private func voidEdits(of record: RecordID) throws -> Set<ChangeID> {
        let sql = "SELECT replica, sequence FROM changes WHERE record = ? AND applied < 0"
        return Set(try db.all(sql, [record.stored]) { ChangeID(agent: $0.word(0), sequence: $0.word(1)) })
    }
}

extension StoreReader {
    /// The records that were purged and touched since, of which ``StoreWriter/reviveReturned(isAllSent:)`` has not yet
    /// seen whether they are whole.
    public func waitingToBeWrittenAgain() throws -> Set<RecordID> {
        Set(try db.all("SELECT record FROM returned") { try $0.record(0) })
    }
}
