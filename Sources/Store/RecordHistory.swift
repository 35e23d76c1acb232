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
    ///
    /// - Parameter void: the text edits that count as empty.
    func unpurged(from now: RecordState, void: Set<ChangeID>) throws -> Whole? {
        guard let first = changes.first,
            changes.contains(where: { now.isPurged($0) && $0.folded == nil && $0.isContent })
        else { return nil }
        var state = RecordState(before: first)
        var texts: [Field: UnpurgedText] = [:]
        let replaced = Set(changes.flatMap(\.replaced))
        let retellings = revivals.filter { $0.folded == nil }.flatMap { revival in
            revival.textEdits.map { (author: revival, field: $0.field, beginsAnew: $0.edit.parents.isEmpty) }
        }
        for change in changes {
            state.apply(change.unpurged(replaced))
            for (field, edit) in change.textEdits {
                let writtenAgain = retellings.filter { $0.field == field && $0.author.covers(change) }
                texts[field, default: UnpurgedText()].add(
                    edit,
                    of: change,
                    void: void,
                    isRewritten: writtenAgain.contains(where: \.beginsAnew),
                    isAppended: !writtenAgain.isEmpty
                )
            }
        }
        return Whole(state: state, texts: try texts.sorted { $0.key < $1.key }.map { ($0.key, try $0.value.merged()) })
    }

    /// Whether the record is less than somebody knew it: nobody has written it again, or was purged who did, and what
    /// others built upon that stands without it.
    ///
    /// - Parameter void: the text edits that count as empty.
    func lacksRevival(_ state: RecordState, void: Set<ChangeID>) -> Bool {
        if state.lacksRevival { return true }
        let standing = revivals.filter { !state.isPurged($0) }
        return !standing.isEmpty && standing.allSatisfy { void.contains($0.id) && !$0.textEdits.isEmpty }
    }

    /// What was salvaged by somebody who did not know that the whole stood there by then.
    func staleSalvages(in state: RecordState, void: Set<ChangeID>) -> [Change] {
        let ends = revivals + salvages.filter { !$0.hasWords }
        return salvages.filter { salvage in
            salvage.hasWords && !state.isPurged(salvage) && !void.contains(salvage.id)
                && salvage.textEdits.allSatisfy { $0.edit.spans.count <= Limits.maximumTakenOutSpanCount }
                && !ends.contains { $0.covers(salvage) }
        }
    }

    /// What was done to texts that were purged, by people who did not know, and that nobody has written again. Where the
    /// whole stands, salvaged words go, so that they count for nothing.
    func lost(of void: Set<ChangeID>, in state: RecordState, lacksRevival: Bool) -> [Change] {
        let writers = lacksRevival ? revivals + salvages : revivals
        return changes.filter { change in
            void.contains(change.id) && !state.isPurged(change) && !writers.contains { $0.covers(change) }
        }
    }

    /// A text as it was when somebody wrote it again, and what it would be had they known of `lost`. Nil where too much
    /// is gone to tell.
    func retold(_ field: Field, with lost: [Change]) throws -> (before: String, after: String)? {
        let lost = Set(lost.map(\.id))
        var (before, after): ([TextChange], [TextChange]) = ([], [])
        var (known, knownToLost): (Set<ChangeID>, Set<ChangeID>) = ([], [])
        for change in changes where change.revived == nil && change.salvaged == nil {
            guard let edit = change.textEdits.first(where: { $0.field == field })?.edit else { continue }
            if revivals.contains(where: { $0.covers(change) }) {
                guard change.folded == nil, known.isSuperset(of: edit.parents) else { return nil }
                before.append(TextChange(change, edit))
                known.insert(change.id)
            } else if lost.contains(change.id) {
                guard known.union(knownToLost).isSuperset(of: edit.parents) else { return nil }
                after.append(TextChange(change, edit))
                knownToLost.insert(change.id)
            }
        }
        if known.isEmpty { return nil }
        return (try merged(before), try merged(before + after))
    }

    private func merged(_ edits: [TextChange]) throws -> String {
        try TextMerge.apply(edits, to: "", heads: [], history: NoHistory()).text
    }

    /// Whether the record is out of the trash for nothing but what the program wrote again of itself, for reasons that
    /// somebody knew who deleted it.
    func isDeletedButForRevival(_ state: RecordState) -> Bool {
        guard state.isReturned else { return false }
        let beyond = changes.filter { change in
            !change.isRemoval && !state.deletes.heads.contains { $0.content.covers(change.stamp) }
        }
        let itsOwn = Set(beyond.map(\.stamp))
        return beyond.allSatisfy { change in
            guard let seen = change.revived ?? change.salvaged, !isImport(change, seen) else { return false }
            return state.deletes.heads.contains { delete in
                seen.allSatisfy { itsOwn.contains($0) || delete.content.covers($0) }
            }
        }
    }

    /// Whether a person wrote the record of whom all was purged, and not the program what it found touched.
    private func isImport(_ change: Change, _ seen: [Stamp]) -> Bool {
        let purged = changes.filter { $0.stamp < change.stamp }.flatMap(\.purged)
        return purged.coversAll(seen)
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
    var revived: [Stamp]? {
        for case .revive(let seen) in operations { return seen }
        return nil
    }

    /// What it purges.
    fileprivate var purged: [Stamp] {
        operations.flatMap { if case .purge(let seen) = $0 { seen } else { [Stamp]() } }
    }

    /// What its author had seen who wrote again what is left.
    var salvaged: [Stamp]? {
        for case .salvage(let seen) in operations { return seen }
        return nil
    }

    /// Whether its author wrote something again who had seen `other`.
    fileprivate func covers(_ other: Change) -> Bool { (revived ?? salvaged)?.covers(other.stamp) == true }

    fileprivate var hasWords: Bool { textEdits.contains { !$0.edit.spans.insertions.isEmpty } }

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
