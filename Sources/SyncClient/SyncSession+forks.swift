import Models
import Store

/// A log that goes on elsewhere under the same numbers.
extension SyncSession {
    /// Where the server has something else under numbers of this device's, what it says may build upon that: nothing of it
    /// is taken in before this device's have another name.
    ///
    /// - Returns: whether it has.
    mutating func beginSearch(_ answer: SyncAnswer, _ request: SyncRequest, _ writer: StoreWriter) throws -> Bool {
        let own = Set(try writer.reader.outgoing().filter(\.isOwn).map(\.head.replica))
        let forked = try answer.accepted.first { head in
            guard own.contains(head.replica), head.sequence > 0 else { return false }
            return try writer.reader.chainHash(of: head.replica, at: head.sequence).map { $0 != head.hash } ?? false
        }
        guard let forked else { return false }
        try noteAccepted(answer, request, writer)
        search = ForkSearch(replica: forked.replica, common: 0, end: forked.sequence)
        return true
    }

    /// Narrows down where this device's log left the server's; once that is known, takes a new
    /// replica and issues the rest again.
    mutating func learn(
        _ replica: ReplicaID,
        _ common: UInt64,
        _ answer: SyncAnswer,
        _ writer: StoreWriter
    ) throws {
        guard let log = try writer.reader.outgoing().first(where: { $0.head.replica == replica }) else {
            throw SyncError.protocolBroken("it says a log forked that this device does not write")
        }
        // Another's log went on elsewhere, or is not this device's to bring: its writer settles that.
        guard log.isOwn else { return try leave(replica, answer, writer) }
        if search?.replica == replica {
            search?.learn(alike: common)
        } else {
            search = ForkSearch(replica: replica, common: common, end: log.head.sequence)
        }
        guard let common = search?.common else { return }
        search = nil
        // What the server has after that is somebody else's, and was never sent here: it took it for ours.
        let isForked = answer.accepted.contains { $0.replica == replica && $0.sequence > common }
        // It is the other machine's to bring.
        guard isForked || !log.goesOn else { return try leave(replica, answer, writer) }
        try writer.reissue(log, after: common, isForked: isForked)
        report.tookNewReplica = report.tookNewReplica || log.isCurrent
        if isForked { try readAgain(writer) }
    }

    /// Sends nothing of a log: whoever writes under it now does.
    private mutating func leave(_ replica: ReplicaID, _ answer: SyncAnswer, _ writer: StoreWriter) throws {
        refused.insert(replica)
        try acknowledge(answer, writer)
        try writer.dropReplica(replica)
    }

    /// Reads the server's log from its start.
    mutating func readAgain(_ writer: StoreWriter) throws {
        var peer = try writer.reader.peer() ?? Peer()
        peer.cursor = .start
        try writer.setPeer(peer)
        comparesAll = false
    }

    func logForked(_ replica: ReplicaID, _ sequence: UInt64, _ reader: StoreReader) throws -> SyncError {
        .logForked(try reader.deviceName(of: replica) ?? "\(replica)", sequence: sequence)
    }
}
