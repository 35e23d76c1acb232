import EgWalker
import Foundation
import GRDB
import Models
import Wire

/// What became of a text.
struct TextOutcome {
    var field: Field
    var text: String
    var conflictCount: Int
    /// Edits that do not fit the version they name.
    var misfits: [ChangeID]
}

/// The merged texts: what ``TextMerge`` makes of the log's edits.
struct TextTable {
    let db: Database

    /// Merges `changes`, in an order in which parents come first, into the text of `field` and
    /// moves its heads in `state`.
    func merge(
        _ changes: [TextChange],
        field: Field,
        of state: inout RecordState,
        row: Int64?
    ) throws -> TextOutcome {
        let heads = state.textHeads(field)?.heads ?? []
        let before = try row.flatMap { try current(row: $0, field: field) }
        let history = LogTextHistory(db: db, of: state, field: field)
        let text = try Self.sound(before?.text ?? "", state.textHeads(field), history)
        let merged = try TextMerge.apply(changes, to: text, heads: heads, history: history)
        let mayConflict = merged.metConcurrency || (before?.conflictCount ?? 0) > 0
        let conflictCount = try mayConflict ? TextMerge.conflicts(heads: merged.heads, history: history).count : 0
        state.setText(
            field,
            RecordState.TextHeads(
                heads: merged.heads,
                hash: Self.hash(of: merged.text),
                count: merged.text.unicodeScalars.count
            )
        )
        return TextOutcome(
            field: field,
            text: merged.text,
            conflictCount: conflictCount,
            misfits: merged.misfits
        )
    }

    /// What the state keeps of a merged text: the first 16 bytes of its SHA-256.
    static func hash(of text: String) -> [UInt8] { Array(ContentHash(digesting: Array(text.utf8)).bytes.prefix(16)) }

    /// A text as it was stored; from the log where the disk kept something else, so that nothing builds on that.
    static func sound(
        _ text: String,
        _ stored: RecordState.TextHeads?,
        _ history: LogTextHistory
    ) throws -> String {
        guard let stored, hash(of: text) != stored.hash else { return text }
        return try TextMerge.text(at: stored.heads, history: history)
    }

    private func current(row: Int64, field: Field) throws -> (text: String, conflictCount: Int)? {
        try db.first(
            "SELECT text, conflicts FROM texts WHERE record = ? AND field = ?",
            [row, Int64(field.rawValue)]
        ) { ($0[0], $0[1]) }
    }
}

/// A text's history, read from the log change by change as a merge asks for it.
struct LogTextHistory: TextHistory {
    let db: Database
    let record: RecordID
    let field: Field
    /// What a purge took out is none of the text's changes.
    let purged: [Stamp]

    init(db: Database, of state: RecordState, field: Field) {
        self.db = db
        record = state.id
        self.field = field
        purged = state.purged
    }

    func node(_ id: ChangeID) throws -> TextNode? {
        guard let (order, edit, change) = try edit(id) else { return nil }
        var node = TextNode(order: abs(order), change: TextChange(change, edit), isVoid: order < 0)
        // Where it does not fit because a parent is no edit of this text, it stands on the others.
        if node.isVoid { node.change.parents = try node.change.parents.filter(holds) }
        return node
    }

    /// Whether the change is one of this text's.
    func holds(_ id: ChangeID) throws -> Bool { try edit(id) != nil }

    private func edit(_ id: ChangeID) throws -> (order: Int, edit: TextEdit, change: Change)? {
        let sql = """
            SELECT applied, body FROM changes
            WHERE replica = ? AND sequence = ? AND record = ? AND applied IS NOT NULL
            """
        let row = try db.first(sql, [id.agent.stored, id.sequence.stored, record.stored]) {
            (order: $0[0] as Int, body: $0.bytes(1))
        }
        guard let row else { return nil }
        let change: Change
        do {
            change = try ChangeCodec.decode(row.body, replica: ReplicaID(id.agent), sequence: id.sequence)
        } catch {
            throw StoreError.corrupt("change \(id.sequence) of replica \(ReplicaID(id.agent)): \(error)")
        }
        guard !purged.covers(change.stamp), let edit = change.textEdits.first(where: { $0.field == field })?.edit else {
            return nil
        }
        return (row.order, edit, change)
    }
}
