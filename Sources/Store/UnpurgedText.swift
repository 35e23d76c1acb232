import EgWalker
import Models

/// A text without its purges, put together change by change in the order in which they took effect.
struct UnpurgedText {
    /// What was made of the text as people knew it.
    private var edits: [TextChange] = []
    private var known: Set<ChangeID> = []
    /// Those whose authors knew of the purge: to them what nobody had written again counted as empty.
    private var later: Set<ChangeID> = []
    /// Of those, what is folded by now, and what was made upon that.
    private var gone: Set<ChangeID> = []
    /// What somebody salvaged who had nothing else, and what was made of that: a text of its own.
    private var branch: [TextChange] = []
    private var branchKnown: Set<ChangeID> = []
    private var salvages: [TextChange] = []
    /// What was salvaged beside something that stands in the text itself.
    private var salvagesInside: [TextChange] = []
    /// Typed where there is no place any more: the words around it are gone, or stand in a text that was begun anew.
    private var strays: [(stamp: Stamp, words: [String])] = []

    /// - Parameters:
    ///   - void: the edits that count as empty in the text as it is.
    ///   - isRewritten: The words stand in a text that somebody began anew.
    ///   - isAppended: Somebody who wrote the rest again put the words behind it.
    mutating func add(
        _ edit: TextEdit,
        of change: Change,
        void: Set<ChangeID>,
        isRewritten: Bool,
        isAppended: Bool
    ) {
        if isRewritten { return }
        var text = TextChange(change, edit)
        let isSalvage = change.salvaged != nil
        let standing = edit.parents.filter { !void.contains($0) }
        if branchKnown.isSuperset(of: standing), isSalvage || !standing.isEmpty {
            text.parents = standing
            if isSalvage { salvages.append(text) }
            branch.append(text)
            branchKnown.insert(change.id)
            return
        }
        let isLater = change.revived != nil || !later.isDisjoint(with: edit.parents)
        let hasLost = change.folded != nil || !gone.isDisjoint(with: edit.parents)
        if isLater {
            text.parents.removeAll { !known.contains($0) }
            later.insert(change.id)
            if hasLost { gone.insert(change.id) }
        }
        if !hasLost, known.isSuperset(of: text.parents) {
            edits.append(text)
            known.insert(change.id)
            if isSalvage { salvagesInside.append(text) }
        } else if !isAppended {
            strays.append((change.stamp, edit.spans.insertions))
        }
    }

    func merged() throws -> String {
        let whole = try merge(edits, without: salvagesInside, standingIn: nil)
        let misfits = edits.filter { whole.misfits.contains($0.id) }.flatMap(\.spans.insertions)
        let strays = strays.sorted { $0.stamp < $1.stamp }.flatMap(\.words)
        let text = ([whole.text] + misfits + strays).filter { !$0.isEmpty }.joined(separator: "\n")
        let rest = try whatBecame(ofSalvagedWordsIn: text)
        return [text, rest].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// What people made of salvaged words, without those words where `text` has them.
    private func whatBecame(ofSalvagedWordsIn text: String) throws -> String {
        let rest = try merge(branch, without: salvages, standingIn: text)
        let misfits = branch.filter { rest.misfits.contains($0.id) }.flatMap(\.spans.insertions)
        return ([rest.text] + misfits).flatMap(\.lines).joined(separator: "\n")
    }

    /// - Parameters:
    ///   - salvages: of `edits`, what somebody salvaged. It is taken out again where its words stand without it.
    ///   - text: where they have to stand; nil: in the text that these edits make.
    private func merge(
        _ edits: [TextChange],
        without salvages: [TextChange],
        standingIn text: String?
    ) throws -> TextMergeResult {
        func merge(without salvages: [TextChange]) throws -> TextMergeResult {
            let removals = salvages.enumerated().map { index, salvage in
                TextChange(
                    id: ChangeID(agent: .max, sequence: UInt64(index)),
                    parents: [salvage.id],
                    spans: salvage.spans.takingOutInsertions
                )
            }
            return try TextMerge.apply(edits + removals, to: "", heads: [], history: NoHistory())
        }
        let short = salvages.filter { $0.spans.count <= Limits.maximumTakenOutSpanCount }
        if short.isEmpty { return try merge(without: []) }
        let place = try text ?? merge(without: short).text
        return try merge(
            without: short.filter { $0.spans.insertions.allSatisfy { $0.lines.allSatisfy(place.contains) } }
        )
    }
}

/// For a merge from the very beginning.
struct NoHistory: TextHistory {
    func node(_ id: ChangeID) throws -> TextNode? { nil }
}

extension String {
    /// Those that have something in them.
    fileprivate var lines: [String] { split(separator: "\n").map(String.init) }
}

extension [TextSpan] {
    /// What they type, span by span.
    var insertions: [String] {
        compactMap { if case .insert(_, let text) = $0 { text } else { nil } }
    }

    /// Takes out again what these typed, in the text that they leave.
    var takingOutInsertions: [TextSpan] {
        var typed: [Range<Int>] = []
        for span in self {
            switch span {
            case .insert(let at, let text):
                let count = text.unicodeScalars.count
                typed = typed.flatMap { $0.parted(at: at, by: count) } + [at..<at + count]
            case .delete(let at, let count):
                typed = typed.map { $0.without(at..<at + count) }
            }
        }
        return typed.filter { !$0.isEmpty }.sorted { $0.lowerBound > $1.lowerBound }
            .map { .delete(at: $0.lowerBound, count: $0.count) }
    }
}

extension Range<Int> {
    /// As it stands once `count` more are put in at `place`.
    fileprivate func parted(at place: Int, by count: Int) -> [Range] {
        if place <= lowerBound { return [lowerBound + count..<upperBound + count] }
        if place >= upperBound { return [self] }
        return [lowerBound..<place, place + count..<upperBound + count]
    }

    /// As it stands once those are gone.
    fileprivate func without(_ gone: Range) -> Range {
        func moved(_ place: Int) -> Int { place - (gone.clamped(to: 0..<Swift.max(place, 0)).count) }
        return moved(lowerBound)..<moved(upperBound)
    }
}
