import Digest
import EgWalker
import Foundation
import GRDB
import Models
import Wire

/// Appends changes to the log and takes them into the state, inside the caller's transaction.
///
/// Order: the log row is written at once, the touched records are kept here and written by
/// ``finish()``, so that a pull of many changes to one note merges its text once. A change whose
/// text was edited from a version that is not here waits in the log (`applied` is null), and with
/// it the later changes of its replica to the same record.
struct Applier {
    private let db: Database
    private let table: StateTable
    private var records: [RecordID: Touched] = [:]
    private var version: UInt64
    private var logHash: ContentHash
    private var hasWaiting: Bool
    private var lateCount: UInt64 = 0
    /// Text edits that do not fit the version they name: they change nothing, on any replica.
    private(set) var misfits: [ChangeID] = []

    /// Records of a person that were live and are in the trash now.
    private(set) var deletedRows: Set<Int64> = []

    /// Records held before they are written, so that memory stays bounded.
    private static let maximumHeldCount = 2000

    private struct Touched {
        var old: StateRow?
        var state: RecordState
        var edits: [(field: Field, change: TextChange)] = []
        /// Something was purged: the texts are merged anew, from what is left of them in the log.
        var mergesAnew = false
    }

    init(db: Database) throws {
        self.db = db
        table = StateTable(db: db)
        let reader = StoreReader(db: db)
        (version, logHash) = try reader.logEnd()
        hasWaiting = try Self.hasWaiting(db)
    }

    private static func hasWaiting(_ db: Database) throws -> Bool {
        try db.value("SELECT EXISTS (SELECT 1 FROM changes WHERE applied IS NULL)") ?? false
    }

