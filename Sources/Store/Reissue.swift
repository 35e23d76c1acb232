import EgWalker
import Models
import Wire

/// Changes of this device that are issued again, one by one in the order of writing.
///
/// Pure: who issues the same changes again makes the same names and bytes (``Chain/successor(of:after:stampedAt:)``). A
/// name stands for all that is ever written under it, so that it never has two contents. That is one change for each of the
/// first (`Limits.singlyNamedCount`), and more of them the more there are: copies that went on differently have all but
/// the last few in common.
struct Reissue {
    /// The ends of the logs that the changes stand in now.
    private(set) var heads: [Head] = []
    /// What each change is called now.
    private(set) var renames: [(old: ChangeID, new: ChangeID)] = []

    private let milliseconds: UInt64?
    /// Of each log of which nothing was issued again yet, what it comes after.
    private var commons: [ReplicaID: Stamp]
    private var time: UInt64 = 0
    private var renaming: Renaming
    private var names: ArraySlice<ReplicaID>

    /// - Parameters:
    ///   - log: what is issued again.
    ///   - commons: of each log that a part of it comes from, the last change that stays as it is; nil where none does.
    ///   - milliseconds: as of when those are stamped again that lie ahead of it; nil: they keep their stamps.
    ///   - name: what to call a log instead that is to have the name that is handed in.
    init(
        _ log: [LoggedChange],
        after commons: [ReplicaID: Change?],
        stampedAt milliseconds: UInt64?,
        name: (ReplicaID) throws -> ReplicaID
    ) rethrows {
        self.milliseconds = milliseconds
        renaming = Renaming(commons: commons.mapValues { $0?.stamp })
        self.commons = commons.compactMapValues { $0?.stamp }
        var names: [ReplicaID] = []
        while names.count < log.count {
            let isFew = names.count < Limits.singlyNamedCount
            let group = log[names.count...].prefix(isFew ? 1 : names.count / 8)
            let own = Chain.successor(of: group.map(\.hash), after: names.last, stampedAt: milliseconds)
            names += Array(repeating: try name(own), count: group.count)
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
        change.operations = renaming.renamed(change)
        change.time = next(change, after: commons.removeValue(forKey: logged.change.replica))
        let new = LoggedChange(version: 0, change: change, previous: previous.hash)
        heads.append(Head(replica: name, sequence: change.sequence, hash: new.hash))
        renaming.rename(logged.change, to: change)
        renames.append((logged.change.id, change.id))
        return new
    }

    /// Later than the one before and than what it follows, and no further ahead than is accepted. It hangs on nothing
    /// that the name does not stand for.
    private mutating func next(_ change: Change, after common: Stamp?) -> UInt64 {
        var wanted = change.time
        let latest = (milliseconds ?? 0) + Limits.maximumClockLeadMilliseconds
        if milliseconds != nil, change.stamp.milliseconds > latest { wanted = (milliseconds ?? 0) << 16 + 1 }
        // Others may have one from the future.
        if let common, common.milliseconds <= latest { time = max(time, common.time) }
        time = max(wanted, time + 1)
        return time
    }

    /// Another change of this device, with the new names of what it names.
    func renamed(_ logged: LoggedChange, after previous: ContentHash) -> LoggedChange {
        var change = logged.change
        change.operations = renaming.renamed(change)
        if change == logged.change {
            return LoggedChange(version: 0, change: change, body: logged.body, previous: previous)
        }
        return LoggedChange(version: 0, change: change, previous: previous)
    }
}

/// What came here since the first change that is issued again was written.
struct Arrivals {
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
            replicas.insert(logged.change.replica)
            if logged.hash == .zero { partial.insert(logged.change.replica) }
        }
    }

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
    /// The last change of each old log that stays as it is.
    private let commons: [ReplicaID: Stamp?]
    /// Of each record the last change in each new log.
    private var ends: [RecordID: [Stamp]] = [:]
    private var stamps: [Stamp: Stamp] = [:]
    private var ids: [ChangeID: ChangeID] = [:]

    init(commons: [ReplicaID: Stamp?]) { self.commons = commons }

    mutating func rename(_ old: Change, to new: Change) {
        var end = ends[old.record] ?? []
        if end.last?.replica == new.replica { end.removeLast() }
        end.append(new.stamp)
        ends[old.record] = end
        stamps[old.stamp] = new.stamp
        ids[old.id] = new.id
    }

    func renamed(_ change: Change) -> [Models.Operation] {
        change.operations.map { operation in
            switch operation {
            case .set(let field, let value, let replaces): .set(field, value, replaces: renamed(replaces))
            case .include(let field, let element, let replaces): .include(field, element, replaces: renamed(replaces))
            case .exclude(let field, let element, let replaces): .exclude(field, element, replaces: renamed(replaces))
            case .delete(let seen): .delete(seen: renamed(seen, of: change.record))
            case .restore(let replaces): .restore(replaces: renamed(replaces))
            case .purge(let seen): .purge(seen: renamed(seen, of: change.record))
            case .revive(let seen): .revive(seen: renamed(seen, of: change.record))
            case .salvage(let seen): .salvage(seen: renamed(seen, of: change.record))
            case .edit(let field, let edit): .edit(field, renamed(edit))
            case .unknown: .unknown
            }
        }
    }

    private func renamed(_ edit: TextEdit) -> TextEdit {
        var edit = edit
        edit.parents = edit.parents.map { ids[$0] ?? $0 }.sorted()
        return edit
    }

    /// Who saw a change under its old name saw what stays there, and all of the record that was issued again so far.
    private func renamed(_ seen: [Stamp], of record: RecordID) -> [Stamp] {
        var latest: [ReplicaID: Stamp] = [:]
        for stamp in seen.flatMap({ named($0, of: record) }) {
            latest[stamp.replica] = max(latest[stamp.replica] ?? stamp, stamp)
        }
        return latest.values.sorted { $0.replica < $1.replica }
    }

    private func named(_ stamp: Stamp, of record: RecordID) -> [Stamp] {
        guard let common = commons[stamp.replica], stamp.time > common?.time ?? 0 else { return [stamp] }
        return [common].compactMap(\.self) + (ends[record] ?? [])
    }

    private func renamed(_ stamps: [Stamp]) -> [Stamp] { stamps.map { self.stamps[$0] ?? $0 } }
}
