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
        if row.state.lacksRevival, let whole = try history.unpurged() {
            try write(whole, inPlaceOf: row.state)
        } else {
            let lost = history.insertions(of: try voidEdits(of: id), lostIn: row.state)
            if lost.isEmpty { return false }
            try write(lost, row)
        }
        // It is written again, and that is the last to be done about it.
        try db.run("DELETE FROM returned WHERE record = ?", [id.stored])
        return true
    }

    private func write(_ whole: RecordHistory.Whole, inPlaceOf state: RecordState) throws {
        // What somebody wrote who had nothing else is in the whole.
        let emptied = try whole.texts.compactMap { try edit($0.field, of: state, to: "") }
        if !emptied.isEmpty { try change(state.id) { emptied + [.salvage(seen: $0.seen)] } }
        // Begun anew: of two that write the same again, unknown to each other, one is shown.
        let texts = whole.texts.map { Self.firstEdit($0.field, $0.text) }
        try change(state.id) { whole.state.restating(in: $0) + texts + [.revive(seen: $0.seen)] }
    }

    private func write(_ lost: [(field: Field, words: [String])], _ row: StateRow) throws {
        let edits = try lost.compactMap { field, words in
            let kept = try reader.text(row: row.row, field: field) ?? ""
            let text = ([kept] + words).filter { !$0.isEmpty }.joined(separator: "\n")
            return try edit(field, of: row.state, to: text)
        }
        try change(row.state.id) { edits + [$0.lacksRevival ? .salvage(seen: $0.seen) : .revive(seen: $0.seen)] }
    }

    /// The text edits of a record that count as empty.
    private func voidEdits(of record: RecordID) throws -> Set<ChangeID> {
        let sql = "SELECT replica, sequence FROM changes WHERE record = ? AND applied < 0"
        return Set(try db.all(sql, [record.stored]) { ChangeID(agent: $0.word(0), sequence: $0.word(1)) })
    }
}

/// All changes to one record, in the order in which they took effect.
struct RecordHistory {
    private let changes: [Change]
    /// Those that wrote the record again, wholly or what is left.
    private let revivals: [Change]
    private let salvages: [Change]

    init(_ changes: [Change]) {
        self.changes = changes
        revivals = changes.filter { $0.revived != nil }
        salvages = changes.filter { $0.salvaged != nil }
    }

    /// A record as it would stand had nobody purged it.
    struct Whole {
        var state: RecordState
        var texts: [(field: Field, text: String)]
    }

    /// Nil where something of it is folded by now.
    func unpurged() throws -> Whole? {
        guard let first = changes.first else { return nil }
        var state = RecordState(before: first)
        var texts: [Field: UnpurgedText] = [:]
        let replaced = Set(changes.flatMap(\.replaced))
        for var change in changes {
            if change.folded != nil, !isDispensable(change, replaced) { return nil }
            change.operations.removeAll { if case .purge = $0 { true } else { false } }
            state.apply(change)
            for (field, edit) in change.textEdits {
                texts[field, default: UnpurgedText()].add(edit, of: change, isRewritten: isRewritten(change, field))
            }
        }
        return Whole(state: state, texts: try texts.sorted { $0.key < $1.key }.map { ($0.key, try $0.value.merged()) })
    }

    /// Whether a folded change is not missed: somebody replaced its values, or wrote them again.
    private func isDispensable(_ change: Change, _ replaced: Set<ReplacedValue>) -> Bool {
        if revivals.contains(where: { $0.revives(change) }) { return true }
        return change.operations.allSatisfy { operation in
            switch operation {
            case .set(let field, _, _): replaced.contains(ReplacedValue(field: field, stamp: change.stamp))
            case .include, .exclude, .edit: false
            case .delete, .restore, .purge, .revive, .salvage, .unknown: true
            }
        }
    }

    /// Whether somebody began the text anew who had seen this change: what they wrote has its words.
    private func isRewritten(_ change: Change, _ field: Field) -> Bool {
        revivals.contains { later in
            later.revives(change) && later.textEdits.contains { $0.field == field && $0.edit.parents.isEmpty }
        }
    }

    /// What was typed into texts that were purged, by people who did not know, and that nobody has written again.
    func insertions(
        of edits: Set<ChangeID>,
        lostIn state: RecordState
    ) -> [(field: Field, words: [String])] {
        var lost: [Field: [String]] = [:]
        for change in changes where edits.contains(change.id) && !state.isPurged(change) {
            if (revivals + salvages).contains(where: { $0.revives(change) || $0.salvages(change) }) { continue }
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
    /// Edits of what somebody wrote again by then, or wrote who had nothing else: their places are not known any more.
    private var astray: Set<ChangeID> = []
    /// What was typed in those.
    private var strays: [String] = []

    mutating func add(_ edit: TextEdit, of change: Change, isRewritten: Bool) {
        if isRewritten {
            rewritten.insert(change.id)
            return
        }
        var text = TextChange(change, edit)
        let known = Set(edits.map(\.id))
        text.parents = edit.parents.filter(known.contains)
        let isWhole = known.union(rewritten).union(astray).isSuperset(of: edit.parents)
        let isUponStray = !astray.isDisjoint(with: edit.parents) || text.parents.isEmpty && !edit.parents.isEmpty
        if change.salvaged != nil || isWhole && isUponStray {
            // Who salvages types nothing: it is in the edits that it saw.
            if change.salvaged == nil { strays += edit.insertions }
            astray.insert(change.id)
            return
        }
        if !isWhole { text.spans = [] }
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

/// A value of a register that somebody replaced.
private struct ReplacedValue: Hashable {
    var field: Field
    var stamp: Stamp
}

extension Change {
    /// What its author had seen who wrote the record again.
    fileprivate var revived: [Stamp]? {
        for case .revive(let seen) in operations { return seen }
        return nil
    }

    /// What its author had seen who wrote again what is left.
    fileprivate var salvaged: [Stamp]? {
        for case .salvage(let seen) in operations { return seen }
        return nil
    }

    fileprivate func revives(_ other: Change) -> Bool { revived?.covers(other.stamp) == true }

    fileprivate func salvages(_ other: Change) -> Bool { salvaged?.covers(other.stamp) == true }

    fileprivate var replaced: [ReplacedValue] {
        operations.flatMap { operation -> [ReplacedValue] in
            guard case .set(let field, _, let replaces) = operation else { return [] }
            return replaces.map { ReplacedValue(field: field, stamp: $0) }
        }
    }
}
