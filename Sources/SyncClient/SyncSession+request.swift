public import Models
import Store

/// What is asked, and what is sent with it.
extension SyncSession {
    /// The next request: what the server lacks, as much as the link carries.
    public func request() throws -> SyncRequest {
        try store.read { reader in
            let peer = try reader.peer() ?? Peer()
            let outgoing = try reader.outgoing()
            var request = SyncRequest(
                cursor: peer.cursor,
                heads: outgoing.filter(\.isOwn).map(\.head),
                known: outgoing.filter { !$0.isOwn }.map(\.head),
                runs: [],
                isTrial: rules.sendsNothing,
                maximumBytes: peer.batch.bytes
            )
            if let search {
                request.maximumBytes = 0
                request.probes = try search.probes.map {
                    let hash = try reader.chainHash(of: search.replica, at: $0)
                    return Head(replica: search.replica, sequence: $0, hash: hash ?? .zero)
                }
                return request
            }
            request.snapshot = try reader.loading()
            if request.snapshot == nil, peer.cursor.version == 0 || comparesAll {
                let named = Set(outgoing.map(\.head.replica))
                let others = try reader.heads().filter { !named.contains($0.replica) }
                request.known += others.prefix(Limits.maximumReplicaCount - request.known.count)
                // First it has to be known what this server lacks.
                if !comparesAll, !others.isEmpty { return request }
                if mayLoad(peer) { request.snapshot = .start }
            }
            if try !pushWaits(reader) { try push(outgoing, peer.batch, in: &request, reader) }
            return request
        }
    }

    /// Puts in what the server lacks, oldest first. What others have by file goes before the rest, and alone.
    private func push(
        _ outgoing: [OutgoingLog],
        _ batch: BatchSize,
        in request: inout SyncRequest,
        _ reader: StoreReader
    ) throws {
        let unsent = try reader.inOrderOfWriting(outgoing.filter { $0.unsentCount > 0 })
        request.isShared = unsent.contains(where: \.isShared)
        var (room, countLeft) = (max(1, min(batch.bytes, rules.maximumPushBytes)), Limits.maximumExchangeChangeCount)
        for log in unsent where log.isShared == request.isShared && room > 0 {
            guard let (run, proof) = try reader.next(of: log, maximumBytes: room), run.bodies.count <= countLeft
            else { break }
            room -= run.bodies.reduce(0) { $0 + $1.count }
            countLeft -= run.bodies.count
            request.runs.append(run)
            if let proof { request.proofs.append(proof) }
            // What was written after it names it, so that it cannot come before it.
            if run.bodies.count < log.unsentCount { break }
        }
    }

    /// A device that has read nothing and holds nothing of others loads; only looking is done in the log.
    private func mayLoad(_ peer: Peer) -> Bool {
        peer.cursor == .start && !comparesAll && !readsLog && !rules.sendsNothing
    }

    /// Whether nothing may be sent, or not without a yes.
    func pushWaits(_ reader: StoreReader) throws -> Bool {
        if rules.sendsNothing { return true }
        return try !rules.mayDeleteMany && reader.guardedDeletionCount() != nil
    }
}
