import EgWalker
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
    ///
    /// - Returns: whether there was any that may get another.
    @discardableResult
    public func restamp(now: UInt64) throws -> Bool {
        var starts: [ReplicaID: UInt64] = [:]
        for (replica, range) in try unsent() {
            if let first = try firstAhead(of: now, in: replica, range) { starts[replica] = first }
        }
        try issueAgain(from: starts, stampedAt: now)
        return !starts.isEmpty
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

    private func firstAhead(of now: UInt64, in replica: ReplicaID, _ range: Range<UInt64>) throws -> UInt64? {
        let rows = try db.rows(
            "SELECT sequence, time FROM changes WHERE replica = ? AND sequence >= ? AND sequence < ? ORDER BY sequence",
            [replica.rawValue.stored, range.lowerBound.stored, range.upperBound.stored]
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
        if sequence < own.head.sequence {
            try issueAgain(from: [own.head.replica: sequence + 1], stampedAt: nil)
        } else if own.isCurrent {
            try underNewReplica { _ in }
        }
        try dropReplica(own.head.replica)
    }

    /// What this device writes from now on stands under a replica that nobody else has. To a person it is the same device.
    private func underNewReplica(_ body: (_ heir: ReplicaID) throws -> Void) throws {
        let old = try reader.notebook().replica
        let name = try reader.deviceName(of: old)
        let heir = try beginReplica()
        try db.run("UPDATE outgoing SET heir = ? WHERE heir = ?", [heir.rawValue.stored, old.rawValue.stored])
        try body(heir)
        if let name { try create(.device, id: .device(heir), [.set(.title, .text(name), replaces: [])]) }
    }

    /// Issues what this device wrote in these logs from these sequences on again, under names that whoever has the same
    /// gives it, too.
    ///
    /// With it goes what it wrote later in logs that it no longer writes: a copy may have those, so that they cannot be
    /// changed in place where they name something of it.
    private func issueAgain(from starts: [ReplicaID: UInt64], stampedAt milliseconds: UInt64?) throws {
        let first = try starts.compactMap { try reader.change($0, $1)?.version }.min()
        guard let first else { return }
        let sql = "SELECT version, replica, sequence, body, hash FROM changes WHERE version >= ? ORDER BY version"
        let tail = try db.all(sql, [first.stored], read: StoreReader.loggedChange)
        let (current, unsent) = (try reader.notebook().replica, try unsent())
        var starts = starts
        for change in tail.map(\.change) where change.replica != current && starts[change.replica] == nil {
            if unsent[change.replica]?.contains(change.sequence) == true { starts[change.replica] = change.sequence }
        }
        var meant: [ReplicaID: ClosedRange<UInt64>] = [:]
        for log in try reader.outgoing() where log.isOwn {
            if let start = starts[log.head.replica] { meant[log.head.replica] = start...log.head.sequence }
        }
        if meant[current] == nil {
            try rewrite(tail, meant, unsent, stampedAt: milliseconds, heir: current)
        } else {
            try underNewReplica { try rewrite(tail, meant, unsent, stampedAt: milliseconds, heir: $0) }
        }
    }

    /// Writes the end of the log anew: these changes under other names, and what names them in all else that this device
    /// wrote and nobody has yet. Then builds the state anew.
    private func rewrite(
        _ tail: [LoggedChange],
        _ meant: [ReplicaID: ClosedRange<UInt64>],
        _ unsent: [ReplicaID: Range<UInt64>],
        stampedAt milliseconds: UInt64?,
        heir: ReplicaID
    ) throws {
        func isMeant(_ change: Change) -> Bool { meant[change.replica]?.contains(change.sequence) == true }
        func isUnsent(_ change: Change) -> Bool { unsent[change.replica]?.contains(change.sequence) == true }
        let arrived = Arrivals(tail) { isMeant($0) || isUnsent($0) }
        let commons = try meant.map { ($0, try reader.change($0, $1.lowerBound - 1)?.change) }
        try db.run("DELETE FROM changes WHERE version >= ?", [tail.first?.version.stored ?? 1])
        try forgetMarks()
        var again = try Reissue(
            tail.filter { isMeant($0.change) },
            after: Dictionary(uniqueKeysWithValues: commons),
            stampedAt: milliseconds
        ) { try isFree($0, arrived) ? $0 : surroundings.newReplicaID() }
        var issued: Set<ChangeID> = []
        var end = try StoreReader(db: db).logEnd()
        for logged in tail {
            var new = logged
            if isMeant(logged.change) {
                new = again.issue(logged)
                issued.insert(new.change.id)
            } else if isUnsent(logged.change) {
                let previous = try StoreReader(db: db).head(of: logged.change.replica).hash
                new = again.renamed(logged, after: previous)
            } else if issued.contains(logged.change.id) {
                continue
            }
            end = (end.version + 1, Chain.logHash(previous: end.hash, change: new.hash))
            try insert(new, at: end)
        }
        try rebuildState()
        try renameUndone(again.renames)
        for (replica, range) in meant { try self.end(replica, at: range.lowerBound - 1) }
        for head in again.heads { try send(head, heir: heir) }
    }

    private func insert(_ logged: LoggedChange, at end: (version: UInt64, hash: ContentHash)) throws {
        let change = logged.change
        try db.run(
            """
            INSERT INTO changes (version, replica, sequence, time, record, hash, log_hash, body)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                end.version.stored, change.replica.rawValue.stored, change.sequence.stored, change.time.stored,
                change.record.stored, logged.hash.stored, end.hash.stored, Blob(logged.body),
            ]
        )
    }

    private func send(_ head: Head, heir: ReplicaID) throws {
        try db.run(
            """
            INSERT INTO outgoing (replica, acknowledged, through, is_own, heir) VALUES (?1, 0, ?2, 1, ?3)
            ON CONFLICT (replica) DO UPDATE SET through = ?2, is_own = 1, heir = ?3
            """,
            [head.replica.rawValue.stored, head.sequence.stored, heir.rawValue.stored]
        )
    }

    /// This device writes nothing under `replica` after `sequence`; what is before may still have to be sent.
    private func end(_ replica: ReplicaID, at sequence: UInt64) throws {
        try db.run("UPDATE outgoing SET through = ? WHERE replica = ?", [sequence.stored, replica.rawValue.stored])
    }

    /// Whether what is issued again may stand under this name: not where it came from a copy and something was written
    /// here since, perhaps upon both.
    private func isFree(_ name: ReplicaID, _ arrived: Arrivals) throws -> Bool {
        let isEarlier: Bool? = try db.value(
            "SELECT EXISTS (SELECT 1 FROM changes WHERE replica = ?)",
            [name.rawValue.stored]
        )
        return isEarlier != true && arrived.isSettled(name)
    }
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
