import Models
import Store

/// What the server has by its own word: of this device's logs, and of others'.
extension SyncSession {
    /// The server took what was sent, and said how far it has the logs that were named.
    mutating func noteAccepted(_ answer: SyncAnswer, _ request: SyncRequest, _ writer: StoreWriter) throws {
        let settled = try acknowledge(answer, writer)
        // Where its head is not ours, it has at least what it took: the next exchange shows where the two part.
        for run in request.runs where !settled.contains(run.replica) {
            let last = run.firstSequence + UInt64(run.bodies.count) - 1
            let log = try writer.reader.outgoing().first { $0.head.replica == run.replica }
            if let log, log.acknowledged < last { try writer.acknowledge(run.replica, through: last) }
        }
        if !request.known.isEmpty { try carry(answer, writer) }
        comparesAll = comparesAll || (request.cursor.version == 0 && !request.known.isEmpty)
        report.sentCount += request.runs.reduce(0) { $0 + $1.bodies.count }
    }

    /// The server's heads of our logs, as far as they are ours. Returns which are.
    @discardableResult
    func acknowledge(_ answer: SyncAnswer, _ writer: StoreWriter) throws -> Set<ReplicaID> {
        var settled: Set<ReplicaID> = []
        for head in answer.accepted {
            let isOurs = try writer.reader.chainHash(of: head.replica, at: head.sequence) == head.hash
            if isOurs {
                try writer.acknowledge(head.replica, through: head.sequence)
                settled.insert(head.replica)
            }
        }
        return settled
    }

    /// Others' logs that the server has less of than this device: it had more and was put back, or they came here by
    /// file. Whoever is first with them brings them.
    private func carry(_ answer: SyncAnswer, _ writer: StoreWriter) throws {
        let settled = refused.union(try writer.reader.outgoing().map(\.head.replica))
        for head in answer.accepted where !settled.contains(head.replica) {
            let ours = try writer.reader.head(of: head.replica).sequence
            let common = try writer.reader.chainHash(of: head.replica, at: head.sequence)
            if let common, common != head.hash, common != .zero {
                throw try logForked(head.replica, head.sequence, writer.reader)
            }
            guard ours > head.sequence else { continue }
            try writer.carry(head.replica, after: head.sequence, through: ours)
        }
    }
}
