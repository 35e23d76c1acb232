import Foundation
import GRDB
public import Models

/// A log that this device sends, and how far the server has it.
public struct OutgoingLog: Hashable, Sendable {
    /// The last change to send: what this device wrote under its replica, or what it has of another's and the server has
    /// not.
    public var head: Head
    public var acknowledged: UInt64
    /// How far others may have it by file: so far it is never written anew.
    public var given: UInt64
    /// The replica that this device writes under.
    public var isCurrent: Bool
    /// One that this device writes under, or did.
    public var isOwn: Bool
    /// The machine that this one was copied from has it, too, and goes on with it.
    public var goesOn: Bool

    public var unsentCount: UInt64 { head.sequence - min(head.sequence, acknowledged) }

    /// Whether others may have what is sent next, so that its stamps stay as they are.
    public var isShared: Bool { !isOwn || given > acknowledged }

    /// The most changes to send next: what others may have goes alone.
    var nextCount: UInt64 { isOwn && isShared ? min(unsentCount, given - acknowledged) : unsentCount }
}

extension StoreReader {
    /// The log this device writes, then the others that have something to send.
    ///
    /// An earlier replica may go on elsewhere, on the machine this one was copied from: what comes
    /// from there is not ours to send.
    public func outgoing() throws -> [OutgoingLog] {
        let sql = """
            SELECT replica, acknowledged, through, is_own, given, goes_on FROM outgoing
            ORDER BY through IS NOT NULL, is_own DESC, replica
            """
        return try db.all(sql) { row in
            let replica = ReplicaID(row.word(0))
            let isCurrent = row.isNull(2)
            let head =
                isCurrent
                ? try head(of: replica)
                : Head(
                    replica: replica,
                    sequence: row.word(2),
                    hash: try chainHash(of: replica, at: row.word(2)) ?? .zero
                )
            return OutgoingLog(
                head: head,
                acknowledged: row.word(1),
                given: row.word(4),
                isCurrent: isCurrent,
                isOwn: row[3],
                goesOn: row[5]
            )
        }.filter { $0.isCurrent || $0.unsentCount > 0 }
    }

    /// `logs` by the arrival of what is to be sent next of each: a change never comes before one that it names.
    public func inOrderOfWriting(_ logs: [OutgoingLog]) throws -> [OutgoingLog] {
        guard logs.count > 1 else { return logs }
        return try logs.map { log -> (OutgoingLog, Int64) in
            let version: Int64? = try db.value(
                "SELECT version FROM changes WHERE replica = ? AND sequence = ?",
                [log.head.replica.rawValue.stored, (log.acknowledged + 1).stored]
            )
            return (log, version ?? .max)
        }.sorted { $0.1 < $1.1 }.map(\.0)
    }

    /// Changes that the server has not acknowledged.
    public func unsentCount() throws -> UInt64 {
        try outgoing().reduce(0) { $0 + $1.unsentCount }
    }

    /// What to send next of `log`: as much as fits into `maximumBytes`, at least one change, and the proof
    /// that the server had it, if it had. What the server had goes alone, and ends where a proof says so.
    public func next(of log: OutgoingLog, maximumBytes: Int) throws -> (run: ChangeRun, proof: HeadProof?)? {
        guard
            var run = try run(of: log.head.replica, from: log.acknowledged + 1, maximumBytes: maximumBytes)
        else { return nil }
        run.bodies.removeLast(max(0, run.bodies.count - Int(clamping: log.nextCount)))
        let end = log.acknowledged + UInt64(run.bodies.count)
        guard let proof = try proof(of: log.head.replica, after: log.acknowledged, before: end) else {
            return (run, nil)
        }
        if proof.sequence <= end {
            run.bodies.removeLast(Int(end - proof.sequence))
            return (run, proof)
        }
        // Whatever it takes: the points are never far apart.
        let rest = try self.run(of: log.head.replica, from: end + 1, maximumBytes: Limits.maximumExchangeBytes)
        run.bodies += rest?.bodies.prefix(Int(proof.sequence - end)) ?? []
        return (run, proof)
    }

