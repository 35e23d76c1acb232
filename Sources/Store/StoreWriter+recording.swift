public import EgWalker
import Foundation
import GRDB
public import Models
import Wire

/// Saves of this device.
extension StoreWriter {
    /// Makes a record of `kind` from `operations`; returns its id.
    @discardableResult
    public func create(_ kind: RecordKind, id: RecordID? = nil, _ operations: [Models.Operation]) throws -> RecordID {
        let id = id ?? surroundings.newRecordID()
        try record(operations, on: id, kind: kind)
        return id
    }

    /// Changes a record: `operations` follow from the state they are handed. Writes nothing where
    /// there are none.
    public func change(
        _ id: RecordID,
        _ operations: (RecordState) throws -> [Models.Operation]
    ) throws {
        guard let state = try reader.stateRow(id)?.state else { throw StoreError.notFound("\(id)") }
        var operations = try operations(state)
        // Whoever writes a record that is known to be purged, by an import, writes it again.
        if state.isPurged, !operations.isEmpty { operations.append(.revive(seen: state.seen)) }
        if !operations.isEmpty { try record(operations, on: id, kind: state.kind, seen: state.latestTime) }
    }

    /// The edit that makes a merging text read `text`, for an author who saw it at `base` (now, if
    /// nil). Nil where that changes nothing and settles nothing.
    public func edit(
        _ field: Field,
        of state: RecordState,
        to text: String,
        from base: [ChangeID]? = nil,
        settles: Bool = false
    ) throws -> Models.Operation? {
        let reader = try reader
        let heads = state.textHeads(field)?.heads ?? []
        let base = base ?? heads
        let history = LogTextHistory(db: db, of: state, field: field)
        var (seen, text) = ("", text)
        if base == heads {
            let shown = try reader.stateRow(state.id).flatMap { try reader.text(row: $0.row, field: field) } ?? ""
            seen = try TextTable.sound(shown, state.textHeads(field), history)
            text = try ThreeWayText.merge(base: shown, mine: text, theirs: seen)
        } else {
            seen = try TextMerge.text(at: base, history: history)
        }
        let spans = WordDiff.spans(from: seen, to: text)
        guard !spans.isEmpty || settles else { return nil }
        return .edit(
            field,
            TextEdit(parents: base, isRepaired: base.count > 1, settles: settles, spans: spans)
        )
    }

    /// The edit that begins a merging text.
    public static func firstEdit(_ field: Field, _ text: String) -> Models.Operation {
        .edit(field, TextEdit(parents: [], spans: text.isEmpty ? [] : [.insert(at: 0, text: text)]))
    }

    /// Appends one change of this replica and applies it.
    private func record(
        _ operations: [Models.Operation],
        on record: RecordID,
        kind: RecordKind,
        seen: UInt64 = 0
    ) throws {
        let reader = try reader
        let replica = try reader.notebook().replica
        let (head, time) = try reader.headAndTime(of: replica)
        var clock = HybridClock(last: time)
        let change = Change(
            replica: replica,
            sequence: head.sequence + 1,
            time: clock.next(wallMilliseconds: try reader.serverTime(surroundings.now()), seen: seen),
            record: record,
            kind: kind,
            operations: operations
        )
        do {
            try change.validate()
        } catch {
            throw StoreError.invalid(error)
        }
        let body = ChangeCodec.encode(change)
        guard body.count <= Limits.maximumChangeBytes else { throw StoreError.invalid(InvalidChange(.textTooLong)) }
        let hash = Chain.hash(replica: replica, sequence: change.sequence, previous: head.hash, body: body)
        try withApplier { try $0.append(change, body: body, hash: hash) }
        try flush()
        // Others' edits of the same transaction count as empty where they do not fit; this device's own is refused.
        if misfits.contains(where: { $0 == (replica, change.sequence) }) {
            throw StoreError.textDoesNotFit("\(record)")
        }
    }
}
