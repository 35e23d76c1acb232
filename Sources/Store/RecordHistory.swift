import EgWalker
import Models

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

    /// Nil where all that was purged is folded by now: others may have more of it.
    func unpurged(from now: RecordState) throws -> Whole? {
        guard let first = changes.first,
            changes.contains(where: { now.isPurged($0) && $0.folded == nil && $0.isContent })
        else { return nil }
        var state = RecordState(before: first)
        var texts: [Field: UnpurgedText] = [:]
        let replaced = Set(changes.flatMap(\.replaced))
        for change in changes {
            state.apply(change.unpurged(replaced))
            for (field, edit) in change.textEdits {
                texts[field, default: UnpurgedText()].add(edit, of: change, isRewritten: isRewritten(change, field))
            }
        }
        return Whole(state: state, texts: try texts.sorted { $0.key < $1.key }.map { ($0.key, try $0.value.merged()) })
    }

    /// What was salvaged by somebody who did not know that the whole stood there by then.
    func staleSalvages() -> [Change] {
        let ends = revivals + salvages.filter { !$0.hasWords }
        return salvages.filter { salvage in salvage.hasWords && !ends.contains { $0.covers(salvage) } }
    }

    /// Whether somebody began the text anew who had seen this change: what they wrote has its words.
    private func isRewritten(_ change: Change, _ field: Field) -> Bool {
        revivals.contains { later in
            later.covers(change) && later.textEdits.contains { $0.field == field && $0.edit.parents.isEmpty }
        }
    }

    /// What was typed into texts that were purged, by people who did not know, and that nobody has written again.
    func insertions(
        of edits: Set<ChangeID>,
        lostIn state: RecordState
    ) -> [Field: [String]] {
        var lost: [Field: [String]] = [:]
        for change in changes where edits.contains(change.id) && !state.isPurged(change) {
            if (revivals + salvages).contains(where: { $0.covers(change) }) { continue }
            for (field, edit) in change.textEdits {
                lost[field, default: []] += edit.insertions
            }
        }
        return lost.filter { !$0.value.isEmpty }
    }
}

/// A text without its purges, change by change in the order in which they took effect.
private struct UnpurgedText {
    private var edits: [TextChange] = []
    /// The edits whose words stand in a text that was begun anew.
    private var rewritten: Set<ChangeID> = []
    /// What somebody salvaged who had nothing else, and what was made of that: a text of its own.
    private var branch: [TextChange] = []
    private var salvaged: [String] = []
    /// What was typed upon words that somebody wrote again by then, in a place that is not known any more.
    private var strays: [(stamp: Stamp, words: [String])] = []

    mutating func add(_ edit: TextEdit, of change: Change, isRewritten: Bool) {
        let isSalvage = change.salvaged != nil
        if isRewritten || isSalvage && edit.insertions.isEmpty {
            rewritten.insert(change.id)
            return
        }
        var text = TextChange(change, edit)
        if isSalvage || branch.contains(where: { edit.parents.contains($0.id) }) {
            if isSalvage { salvaged += edit.insertions }
            text.parents = edit.parents.filter { parent in branch.contains { $0.id == parent } }
            branch.append(text)
            return
        }
        let known = Set(edits.map(\.id))
        text.parents = edit.parents.filter(known.contains)
        let isWhole = change.folded == nil && known.union(rewritten).isSuperset(of: edit.parents)
        let isStray = text.parents.isEmpty && !edit.parents.isEmpty
        if isWhole, isStray { strays.append((change.stamp, edit.insertions)) }
        if !isWhole || isStray { text.spans = [] }
        edits.append(text)
    }

    func merged() throws -> String {
        let text = try TextMerge.apply(edits, to: "", heads: [], history: NoHistory()).text
        let lines = salvaged.flatMap { $0.split(separator: "\n").map(String.init) }
        let rest = try TextMerge.apply(branch, to: "", heads: [], history: NoHistory()).text
            .without(lines.filter { text.contains($0) })
        let strays = strays.sorted { $0.stamp < $1.stamp }.flatMap(\.words)
        return ([text, rest] + strays).filter { !$0.isEmpty }.joined(separator: "\n")
    }
}

/// For a merge from the very beginning.
struct NoHistory: TextHistory {
    func node(_ id: ChangeID) throws -> TextNode? { nil }
}

extension TextEdit {
    /// What it types, span by span.
    var insertions: [String] {
        spans.compactMap { if case .insert(_, let text) = $0 { text } else { nil } }
    }
}

/// A value of a register that somebody replaced.
struct ReplacedValue: Hashable {
    var field: Field
    var stamp: Stamp
}

extension Change {
    /// As it is without its purges. A value that is folded by now replaces none that is still here.
    fileprivate func unpurged(_ replaced: Set<ReplacedValue>) -> Change {
        var change = self
        change.folded = nil
        change.operations.removeAll { operation in
            switch operation {
            case .purge: true
            case .set(let field, _, _): folded != nil && !replaced.contains(ReplacedValue(field: field, stamp: stamp))
            default: false
            }
        }
        return change
    }

    /// The values that its sets replace.
    var replaced: [ReplacedValue] {
        operations.flatMap { operation -> [ReplacedValue] in
            guard case .set(let field, _, let replaces) = operation else { return [] }
            return replaces.map { ReplacedValue(field: field, stamp: $0) }
        }
    }

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

    /// Whether its author wrote something again who had seen `other`.
    fileprivate func covers(_ other: Change) -> Bool { (revived ?? salvaged)?.covers(other.stamp) == true }

    fileprivate var hasWords: Bool { textEdits.contains { !$0.edit.insertions.isEmpty } }

    /// Whether it has a value or words.
    fileprivate var isContent: Bool {
        operations.contains { operation in
            switch operation {
            case .set, .include, .exclude, .edit: true
            case .delete, .restore, .purge, .revive, .salvage, .unknown: false
            }
        }
    }
}

extension String {
    /// Without the first of each of these that is in it.
    func without(_ parts: [String]) -> String {
        parts.reduce(into: self) { text, part in
            if let range = text.firstRange(of: part) { text.removeSubrange(range) }
        }
    }
}
