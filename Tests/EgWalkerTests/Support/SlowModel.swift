import EgWalker

/// The obvious engine: one record for each scalar, linear scans, no runs, no base, no cuts, and each change's view of
/// the text counted afresh from the sets of its past. What the fast engine is held against.
struct SlowModel {
    enum Rule {
        case fugueMax
        /// The rule of Loro, so that it can be an oracle for this model.
        case fugue
    }

    struct Name: Hashable {
        var change: ChangeID
        var offset: Int
    }

    struct Record {
        var name: Name
        var scalar: Unicode.Scalar
        var leftOrigin: Name?
        var rightParent: Name?
        var deleters: Set<ChangeID> = []
    }

    private let rule: Rule
    private(set) var records: [Record] = []
    private var changes: [ChangeID: TextChange] = [:]
    private var pasts: [ChangeID: Set<ChangeID>] = [:]
    private var repairs: [[ChangeID]: Set<Name>] = [:]
    /// By change: what is left out there of equal beginnings.
    private var leftOut: [ChangeID: Set<Name>] = [:]
    private var misfits: Set<ChangeID> = []
    /// By change: what each span deleted, and the names of what it inserted.
    private var deleted: [ChangeID: [[Name]]] = [:]
    private var inserted: [ChangeID: [[Name]]] = [:]

    init(_ changes: [TextChange], rule: Rule = .fugueMax) {
        self.rule = rule
        for change in changes { apply(change) }
    }

    /// The text of a version. With several heads, with its repair if `isRepairing`.
    func text(at version: [ChangeID], isRepairing: Bool = true) -> String {
        let past = past(of: version)
        let hidden = hidden(at: version, isRepaired: isRepairing)
        return string(of: records.filter { state($0, past, hidden) == 1 }.map(\.scalar))
    }

    /// The scalars that a person sees at a version.
    func shown(at version: [ChangeID]) -> Set<Name> {
        let past = past(of: version)
        let hidden = hidden(at: version, isRepaired: true)
        return Set(records.filter { state($0, past, hidden) == 1 }.map(\.name))
    }

    /// What each insertion brought.
    var insertions: [(names: [Name], text: [Unicode.Scalar])] {
        let scalars = Dictionary(uniqueKeysWithValues: records.map { ($0.name, $0.scalar) })
        return inserted.values.joined().map { names in (names, names.compactMap { scalars[$0] }) }
    }

    func isMisfit(_ id: ChangeID) -> Bool { misfits.contains(id) }

    private func past(of version: [ChangeID]) -> Set<ChangeID> {
        version.reduce(into: []) { past, id in past.formUnion(pasts[id] ?? []) }
    }

    /// What is not shown at a version although nobody deleted it.
    private func hidden(at version: [ChangeID], isRepaired: Bool) -> Set<Name> {
        let past = past(of: version)
        var hidden = hiddenCopies(past)
        if isRepaired, version.count > 1 { hidden.formUnion(repair(of: version)) }
        return hidden.union(leftOut(at: version, isRepaired: isRepaired))
    }

    /// What the repairs that some change of `past` was made on take out.
    private func hiddenCopies(_ past: Set<ChangeID>) -> Set<Name> {
        past.reduce(into: []) { hidden, id in
            if let change = changes[id], change.isRepaired { hidden.formUnion(repairs[change.parents] ?? []) }
        }
    }

    private func leftOut(at version: [ChangeID], isRepaired: Bool) -> Set<Name> {
        if isRepaired, version.count > 1 { return surplusBeginnings(of: past(of: version)) }
        let all = version.reduce(into: Set<Name>()) { $0.formUnion(leftOut[$1] ?? []) }
        return all.filter { name in
            version.allSatisfy { leftOut[$0]?.contains(name) == true || pasts[$0]?.contains(name.change) != true }
        }
    }

    /// 0 not inserted, 1 visible, more: deleted.
    private func state(_ record: Record, _ past: Set<ChangeID>, _ hidden: Set<Name>) -> Int {
        guard past.contains(record.name.change) else { return 0 }
        return 1 + record.deleters.intersection(past).count + (hidden.contains(record.name) ? 1 : 0)
    }

    // MARK: Applying

    private mutating func apply(_ change: TextChange) {
        let parents = past(of: change.parents)
        let repaired = change.isRepaired && change.parents.count > 1
        if repaired, repairs[change.parents] == nil { repairs[change.parents] = repair(of: change.parents) }
        let leftOut = leftOut(at: change.parents, isRepaired: repaired)
        var hidden = hiddenCopies(parents).union(leftOut)
        if repaired { hidden.formUnion(repairs[change.parents] ?? []) }
        self.leftOut[change.id] = leftOut
        changes[change.id] = change
        pasts[change.id] = parents.union([change.id])
        let text = records.filter { state($0, parents, hidden) == 1 }.map(\.scalar)
        guard splicing(change.spans, into: text) != nil else {
            misfits.insert(change.id)
            return
        }
        // A change's own records and deletions are in its own past, and so in its view, at once.
        let view = parents.union([change.id])
        var offset = 0
        for span in change.spans {
            switch span {
            case .insert(let at, let text):
                let names = text.unicodeScalars.enumerated().map { index, scalar in
                    insert(scalar, Name(change: change.id, offset: offset + index), at: at + index, view, hidden)
                }
                offset += names.count
                inserted[change.id, default: []].append(names)
                deleted[change.id, default: []].append([])
            case .delete(let at, let count):
                let targets = records.indices.filter { state(records[$0], view, hidden) == 1 }[at..<at + count]
                for index in targets { records[index].deleters.insert(change.id) }
                deleted[change.id, default: []].append(targets.map { records[$0].name })
                inserted[change.id, default: []].append([])
            }
        }
    }

