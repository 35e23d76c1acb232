/// How a device that holds nothing of others gets a notebook: the changes up to one version of the server's log, the
/// programme first, then record by record, what was touched last before all else. It comes in pages; after each the
/// device can be read, and a load that was cut off goes on behind the last whole page.
///
/// The order is decided by the log alone (``SnapshotOrder``), so that a place in it is one number and a server keeps
/// nothing for those who load.
public struct SnapshotPosition: Hashable, Sendable {
    /// Where the server's log ended when the load began. ``Cursor/start``: it may begin.
    public var log: Cursor
    /// So many changes were loaded.
    public var offset: UInt64

    public init(log: Cursor, offset: UInt64) {
        self.log = log
        self.offset = offset
    }

    public static let start = SnapshotPosition(log: .start, offset: 0)

    /// All of it was loaded: reading goes on in the log.
    public var isAtEnd: Bool { offset == log.version }
}

/// A change as a snapshot has it: without its place in the hash chain, which shows when all are there.
public struct SnapshotChange: Hashable, Sendable {
    public var replica: ReplicaID
    public var sequence: UInt64
    public var body: [UInt8]

    public init(replica: ReplicaID, sequence: UInt64, body: [UInt8]) {
        self.replica = replica
        self.sequence = sequence
        self.body = body
    }
}

/// The next changes of a snapshot.
public struct SnapshotPage: Hashable, Sendable {
    public var changes: [SnapshotChange]
    public var next: SnapshotPosition
    /// On the last page: the ends of all logs there, which what was loaded must add up to.
    public var heads: [Head]

    public init(changes: [SnapshotChange], next: SnapshotPosition, heads: [Head]) {
        self.changes = changes
        self.next = next
        self.heads = heads
    }
}

/// The order in which a snapshot hands out the versions of a log.
public struct SnapshotOrder: Hashable, Sendable {
    public let versions: [UInt64]

    /// - Parameters:
    ///   - records: which record each version changed, from version 1 on without a gap; numbered from 0.
    ///   - isProgramme: whether a record of this number belongs to the programme, which everything else refers to.
    public init(records: [Int], isProgramme: (Int) -> Bool) {
        let count = (records.max() ?? -1) + 1
        var last = [Int](repeating: 0, count: count)
        for (index, record) in records.enumerated() { last[record] = index }
        let ranked = (0..<count).sorted { one, other in
            (isProgramme(one) ? 0 : 1, -last[one]) < (isProgramme(other) ? 0 : 1, -last[other])
        }
        var rank = [Int](repeating: 0, count: count)
        for (place, record) in ranked.enumerated() { rank[record] = place }
        versions = records.indices.sorted { (rank[records[$0]], $0) < (rank[records[$1]], $1) }.map { UInt64($0) + 1 }
    }
}