    /// The last proof in the sequences after `low` up to `high`, or else the first beyond.
    private func proof(of replica: ReplicaID, after low: UInt64, before high: UInt64) throws -> HeadProof? {
        let sql = """
            SELECT sequence, code FROM proofs WHERE replica = ?1 AND sequence > ?2
            ORDER BY sequence > ?3, CASE WHEN sequence > ?3 THEN sequence ELSE -sequence END LIMIT 1
            """
        return try db.first(sql, [replica.rawValue.stored, low.stored, high.stored]) {
            HeadProof(replica: replica, sequence: $0.word(0), code: $0.bytes(1))
        }
    }

    /// How far the server ever said that it has `replica`'s log; 0 if it never did.
    public func provenSequence(of replica: ReplicaID) throws -> UInt64 {
        let sequence: Int64? = try db.value(
            "SELECT max(sequence) FROM proofs WHERE replica = ?",
            [replica.rawValue.stored]
        )
        return UInt64(sequence ?? 0)
    }
}

extension StoreWriter {
    /// The server holds `replica`'s log through `sequence`.
    public func acknowledge(_ replica: ReplicaID, through sequence: UInt64) throws {
        try db.run(
            "UPDATE outgoing SET acknowledged = ? WHERE replica = ?",
            [sequence.stored, replica.rawValue.stored]
        )
        try db.run(
            "DELETE FROM outgoing WHERE replica = ? AND NOT is_own AND acknowledged >= through",
            [replica.rawValue.stored]
        )
    }

    /// Sends a log that this device does not write, up to `through`: the server lacks what is after `acknowledged`.
    ///
    /// What it wrote under a replica that goes on elsewhere, on the machine it was copied from, is its own no longer once it
    /// brings what was written there.
    public func carry(_ replica: ReplicaID, after acknowledged: UInt64, through: UInt64) throws {
        try db.run(
            """
            INSERT INTO outgoing (replica, acknowledged, through, is_own) VALUES (?, ?, ?, 0)
            ON CONFLICT (replica) DO UPDATE SET acknowledged = excluded.acknowledged,
            is_own = is_own AND (through IS NULL OR through >= excluded.through),
            through = CASE WHEN is_own AND through IS NULL THEN NULL ELSE max(through, excluded.through) END
            """,
            [replica.rawValue.stored, acknowledged.stored, through.stored]
        )
    }

    /// Everything that this device wrote goes into a file now, where others may find it: from here on it stays as
    /// it is. What a wrong clock stamped too far ahead is stamped again before.
    ///
    /// - Parameter mayBeSent: the device has a server, which may have all of it already though its answer was lost; then
    ///   nothing is stamped again.
    public func giveAway(mayBeSent: Bool) throws {
        let now = try reader.serverTime(surroundings.now())
        if !mayBeSent { try restamp(now: now) }
        try db.run(
            """
            UPDATE outgoing SET given = max(given, coalesce(through,
            (SELECT max(sequence) FROM changes WHERE changes.replica = outgoing.replica), 0)) WHERE is_own
            """
        )
    }

    /// Others may have all that this device wrote under `replica`, and what they have nobody stamps again.
    public func keepAsItIs(_ replica: ReplicaID) throws {
        guard let log = try reader.outgoing().first(where: { $0.head.replica == replica }) else { return }
        try db.run(
            "UPDATE outgoing SET given = max(given, ?) WHERE replica = ?",
            [log.head.sequence.stored, replica.rawValue.stored]
        )
    }

    /// Nothing of a replica that this device no longer writes is left to send.
    public func dropReplica(_ replica: ReplicaID) throws {
        try db.run("DELETE FROM outgoing WHERE replica = ? AND through IS NOT NULL", [replica.rawValue.stored])
    }

    /// Keeps the server's word for a change that is here, and forgets the one before unless it stands at a point.
    public func keep(_ proof: HeadProof) throws {
        let replica = proof.replica.rawValue.stored
        let size = "SELECT length(body) FROM changes WHERE replica = ? AND sequence = ?"
        guard let byteCount: Int = try db.value(size, [replica, proof.sequence.stored]) else { return }
        try db.run(
            "DELETE FROM proofs WHERE replica = ? AND NOT is_point AND sequence < ?",
            [replica, proof.sequence.stored]
        )
        let isPoint = HeadProof.isPoint(sequence: proof.sequence, byteCount: byteCount)
        try db.run(
            """
            INSERT INTO proofs (replica, sequence, is_point, code) VALUES (?, ?, ?, ?)
            ON CONFLICT (replica, sequence) DO UPDATE SET code = excluded.code
            """,
            [replica, proof.sequence.stored, isPoint, Blob(proof.code)]
        )
    }
}
