import EgWalker
import Foundation
import GRDB
import Models
import Wire

/// Own changes that nobody has seen yet may be written again under a new replica: when this device turns out to be a
/// copy, and with other stamps when its clock was wrong. What anybody else may have stays as it is.
extension StoreWriter {
    /// Gives what a server refuses at `now`, its time, for lying ahead new times from there on, in its order.
    ///
    /// What came before it may have accepted, though its answer was lost, and others may have it: that stays. What gets
    /// new times goes on under a new replica: a copy of this device may have given it to others as it was, or stamps it
    /// again by itself, and two changes would stand under one number.
    public func restamp(_ own: OutgoingLog, now: UInt64) throws {
        guard own.isOwn else { return }
        let sent = try sentSequence(of: own)
        guard let first = try firstAhead(of: now, in: own, after: sent) else { return }
        let before = try reader.change(own.head.replica, first - 1)?.change.time ?? 0
        // Others may have one from the future.
        var clock = before >> 16 > now + Limits.maximumClockLeadMilliseconds ? HybridClock() : HybridClock(last: before)
        try rewriteUnderNewReplica(own, after: first - 1) { $0.time = clock.next(wallMilliseconds: now) }
        try end(own.head.replica, at: first - 1)
    }

    /// How far others may have what this device wrote in `own`.
    private func sentSequence(of own: OutgoingLog) throws -> UInt64 {
        // What follows came from another machine, which goes on under this number and has all that is before.
        if try reader.head(of: own.head.replica).sequence > own.head.sequence { return own.head.sequence }
        return max(own.acknowledged, own.given, try reader.provenSequence(of: own.head.replica))
    }

    /// What this device wrote and nobody has yet, by the log.
    private func unsent() throws -> [ReplicaID: Range<UInt64>] {
        var unsent: [ReplicaID: Range<UInt64>] = [:]
        for log in try reader.outgoing() where log.isOwn {
            let (sent, end) = (try sentSequence(of: log), log.head.sequence)
            if sent < end { unsent[log.head.replica] = sent + 1..<end + 1 }
        }
        return unsent
    }

    private func firstAhead(of now: UInt64, in own: OutgoingLog, after sequence: UInt64) throws -> UInt64? {
        let rows = try db.rows(
            "SELECT sequence, time FROM changes WHERE replica = ? AND sequence > ? AND sequence <= ? ORDER BY sequence",
            [own.head.replica.rawValue.stored, sequence.stored, own.head.sequence.stored]
        )
        while let row = try rows.next() {
            if row.word(1) >> 16 > now + Limits.maximumClockLeadMilliseconds { return row.word(0) }
        }
        return nil
    }

    /// Issues what `own` holds after `sequence` again under a new replica, and writes under that from
    /// now on. The server has what is before.
    ///
    /// - Parameter isForked: the server has something else after `sequence`. Where it only takes nothing of this log from
    ///   this device, or another machine goes on with it, what others may have stays as it is, and they bring it.
    public func reissue(_ own: OutgoingLog, after sequence: UInt64, isForked: Bool = true) throws {
        let goesOn = try reader.head(of: own.head.replica).sequence > own.head.sequence
        let sequence = isForked && !goesOn ? sequence : max(sequence, try sentSequence(of: own))
        if own.isCurrent || sequence < own.head.sequence { try rewriteUnderNewReplica(own, after: sequence) { _ in } }
        try dropReplica(own.head.replica)
    }

    private func rewriteUnderNewReplica(
        _ own: OutgoingLog,
        after sequence: UInt64,
        _ body: (inout Change) -> Void
    ) throws {
        let name = try reader.deviceName(of: reader.notebook().replica)
        let new = try takeNewReplica()
        if sequence < own.head.sequence {
            var next: UInt64 = 0
            try rewrite(own.head.replica, sequence + 1...own.head.sequence) { change in
                next += 1
                change.replica = new
                change.sequence = next
                body(&change)
            }
        }
        // To a person it is the same device.
        if let name { try create(.device, id: .device(new), [.set(.title, .text(name), replaces: [])]) }
    }