    /// Appends `change`, whose number follows its replica's head (the caller has checked), and
    /// applies it or lets it wait.
    mutating func append(_ change: Change, body: [UInt8], hash: ContentHash) throws {
        precondition(db.isInsideTransaction, "append belongs in the transaction that applies the change")
        version += 1
        logHash = Chain.logHash(previous: logHash, change: hash)
        let waits = try mustWait(change)
        hasWaiting = hasWaiting || waits
        try db.run(
            """
            INSERT INTO changes (version, replica, sequence, time, record, hash, log_hash, applied, body)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                version.stored, change.replica.rawValue.stored, change.sequence.stored, change.time.stored,
                change.record.stored, hash.stored, logHash.stored, waits ? nil : order(of: version).stored,
                Blob(body),
            ]
        )
        if !waits { try takeIn(change) }
    }

    /// Writes the records that were touched, and lets in what waited for them.
    mutating func finish() throws {
        try save()
        if hasWaiting { try admitWaiting() }
    }

    /// The state of `record` with everything appended so far.
    mutating func state(of record: RecordID) throws -> RecordState? {
        try save()
        return try StoreReader(db: db).stateRow(record)?.state
    }

    /// Takes every change of the log in again, in its order, into empty tables.
    mutating func replay() throws {
        let rows = try db.rows("SELECT version, replica, sequence, body, hash FROM changes ORDER BY version")
        try db.run("UPDATE changes SET applied = NULL")
        while let row = try rows.next() {
            let logged = try StoreReader.loggedChange(row)
            if try mustWait(logged.change) {
                hasWaiting = true
                continue
            }
            try setApplied(logged.change, order(of: logged.version))
            try takeIn(logged.change)
        }
        try finish()
    }

    // MARK: - One change

    /// Room for 2^20 late changes between two versions, so that one integer orders both.
    private func order(of version: UInt64) -> UInt64 { version << 20 }

    private mutating func takeIn(_ change: Change) throws {
        var touched = try records[change.record] ?? load(change)
        touched.state.apply(change)
        if change.purges {
            touched.mergesAnew = true
            touched.edits = []
            touched.state.texts = []
        }
        if !touched.mergesAnew { try takeIn(change, into: &touched) }
        records[change.record] = touched
        if records.count > Self.maximumHeldCount { try save() }
    }

    private mutating func takeIn(_ change: Change, into touched: inout Touched) throws {
        if touched.state.isPurged(change) { return }
        for (field, edit) in change.textEdits {
            touched.edits.append((field, try fitted(edit, of: change, field, touched)))
        }
    }

    /// The edit as its text's history takes it. One that names a parent which is no edit of this very text
    /// fits nothing: it counts as empty, and so it does on every replica.
    private mutating func fitted(
        _ edit: TextEdit,
        of change: Change,
        _ field: Field,
        _ touched: Touched
    ) throws -> TextChange {
        let heads = touched.state.textHeads(field)?.heads ?? []
        let history = LogTextHistory(db: db, of: touched.state, field: field)
        let known = try edit.parents.filter { parent in
            if heads.contains(parent) { return true }
            // The newest first: a pull of many edits to one text is mostly a chain.
            if touched.edits.last(where: { $0.field == field && $0.change.id == parent }) != nil { return true }
            return try history.holds(parent)
        }
        if known.count == edit.parents.count { return TextChange(change, edit) }
        // One upon what was purged is nobody's fault.
        if touched.state.purged.isEmpty { misfits.append(change.id) }
        try setVoid(change.id)
        var void = TextChange(change, edit)
        (void.parents, void.spans) = (known, [])
        return void
    }

    private func load(_ change: Change) throws -> Touched {
        if let old = try StoreReader(db: db).stateRow(change.record) { return Touched(old: old, state: old.state) }
        return Touched(state: RecordState(before: change))
    }

    // MARK: - Waiting for parents

    private func mustWait(_ change: Change) throws -> Bool {
        if hasWaiting, try waitsBehind(change) { return true }
        for case .edit(_, let edit) in change.operations {
            for parent in edit.parents where try !isApplied(parent) { return true }
        }
        return false
    }

    private func waitsBehind(_ change: Change) throws -> Bool {
        try db.value(
            """
            SELECT EXISTS (SELECT 1 FROM changes INDEXED BY changes_waiting
            WHERE applied IS NULL AND replica = ? AND sequence < ? AND record = ?)
            """,
            [change.replica.rawValue.stored, change.sequence.stored, change.record.stored]
        ) ?? false
    }

    private func isApplied(_ id: ChangeID) throws -> Bool {
        try db.value(
            "SELECT applied IS NOT NULL FROM changes WHERE replica = ? AND sequence = ?",
            [id.agent.stored, id.sequence.stored]
        ) ?? false
    }

    private func setApplied(_ change: Change, _ order: UInt64) throws {
        try db.run(
            "UPDATE changes SET applied = ? WHERE replica = ? AND sequence = ?",
            [order.stored, change.replica.rawValue.stored, change.sequence.stored]
        )
    }

    /// A text edit that does not fit counts as empty, here and on every replica; a merge of a part of
    /// the history could not tell again, so the log remembers it as a negative order.
    private func setVoid(_ id: ChangeID) throws {
        try db.run(
            "UPDATE changes SET applied = -abs(applied) WHERE replica = ? AND sequence = ?",
            [id.agent.stored, id.sequence.stored]
        )
    }

    private mutating func admitWaiting() throws {
        var progressed = true
        while progressed {
            progressed = false
            // Their numbers alone: a file of a stranger may hold any amount that waits for good.
            let waiting = try db.all(
                """
                SELECT replica, sequence FROM changes INDEXED BY changes_waiting
                WHERE applied IS NULL ORDER BY replica, sequence
                """
            ) { (replica: ReplicaID($0.word(0)), sequence: $0.word(1)) }
            for (replica, sequence) in waiting {
                guard let logged = try StoreReader(db: db).change(replica, sequence), try !mustWait(logged.change)
                else { continue }
                lateCount += 1
                try setApplied(logged.change, order(of: version) + lateCount)
                try takeIn(logged.change)
                progressed = true
            }
            try save()
        }
        hasWaiting = try Self.hasWaiting(db)
    }

    // MARK: - Writing states

    private mutating func save() throws {
        var touched = records
        records = [:]
        try collectEdits(of: &touched)
        for (_, record) in touched.sorted(by: { $0.key < $1.key }) { try save(record) }
    }

    /// Reads the log once for all records whose texts are merged anew.
    private mutating func collectEdits(of touched: inout [RecordID: Touched]) throws {
        let purged = touched.filter(\.value.mergesAnew)
        if purged.isEmpty { return }
        for record in purged.keys {
            try db.run("UPDATE changes SET applied = abs(applied) WHERE record = ? AND applied < 0", [record.stored])
        }
        for logged in try StoreReader(db: db).changes(to: Set(purged.keys)) {
            guard var one = touched[logged.change.record] else { continue }
            try takeIn(logged.change, into: &one)
            touched[logged.change.record] = one
        }
        for case let row? in purged.values.map({ $0.old?.row }) {
            try db.run("DELETE FROM texts WHERE record = ?", [row])
        }
    }

    private mutating func save(_ touched: Touched) throws {
        var state = touched.state
        var texts: [TextOutcome] = []
        let fields = Set(touched.edits.map(\.field)).sorted()
        for field in fields {
            let changes = touched.edits.filter { $0.field == field }.map(\.change)
            let outcome = try TextTable(db: db).merge(changes, field: field, of: &state, row: touched.old?.row)
            if state.purged.isEmpty { misfits += outcome.misfits }
            try outcome.misfits.forEach(setVoid)
            texts.append(outcome)
        }
        let textConflictCount =
            try texts.isEmpty ? table.textConflictCount(row: touched.old?.row) : texts.map(\.conflictCount).reduce(0, +)
        let row = try table.save(state, replacing: touched.old, textConflictCount: textConflictCount)
        if let old = touched.old, RecordKind.personal.contains(state.kind), old.state.isDeleted != state.isDeleted {
            if state.isDeleted { deletedRows.insert(row) } else { deletedRows.remove(row) }
        }
        if !state.purged.isEmpty { try table.noteReturned(state) }
        for text in texts {
            try table.saveText(text.text, row: row, field: text.field, conflictCount: text.conflictCount)
        }
    }
}

extension Change {
    var purges: Bool { operations.contains { if case .purge = $0 { true } else { false } } }

    /// Its edits of merging texts. Of several for one field the last counts, as with registers.
    var textEdits: [(field: Field, edit: TextEdit)] {
        var edits: [(field: Field, edit: TextEdit)] = []
        for case .edit(let field, let edit) in operations {
            edits.removeAll { $0.field == field }
            edits.append((field, edit))
        }
        return edits
    }
}

extension TextChange {
    init(_ change: Change, _ edit: TextEdit) {
        self.init(
            id: change.id,
            parents: edit.parents,
            isRepaired: edit.isRepaired,
            settles: edit.settles,
            spans: edit.spans
        )
    }
}
