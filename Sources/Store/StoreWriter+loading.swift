import Foundation
import GRDB
public import Models
import Wire

/// Loading a notebook by pages of a snapshot.
///
/// Until all of them are here, what was loaded stands in the log with a hash of zero: it can be read and edited, but
/// it is not sent, and no log of another's counts as held. At the end the hash chains are computed over everything,
/// and must come out as the server says.
extension StoreReader {
    /// How far this device has loaded; nil if it does not.
    public func loading() throws -> SnapshotPosition? {
        let sql = "SELECT epoch, version, hash, loaded FROM loading"
        return try db.first(sql) { row in
            SnapshotPosition(
                log: Models.Cursor(epoch: row.word(0), version: row.word(1), hash: try row.contentHash(2)),
                offset: row.word(3)
            )
        }
    }
}

extension StoreWriter {
    /// Takes in a page; returns how many of its changes were not here, or nil where it is not the next one: another
    /// sync of this device was faster.
    ///
    /// - Throws: ``SnapshotMisfit`` where the whole does not fit, ``RunError``.
    public func load(_ page: SnapshotPage) throws -> Int? {
        let position = try reader.loading()
        let isNext =
            if let position { position.log == page.next.log } else { try (reader.peer() ?? Peer()).cursor == .start }
        guard isNext, page.next.offset == (position?.offset ?? 0) + UInt64(page.changes.count) else { return nil }
        let count = try appendUnchained(page.changes)
        try db.run(
            """
            INSERT INTO loading (id, epoch, version, hash, loaded) VALUES (1, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET loaded = excluded.loaded
            """,
            [
                page.next.log.epoch.stored, page.next.log.version.stored, page.next.log.hash.stored,
                page.next.offset.stored,
            ]
        )
        if page.next.isAtEnd { try finishLoading(page.heads) }
        return count
    }

    /// What this device wrote itself is here already, and the server had it from here.
    private func appendUnchained(_ changes: [SnapshotChange]) throws -> Int {
        let isHeld = "SELECT EXISTS (SELECT 1 FROM changes WHERE replica = ? AND sequence = ?)"
        var count = 0
        for one in changes {
            if try db.value(isHeld, [one.replica.rawValue.stored, one.sequence.stored]) == true { continue }
            let change: Change
            do {
                change = try ChangeCodec.decode(one.body, replica: one.replica, sequence: one.sequence)
            } catch {
                throw RunError.invalid(replica: one.replica, sequence: one.sequence, error)
            }
            try withApplier { try $0.append(change, body: one.body, hash: .zero) }
            count += 1
        }
        return count
    }

    private func finishLoading(_ heads: [Head]) throws {
        try flush()
        for head in heads { try chain(head) }
        let left: Int? = try db.value("SELECT count(*) FROM changes WHERE hash = ?", [ContentHash.zero.stored])
        guard left == 0 else { throw SnapshotMisfit.beyondHeads }
        // In the order of their stamps, each log ascends, and mostly nothing comes before what it names.
        try renumber("SELECT version, hash FROM changes ORDER BY time, replica")
        try db.run("DELETE FROM loading")
    }

    /// Computes the chain of a log that was loaded.
    private func chain(_ head: Head) throws {
        let rows = try db.rows(
            """
            SELECT sequence, body, hash, version FROM changes WHERE replica = ? AND sequence <= ?
            ORDER BY sequence
            """,
            [head.replica.rawValue.stored, head.sequence.stored]
        )
        var (sequence, hash) = (UInt64(0), ContentHash.zero)
        while let row = try rows.next() {
            sequence += 1
            guard row.word(0) == sequence else { throw SnapshotMisfit.gap(head.replica, sequence) }
            hash = Chain.hash(replica: head.replica, sequence: sequence, previous: hash, body: row.bytes(1))
            let held = try row.contentHash(2)
            if held == .zero {
                try db.run("UPDATE changes SET hash = ? WHERE version = ?", [hash.stored, row.word(3).stored])
            } else if held != hash {
                throw SnapshotMisfit.otherHash(head.replica, sequence)
            }
        }
        guard sequence == head.sequence, hash == head.hash else {
            throw SnapshotMisfit.otherHash(head.replica, head.sequence)
        }
    }

    /// Numbers the log anew in the order of `rows`, with its running hash. When the changes took effect stays.
    private func renumber(_ rows: String) throws {
        let entries = try db.all(rows) { (version: $0.word(0), hash: try $0.contentHash(1)) }
        let update = "UPDATE changes SET version = -?, log_hash = ? WHERE version = ?"
        var (version, hash) = (UInt64(0), ContentHash.zero)
        for entry in entries {
            version += 1
            hash = Chain.logHash(previous: hash, change: entry.hash)
            try db.run(update, [version.stored, hash.stored, entry.version.stored])
        }
        try db.run("UPDATE changes SET version = -version")
        try forgetMarks()
    }

    /// Gives a load up: what is not whole goes, what this device wrote stays.
    public func dropLoading() throws {
        try flush()
        guard try reader.loading() != nil else { return }
        try db.run("DELETE FROM changes WHERE hash = ?", [ContentHash.zero.stored])
        try renumber("SELECT version, hash FROM changes ORDER BY version")
        try db.run(
            """
            DELETE FROM proofs WHERE NOT EXISTS (SELECT 1 FROM changes
            WHERE changes.replica = proofs.replica AND changes.sequence = proofs.sequence)
            """
        )
        try db.run("DELETE FROM loading")
        try rebuildState()
    }
}

/// Why pages of a snapshot do not make a notebook. Nothing of the page was taken in.
public enum SnapshotMisfit: Error, Hashable, Sendable {
    /// This change of a log did not come.
    case gap(ReplicaID, UInt64)
    /// The chain of a log does not come out as the server says.
    case otherHash(ReplicaID, UInt64)
    /// More came than the server says there is.
    case beyondHeads
}
