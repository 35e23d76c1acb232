import EgWalker
import Models
import Wire

/// Changes of one log that are issued again, one by one in their order.
///
/// Pure: who issues the same changes again makes the same names and bytes (``Chain/successor(of:after:stampedAt:)``). A
/// name stands for all that is ever written under it, so that it never has two contents. That is one change at first, and
/// more of them the more there are: copies that went on differently have all but the last few in common.
struct Reissue {
    let replica: ReplicaID
    /// The ends of the logs that the changes stand in now.
    private(set) var heads: [Head] = []
    /// What each change is called now.
    private(set) var renames: [(old: ChangeID, new: ChangeID)] = []

    private let milliseconds: UInt64?
    private var clock: HybridClock
    private var renaming: Renaming
    private var names: ArraySlice<ReplicaID>

    /// - Parameters:
    ///   - log: what is issued again.
    ///   - common: the last change that stays as it is; nil where none does.
    ///   - milliseconds: as of when the changes are stamped again; nil: they keep their stamps.
    ///   - name: what to call a log instead that is to have the name that is handed in.
    init(
        _ log: [LoggedChange],
        of replica: ReplicaID,
        after common: Change?,
        stampedAt milliseconds: UInt64?,
        name: (ReplicaID) throws -> ReplicaID
    ) rethrows {
        (self.replica, self.milliseconds) = (replica, milliseconds)
        renaming = Renaming(common: common?.stamp)
        // Others may have one from the future.
        let isAhead = (common?.stamp.milliseconds ?? 0) > (milliseconds ?? 0) + Limits.maximumClockLeadMilliseconds
        clock = HybridClock(last: isAhead ? 0 : common?.time ?? 0)
        var names: [ReplicaID] = []
        var previous = ChangeID(agent: replica.rawValue, sequence: common?.sequence ?? 0)
        while names.count < log.count {
            let count = min(log.count - names.count, max(1, names.count / 32))
            let last = log[names.count + count - 1]
            let next = try name(Chain.successor(of: last.hash, after: previous, stampedAt: milliseconds))
            names += Array(repeating: next, count: count)
            previous = ChangeID(agent: next.rawValue, sequence: 0)
        }
        self.names = names[...]
    }

    /// The next change, as it is issued again.
    mutating func issue(_ logged: LoggedChange) -> LoggedChange {
        var change = logged.change
        let name = names.removeFirst()
        let isBegun = heads.last?.replica == name
        let previous = (isBegun ? heads.popLast() : nil) ?? Head(replica: name, sequence: 0, hash: .zero)
        (change.replica, change.sequence) = (name, previous.sequence + 1)
        change.operations = change.operations.map(renaming.renamed)
        if let milliseconds { change.time = clock.next(wallMilliseconds: milliseconds) }
        let new = LoggedChange(version: 0, change: change, previous: previous.hash)
        heads.append(Head(replica: name, sequence: change.sequence, hash: new.hash))
        renaming.rename(logged.change, to: change)
        renames.append((logged.change.id, change.id))
        return new
    }

    /// Another change of this device, with the new names of what it names.
    func renamed(_ logged: LoggedChange, after previous: ContentHash) -> LoggedChange {
        var change = logged.change
        change.operations = change.operations.map(renaming.renamed)
        if change == logged.change {
            return LoggedChange(version: 0, change: change, body: logged.body, previous: previous)
        }
        return LoggedChange(version: 0, change: change, previous: previous)
    }
}

/// What came here since the first change that is issued again was written.
struct Arrivals {
    private var ids: Set<ChangeID> = []
    private var replicas: Set<ReplicaID> = []
    /// Of these, those of which something was here when this device last wrote.
    private var seen: Set<ReplicaID> = []
    /// Those that are being loaded.
    private var partial: Set<ReplicaID> = []

    init(_ log: [LoggedChange], isOwn: (Change) -> Bool) {
        for logged in log {
            if isOwn(logged.change) {
                seen = replicas
                continue
            }
            ids.insert(logged.change.id)
            replicas.insert(logged.change.replica)
            if logged.hash == .zero { partial.insert(logged.change.replica) }
        }
    }

    func contains(_ change: ChangeID) -> Bool { ids.contains(change) }

    /// Whether this device wrote nothing since changes of `replica` came, if any did, and all of them are whole.
    func isSettled(_ replica: ReplicaID) -> Bool { !seen.contains(replica) && !partial.contains(replica) }
}

extension LoggedChange {
    fileprivate init(version: UInt64, change: Change, body: [UInt8]? = nil, previous: ContentHash) {
        let body = body ?? ChangeCodec.encode(change)
        let hash = Chain.hash(
            replica: change.replica,
            sequence: change.sequence,
            previous: previous,
            body: body
        )
        self.init(version: version, change: change, body: body, hash: hash)
    }
}

/// The new names of rewritten changes, for the references among them.
private struct Renaming {
    /// For each old stamp what somebody had seen of the record who had seen it: the last change that stays as it is, the
    /// last of each new log, and the new stamp.
    private var paths: [Stamp: [Stamp]] = [:]
    private var ends: [RecordID: [Stamp]] = [:]
    private var ids: [ChangeID: ChangeID] = [:]
    private let common: Stamp?

    init(common: Stamp?) { self.common = common }

    mutating func rename(_ old: Change, to new: Change) {
        var path = ends[old.record] ?? [common].compactMap(\.self)
        if path.last?.replica == new.replica { path.removeLast() }
        path.append(new.stamp)
        ends[old.record] = path
        paths[old.stamp] = path
        ids[old.id] = new.id
    }

    func renamed(_ operation: Models.Operation) -> Models.Operation {
        switch operation {
        case .set(let field, let value, let replaces): .set(field, value, replaces: renamed(replaces))
        case .include(let field, let element, let replaces): .include(field, element, replaces: renamed(replaces))
        case .exclude(let field, let element, let replaces): .exclude(field, element, replaces: renamed(replaces))
        case .delete(let seen): .delete(seen: renamedSeen(seen))
        case .restore(let replaces): .restore(replaces: renamed(replaces))
        case .purge(let seen): .purge(seen: renamedSeen(seen))
        case .revive(let seen): .revive(seen: renamedSeen(seen))
        case .edit(let field, let edit): .edit(field, renamed(edit))
        case .unknown: .unknown
        }
    }

    private func renamed(_ edit: TextEdit) -> TextEdit {
        var edit = edit
        edit.parents = edit.parents.map { ids[$0] ?? $0 }.sorted()
        return edit
    }

    /// What a delete saw under the old name it saw in parts: what stays there, and what goes on under new ones.
    private func renamedSeen(_ seen: [Stamp]) -> [Stamp] {
        seen.flatMap { paths[$0] ?? [$0] }.sorted { $0.replica < $1.replica }
    }

    private func renamed(_ stamps: [Stamp]) -> [Stamp] { stamps.map { paths[$0]?.last ?? $0 } }
}
