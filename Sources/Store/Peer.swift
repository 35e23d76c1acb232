import Foundation
import GRDB
public import Models

/// The server as this device knows it.
public struct Peer: Hashable, Sendable {
    /// How far this device has read the server's log.
    public var cursor: Models.Cursor
    /// Milliseconds to add to this machine's clock to get the server's.
    public var clockOffset: Int64
    /// What the link carried last in one exchange.
    public var batch: BatchSize
    /// When the last exchange went through, in milliseconds of this machine's clock; 0: never.
    public var synced: UInt64
    /// The records up to this place were here when this device had last read everything.
    public var settledRow: Int64
    /// How many of them what was read since then has deleted.
    public var deletedCount: Int
    /// How many records wait for a person's yes to be deleted; 0: none.
    public var heldCount: Int

    public init(
        cursor: Models.Cursor = .start,
        clockOffset: Int64 = 0,
        batch: BatchSize = BatchSize(),
        synced: UInt64 = 0,
        settledRow: Int64 = 0,
        deletedCount: Int = 0,
        heldCount: Int = 0
    ) {
        self.cursor = cursor
        self.clockOffset = clockOffset
        self.batch = batch
        self.synced = synced
        self.settledRow = settledRow
        self.deletedCount = deletedCount
        self.heldCount = heldCount
    }
}

extension StoreReader {
    /// What is known of the server; nil before the first exchange.
    public func peer() throws -> Peer? {
        let sql = """
            SELECT epoch, version, hash, clock_offset, batch_bytes, synced, settled_row, deleted_count, held_count
            FROM peers
            WHERE name = 'server'
            """
        return try db.first(sql) { row in
            Peer(
                cursor: Models.Cursor(epoch: row.word(0), version: row.word(1), hash: try row.contentHash(2)),
                clockOffset: row[3],
                batch: BatchSize(bytes: row[4]),
                synced: row.word(5),
                settledRow: row[6],
                deletedCount: row[7],
                heldCount: row[8]
            )
        }
    }

    /// `local` milliseconds of this machine as the server's clock would show them. A small offset
    /// is left alone: it says more about the network than about the clock.
    func serverTime(_ local: UInt64) throws -> UInt64 {
        let offset = try peer()?.clockOffset ?? 0
        guard offset.magnitude > 2000, let local = Int64(exactly: local) else { return local }
        return UInt64(max(0, local.addingReportingOverflow(offset).partialValue))
    }
}

extension StoreWriter {
    public func setPeer(_ peer: Peer) throws {
        let sql = """
            INSERT INTO peers (name, epoch, version, hash, clock_offset, batch_bytes, synced, settled_row,
            deleted_count, held_count) VALUES ('server', ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, version = excluded.version,
            hash = excluded.hash, clock_offset = excluded.clock_offset,
            batch_bytes = excluded.batch_bytes, synced = excluded.synced, settled_row = excluded.settled_row,
            deleted_count = excluded.deleted_count, held_count = excluded.held_count
            """
        try db.run(
            sql,
            [
                peer.cursor.epoch.stored, peer.cursor.version.stored, peer.cursor.hash.stored,
                peer.clockOffset, peer.batch.bytes, peer.synced.stored, peer.settledRow, peer.deletedCount,
                peer.heldCount,
            ]
        )
    }

    /// Forgets the server: another one takes its place, and gets everything. What the former one has others may have, so
    /// that it stays as it is.
    public func removePeer() throws {
        try dropLoading()
        for table in ["peers", "marks", "proofs"] { try db.run("DELETE FROM \(table)") }
        try db.run("DELETE FROM outgoing WHERE NOT is_own")
        try db.run("UPDATE outgoing SET given = max(given, acknowledged), acknowledged = 0")
    }
}