    /// This device writes nothing under `replica` after `sequence`; what is before may still have to be sent.
    private func end(_ replica: ReplicaID, at sequence: UInt64) throws {
        try db.run("UPDATE outgoing SET through = ? WHERE replica = ?", [sequence.stored, replica.rawValue.stored])
    }

    /// Rewrites the changes of `replica` in `sequences`, and what names them in them and in all else that this
    /// device wrote and nobody has yet, then builds the state anew.
    private func rewrite(
        _ replica: ReplicaID,
        _ sequences: ClosedRange<UInt64>,
        _ body: (inout Change) -> Void
    ) throws {
        try flush()
        let first: Int64? = try db.value(
            "SELECT min(version) FROM changes WHERE replica = ? AND sequence >= ?",
            [replica.rawValue.stored, sequences.lowerBound.stored]
        )
        guard let first else { return }
        let sql = "SELECT version, replica, sequence, body, hash FROM changes WHERE version >= ? ORDER BY version"
        let tail = try db.all(sql, [first], read: StoreReader.loggedChange)
        let unsent = try unsent()
        try db.run("DELETE FROM changes WHERE version >= ?", [first])
        try forgetMarks()

        let common = try StoreReader(db: db).change(replica, sequences.lowerBound - 1)?.change.time ?? 0
        var renaming = Renaming(common: Stamp(time: common, replica: replica))
        var (version, logHash) = try StoreReader(db: db).logEnd()
        for logged in tail {
            var change = logged.change
            var bytes = logged.body
            var hash = logged.hash
            let isMeant = change.replica == replica && sequences.contains(change.sequence)
            if isMeant || unsent[change.replica]?.contains(change.sequence) == true {
                let old = change
                if isMeant {
                    body(&change)
                    renaming.rename(old, to: change)
                }
                change.operations = change.operations.map(renaming.renamed)
                if change != old { bytes = ChangeCodec.encode(change) }
                let previous = try StoreReader(db: db).head(of: change.replica).hash
                hash = Chain.hash(
                    replica: change.replica,
                    sequence: change.sequence,
                    previous: previous,
                    body: bytes
                )
            }
            version += 1
            logHash = Chain.logHash(previous: logHash, change: hash)
            try db.run(
                """
                INSERT INTO changes (version, replica, sequence, time, record, hash, log_hash, body)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    version.stored, change.replica.rawValue.stored, change.sequence.stored, change.time.stored,
                    change.record.stored, hash.stored, logHash.stored, Data(bytes),
                ]
            )
        }
        try rebuildState()
    }
}

/// The new names of rewritten changes, for the references among them.
struct Renaming {
    /// The last change of the old replica that stays as it is.
    let common: Stamp
    private var stamps: [Stamp: Stamp] = [:]
    private var ids: [ChangeID: ChangeID] = [:]

    init(common: Stamp) { self.common = common }

    mutating func rename(_ old: Change, to new: Change) {
        stamps[old.stamp] = new.stamp
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

    /// What a delete saw under the old name it saw in two parts: what stays there, and what goes on
    /// under the new one.
    private func renamedSeen(_ seen: [Stamp]) -> [Stamp] {
        seen.flatMap { stamp -> [Stamp] in
            guard let new = stamps[stamp] else { return [stamp] }
            return new.replica == common.replica || common.time == 0 ? [new] : [common, new]
        }.sorted { $0.replica < $1.replica }
    }

    private func renamed(_ stamps: [Stamp]) -> [Stamp] { stamps.map { self.stamps[$0] ?? $0 } }
}

extension StoreWriter {
    /// Empties the state and takes every change of the log in again.
    func rebuildState() throws {
        try flush()
        for table in ["texts", "records", "buckets", "returned"] { try db.run("DELETE FROM \(table)") }
        let deleted = deletedRows
        try withApplier { try $0.replay() }
        try flush()
        // What the replay deletes was deleted before.
        deletedRows = deleted
        try db.run("UPDATE notebook SET state_version = ?", [Int64(StateCodec.version)])
    }
}

extension NotebookStore {
    /// Builds the state anew from the log: after an upgrade of the rules, and for `doctor`.
    public func rebuild() throws {
        try write { try $0.rebuildState() }
    }
}