    private mutating func insert(
        _ scalar: Unicode.Scalar,
        _ name: Name,
        at position: Int,
        _ view: Set<ChangeID>,
        _ hidden: Set<Name>
    ) -> Name {
        var place = 0
        var seen = 0
        while seen < position {
            if state(records[place], view, hidden) == 1 { seen += 1 }
            place += 1
        }
        let left = place > 0 ? records[place - 1].name : nil
        var stop = place
        while stop < records.count, state(records[stop], view, hidden) == 0 { stop += 1 }
        var right = stop < records.count ? records[stop].name : nil
        if rule == .fugue, stop < records.count, records[stop].leftOrigin != left { right = nil }
        func index(_ name: Name?, none: Int) -> Int {
            guard let name else { return none }
            return records.firstIndex { $0.name == name } ?? none
        }
        var here = place
        var isHolding = false
        for current in place..<stop {
            let other = records[current]
            let otherLeft = index(other.leftOrigin, none: -1)
            if otherLeft < place - 1 { break }
            if otherLeft == place - 1 {
                let otherRight = index(other.rightParent, none: records.count)
                let ownRight = index(right, none: records.count)
                if otherRight == ownRight, isSmaller(name, other.name) { break }
                isHolding = otherRight < ownRight
            }
            if !isHolding { here = current + 1 }
        }
        records.insert(Record(name: name, scalar: scalar, leftOrigin: left, rightParent: right), at: here)
        return name
    }

    private func isSmaller(_ left: Name, _ right: Name) -> Bool {
        left.change == right.change ? left.offset < right.offset : left.change < right.change
    }

    // MARK: Repairs

    /// The latest change that all others of the past are before or after; nil is the root.
    private func start(of past: Set<ChangeID>) -> ChangeID? {
        past.filter { id in
            past.allSatisfy { pasts[id]?.contains($0) == true || pasts[$0]?.contains(id) == true }
        }.max { (pasts[$0]?.count ?? 0) < (pasts[$1]?.count ?? 0) }
    }

    private func repair(of version: [ChangeID]) -> Set<Name> {
        let past = past(of: version)
        let hidden = hiddenCopies(past)
        let before = start(of: past).flatMap { pasts[$0] } ?? []
        let visible = Set(records.filter { state($0, past, hidden) == 1 }.map(\.name))
        let scalars = Dictionary(uniqueKeysWithValues: records.map { ($0.name, $0.scalar) })
        struct Key: Hashable {
            var deleted: Set<Name>
            var text: [Unicode.Scalar?]
        }
        var copies: [Key: [[Name]]] = [:]
        for id in past.subtracting(before).sorted() where !misfits.contains(id) {
            guard let change = changes[id] else { continue }
            for index in change.spans.indices.dropLast() {
                guard case .delete(let at, let count) = change.spans[index], count > 0,
                    case .insert(at, _) = change.spans[index + 1],
                    let names = inserted[id]?[index + 1], let targets = deleted[id]?[index],
                    names.allSatisfy(visible.contains)
                else { continue }
                copies[Key(deleted: Set(targets), text: names.map { scalars[$0] }), default: []].append(names)
            }
        }
        return Set(copies.values.flatMap { $0.dropFirst().joined() })
    }

    /// Of equal texts that the text was begun with, those that are not shown.
    private func surplusBeginnings(of past: Set<ChangeID>) -> Set<Name> {
        var beginnings: [[Unicode.Scalar]: [ChangeID]] = [:]
        for id in past.sorted() where !misfits.contains(id) {
            guard let change = changes[id], change.parents.isEmpty else { continue }
            let spans = change.spans.filter {
                switch $0 {
                case .insert(_, let text): !text.isEmpty
                case .delete(_, let count): count > 0
                }
            }
            guard spans.count == 1, case .insert(_, let text) = spans[0] else { continue }
            beginnings[Array(text.unicodeScalars), default: []].append(id)
        }
        let own = Dictionary(grouping: records, by: \.name.change)
        var surplus: Set<Name> = []
        for equal in beginnings.values where equal.count > 1 {
            func isBuiltOn(_ id: ChangeID) -> Bool {
                past.contains { other in
                    guard other != id, let had = pasts[other], had.contains(id), !had.isSuperset(of: equal) else {
                        return false
                    }
                    return leftOut[other]?.contains { $0.change == id } != true
                }
            }
            func isWhole(_ id: ChangeID) -> Bool {
                own[id]?.allSatisfy { $0.deleters.isDisjoint(with: past) } == true
            }
            let whole = equal.filter(isWhole)
            var staying = equal.filter { !isWhole($0) }
            for id in whole.filter(isBuiltOn) + whole.filter({ !isBuiltOn($0) }) {
                let hasReason = staying.contains { kept in
                    own[kept]?.contains { record in
                        record.deleters.intersection(past).allSatisfy { pasts[$0]?.contains(id) == true }
                    } == true
                }
                if hasReason { surplus.formUnion((own[id] ?? []).map(\.name)) } else { staying.append(id) }
            }
        }
        return surplus
    }
}
