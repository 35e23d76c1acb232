public import EgWalker
import Foundation
import GRDB
public import Models

/// A record as a person sees it: its state and its merged text.
public struct RecordView: Sendable {
    public var state: RecordState
    /// The merging text of its kind; nil where it has none.
    public var text: String?
    /// What was written apart and not settled, in registers, texts and by deletes.
    public var conflictCount: Int

    public var id: RecordID { state.id }
}

extension StoreReader {
    private static let columns = "records.id, records.state, records.conflicts, texts.text"
    private static let source = "records LEFT JOIN texts ON texts.record = records.row"

    /// One record, deleted or not.
    public func record(_ id: RecordID) throws -> RecordView? {
        try views("WHERE records.id = ?", [id.stored]).first
    }

    /// The record that `name` means: a full id, or a handle of one to twelve characters.
    ///
    /// - Throws: ``StoreError/notFound(_:)``, ``StoreError/ambiguous(_:candidates:)``.
    public func resolve(_ name: String) throws -> RecordID {
        if let id = RecordID(name) {
            guard let row = try stateRow(id), !row.state.isPurged else { throw StoreError.notFound(name) }
            return id
        }
        guard let keys = Handle.keys(startingWith: name) else { throw StoreError.notFound(name) }
        let sql = """
            SELECT id FROM records WHERE handle BETWEEN ? AND ? AND kind <> 7 AND deleted IS NOT 0
            ORDER BY handle LIMIT 10
            """
        let ids = try db.all(sql, [keys.lowerBound, keys.upperBound]) { try $0.record(0) }
        guard let first = ids.first else { throw StoreError.notFound(name) }
        guard ids.count == 1 else { throw StoreError.ambiguous(name, candidates: ids) }
        return first
    }

    /// The shortest handle that means this record alone, four characters at least.
    public func handle(of id: RecordID) throws -> String {
        let key = Handle.key(of: id)
        let before: Int64? = try db.value(
            "SELECT handle FROM records WHERE handle < ? ORDER BY handle DESC LIMIT 1",
            [key]
        )
        let after: Int64? = try db.value("SELECT handle FROM records WHERE handle > ? ORDER BY handle LIMIT 1", [key])
        return Handle.text(of: id, length: Handle.length(of: key, before: before, after: after))
    }

    /// The live records of a kind that has few: events, sessions, devices.
    public func programme(_ kind: RecordKind) throws -> [RecordView] {
        precondition([.event, .session, .device].contains(kind), "there may be millions of these: use forEach")
        return try views("WHERE records.kind = \(kind.rawValue) AND deleted IS NULL ORDER BY records.id", [])
    }

    /// The live records that belong to `parent`: a session's notes and highlights, an event's
    /// sessions, a record's comments.
    public func children(of parent: RecordID) throws -> [RecordView] {
        try views("WHERE records.parent = ? AND deleted IS NULL ORDER BY records.id", [parent.stored])
    }

    /// What was deleted, the latest first.
    public func trash() throws -> [RecordView] {
        try views("WHERE deleted > 0 AND records.kind <> 7 ORDER BY deleted DESC, records.id", [])
    }

    /// The records that hold conflicts.
    public func conflicted() throws -> [RecordView] {
        try views("WHERE records.conflicts > 0 AND deleted IS NULL ORDER BY records.id", [])
    }

    public func conflictedCount() throws -> Int {
        try db.value("SELECT count(*) FROM records WHERE conflicts > 0 AND deleted IS NULL") ?? 0
    }

    /// Hands over the live records of `kinds` in the order of their ids, one at a time.
    public func forEach(_ kinds: [RecordKind], _ body: (RecordView) throws -> Void) throws {
        let sql = """
            SELECT \(Self.columns) FROM \(Self.source)
            WHERE (\(Self.isOf(kinds))) AND deleted IS NULL ORDER BY records.id
            """
        let rows = try db.rows(sql)
        while let row = try rows.next() { try body(try view(row)) }
    }

    /// How many live records there are of these kinds together.
    public func count(of kinds: [RecordKind]) throws -> Int {
        try db.value("SELECT count(*) FROM records WHERE (\(Self.isOf(kinds))) AND deleted IS NULL") ?? 0
    }

    /// SQLite would make a table of an IN each time.
    private static func isOf(_ kinds: [RecordKind]) -> String {
        kinds.map { "records.kind = \($0.rawValue)" }.joined(separator: " OR ")
    }

    /// The unsettled conflicts in a merging text.
    public func textConflicts(of state: RecordState, _ field: Field) throws -> [TextConflict] {
        guard let heads = state.textHeads(field)?.heads else { return [] }
        return try TextMerge.conflicts(heads: heads, history: LogTextHistory(db: db, of: state, field: field))
    }

    /// A merging text as it read at `version`.
    public func text(_ field: Field, at version: [ChangeID]) throws -> String {
        guard let first = version.first, let change = try change(ReplicaID(first.agent), first.sequence)?.change,
            let state = try stateRow(change.record)?.state
        else { return "" }
        return try TextMerge.text(at: version, history: LogTextHistory(db: db, of: state, field: field))
    }

    /// The name a replica's device gave itself.
    public func deviceName(of replica: ReplicaID) throws -> String? {
        try stateRow(.device(replica))?.state.text(.title)
    }

    private func views(_ condition: String, _ arguments: Arguments) throws -> [RecordView] {
        try db.all("SELECT \(Self.columns) FROM \(Self.source) \(condition)", arguments, read: view)
    }

    private func view(_ row: Columns) throws -> RecordView {
        let id = try row.record(0)
        return RecordView(
            state: try Self.state(row.bytes(1), of: id),
            text: row.ifPresent(3),
            conflictCount: row[2]
        )
    }
}
