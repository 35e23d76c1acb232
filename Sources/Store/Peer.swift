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

    public init(
        cursor: Models.Cursor = .start,
        clockOffset: Int64 = 0,
        batch: BatchSize = BatchSize(),
        synced: UInt64 = 0
    ) {
        self.cursor = cursor
        self.clockOffset = clockOffset
        self.batch = batch
        self.synced = synced
    }
}

extension StoreReader {
    /// What is known of the server; nil before the first exchange.
    public func peer() throws -> Peer? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT epoch, version, hash, clock_offset, batch_bytes, synced FROM peers
                WHERE name = 'server'
                """
        )
        return try Row.fetchOne(statement).map { row in
            Peer(
                cursor: Models.Cursor(epoch: row.word(0), version: row.word(1), hash: try row.contentHash(2)),
                clockOffset: row[3],
                batch: BatchSize(bytes: row[4]),
                synced: row.word(5)
            )
        }
    }

    /// A replica of this device and how far the server has its log.
    public struct OwnReplica: Hashable, Sendable {
        /// The last change that this device wrote under it.
        public var head: Head
        public var acknowledged: UInt64
        public var isCurrent: Bool
        public var unsentCount: UInt64 { head.sequence - min(head.sequence, acknowledged) }
    }

    /// The replica this device writes under, then the earlier ones that have something to send.
    ///
    /// An earlier replica may go on elsewhere, on the machine this one was copied from: what comes
    /// from there is not ours to send.
    public func ownReplicas() throws -> [OwnReplica] {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT replica, acknowledged, through FROM own_replicas ORDER BY through IS NOT NULL, replica"
            )
        )
        return try rows.map { row in
            let replica = ReplicaID(row.word(0))
            let isCurrent = (row[2] as Int64?) == nil
            let head =
                isCurrent
                ? try head(of: replica)
                : Head(
                    replica: replica,
                    sequence: row.word(2),
                    hash: try chainHash(of: replica, at: row.word(2)) ?? .zero
                )
            return OwnReplica(head: head, acknowledged: row.word(1), isCurrent: isCurrent)
        }.filter { $0.isCurrent || $0.unsentCount > 0 }
    }

    /// Own changes that the server has not acknowledged.
    public func unsentCount() throws -> UInt64 {
        try ownReplicas().reduce(0) { $0 + $1.unsentCount }
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
            INSERT INTO peers (name, epoch, version, hash, clock_offset, batch_bytes, synced)
            VALUES ('server', ?, ?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, version = excluded.version,
            hash = excluded.hash, clock_offset = excluded.clock_offset,
            batch_bytes = excluded.batch_bytes, synced = excluded.synced
            """
        try db.cachedStatement(sql: sql).execute(
            arguments: [
                peer.cursor.epoch.stored, peer.cursor.version.stored, peer.cursor.hash.stored,
                peer.clockOffset, peer.batch.bytes, peer.synced.stored,
            ]
        )
    }

    /// The server holds `replica`'s log through `sequence`.
    public func acknowledge(_ replica: ReplicaID, through sequence: UInt64) throws {
        try db.cachedStatement(sql: "UPDATE own_replicas SET acknowledged = ? WHERE replica = ?")
            .execute(arguments: [sequence.stored, replica.rawValue.stored])
    }

    /// Nothing of an earlier replica is left to send.
    public func dropReplica(_ replica: ReplicaID) throws {
        try db.execute(
            sql: "DELETE FROM own_replicas WHERE replica = ? AND through IS NOT NULL",
            arguments: [replica.rawValue.stored]
        )
    }

    /// Forgets the server: another one takes its place, and gets everything.
    public func removePeer() throws {
        try db.execute(sql: "DELETE FROM peers; UPDATE own_replicas SET acknowledged = 0")
    }
}
