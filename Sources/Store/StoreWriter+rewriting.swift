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
    public func restamp(_ own: OutgoingLog, now: UInt64) throws {
        guard own.isOwn else { return }
        let sent = try sentSequence(of: own)
        guard let first = try firstAhead(of: now, in: own, after: sent) else { return }
        try issueAgain(own, after: first - 1, stampedAt: now)
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
        try issueAgain(own, after: sequence, stampedAt: nil)
        try dropReplica(own.head.replica)
    }

    /// Issues what `own` holds after `sequence` again, under names that whoever has the same gives it, too; what comes later
    /// this device writes under a replica that nobody else has.
    private func issueAgain(_ own: OutgoingLog, after sequence: UInt64, stampedAt milliseconds: UInt64?) throws {
        let name = try reader.deviceName(of: reader.notebook().replica)
        let heir = own.isCurrent ? try beginReplica() : try heir(of: own.head.replica)
        if sequence < own.head.sequence {
            try rewrite(own.head.replica, sequence + 1...own.head.sequence, stampedAt: milliseconds, heir: heir)
        }
        // To a person it is the same device.
        if own.isCurrent, let name, let heir {
            try create(.device, id: .device(heir), [.set(.title, .text(name), replaces: [])])
        }
    }

    private func heir(of replica: ReplicaID) throws -> ReplicaID? {
        let heir: Int64? = try db.value("SELECT heir FROM outgoing WHERE replica = ?", [replica.rawValue.stored])
        return heir.map { ReplicaID(UInt64(bitPattern: $0)) }
    }

    private func send(_ head: Head, heir: ReplicaID?) throws {
        try db.run(
            """
            INSERT INTO outgoing (replica, acknowledged, through, is_own, heir) VALUES (?1, 0, ?2, 1, ?3)
            ON CONFLICT (replica) DO UPDATE SET through = ?2, is_own = 1, heir = ?3
            """,
            [head.replica.rawValue.stored, head.sequence.stored, heir?.rawValue.stored]
        )
    }

    /// This device writes nothing under `replica` after `sequence`; what is before may still have to be sent.
    private func end(_ replica: ReplicaID, at sequence: UInt64) throws {
        try db.run("UPDATE outgoing SET through = ? WHERE replica = ?", [sequence.stored, replica.rawValue.stored])
    }

    /// Rewrites these changes, and what names them in them and in all else that this device wrote and nobody has yet, then
    /// builds the state anew.
    private func rewrite(
        _ replica: ReplicaID,
        _ sequences: ClosedRange<UInt64>,
        stampedAt milliseconds: UInt64?,
        heir: ReplicaID?
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
        func isMeant(_ change: Change) -> Bool { change.replica == replica && sequences.contains(change.sequence) }
        func isUnsent(_ change: Change) -> Bool { unsent[change.replica]?.contains(change.sequence) == true }
        let arrived = Arrivals(tail) { isMeant($0) || isUnsent($0) }
        let common = try StoreReader(db: db).change(replica, sequences.lowerBound - 1)?.change
        let log = tail.filter { isMeant($0.change) }
        try db.run("DELETE FROM changes WHERE version >= ?", [first])
        try forgetMarks()
        var again = try Reissue(log, of: replica, after: common, stampedAt: milliseconds) {
            try isFree($0, arrived) ? $0 : surroundings.newReplicaID()
        }

        var (version, logHash) = try StoreReader(db: db).logEnd()
        var issued: Set<ChangeID> = []
        var isNew: Set<ReplicaID> = []
        var renamed: [ReplicaID: UInt64] = [:]
        for logged in tail {
            var new = logged
            if isMeant(logged.change) {
                new = again.issue(logged)
                issued.insert(new.change.id)
                if !arrived.contains(new.change.id) { isNew.insert(new.change.replica) }
            } else if isUnsent(logged.change) {
                let previous = try StoreReader(db: db).head(of: logged.change.replica).hash
                new = again.renamed(logged, after: previous)
                if new.hash != logged.hash, renamed[new.change.replica] == nil {
                    renamed[new.change.replica] = new.change.sequence
                }
            } else if issued.contains(logged.change.id) {
                continue
            }
            version += 1
            logHash = Chain.logHash(previous: logHash, change: new.hash)
            try db.run(
                """
                INSERT INTO changes (version, replica, sequence, time, record, hash, log_hash, body)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    version.stored, new.change.replica.rawValue.stored, new.change.sequence.stored,
                    new.change.time.stored, new.change.record.stored, new.hash.stored, logHash.stored, Blob(new.body),
                ]
            )
        }
        try rebuildState()
        try renameUndone(again.renames)
        for head in again.heads where isNew.contains(head.replica) { try send(head, heir: heir) }
        try issueRenamedAgain(renamed)
    }

    /// A log that this device no longer writes a copy may have, too, so that what names other changes in it by now is
    /// another log.
    private func issueRenamedAgain(_ renamed: [ReplicaID: UInt64]) throws {
        for (replica, sequence) in renamed.sorted(by: { $0.key < $1.key }) {
            guard let log = try reader.outgoing().first(where: { $0.head.replica == replica }), !log.isCurrent
            else { continue }
            try issueAgain(log, after: sequence - 1, stampedAt: nil)
            try end(replica, at: sequence - 1)
        }
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
