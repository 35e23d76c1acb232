import EgWalker
import Foundation
import GRDB
public import Models
import Wire

/// Changes of other replicas.
extension StoreWriter {
    /// Appends what this store has not seen of `run`; returns how many changes that were.
    ///
    /// A peer may send a run again after a lost answer, so a known change is skipped, not refused.
    ///
    /// - Throws: ``RunError`` where the run does not continue the log it belongs to.
    @discardableResult
    public func append(_ run: ChangeRun) throws -> Int {
        let head = try StoreReader(db: db).head(of: run.replica)
        guard run.firstSequence <= head.sequence + 1 else {
            throw RunError.gap(replica: run.replica, expected: head.sequence + 1)
        }
        let known = Int(clamping: head.sequence + 1 - run.firstSequence)
        guard known < run.bodies.count else { return 0 }
        let read = try ReadRun(run)
        let before = known == 0 ? run.previous : read.hashes[known - 1]
        guard before == head.hash else {
            throw RunError.forked(replica: run.replica, sequence: run.firstSequence + UInt64(known))
        }
        try append(read, from: known)
        return run.bodies.count - known
    }

    /// Appends the changes of an admitted run from `index` on.
    public func append(_ run: ReadRun, from index: Int) throws {
        try withApplier { applier in
            for index in index..<run.changes.count {
                try applier.append(run.changes[index], body: run.bodies[index], hash: run.hashes[index])
            }
        }
    }
}

/// A run whose bodies were read and whose hashes were computed, once for all who look at it.
public struct ReadRun: Sendable {
    public let changes: [Change]
    public let hashes: [ContentHash]
    let bodies: [[UInt8]]

    /// - Throws: ``RunError/invalid(replica:sequence:_:)`` naming the first change that cannot be accepted.
    public init(_ run: ChangeRun) throws(RunError) {
        var changes: [Change] = []
        changes.reserveCapacity(run.bodies.count)
        for (index, body) in run.bodies.enumerated() {
            let sequence = run.firstSequence + UInt64(index)
            do {
                changes.append(try ChangeCodec.decode(body, replica: run.replica, sequence: sequence))
            } catch {
                throw RunError.invalid(replica: run.replica, sequence: sequence, error)
            }
        }
        self.changes = changes
        hashes = Chain.hashes(of: run)
        bodies = run.bodies
    }
}

/// Why a run of changes cannot be appended.
public enum RunError: Error, Hashable, Sendable {
    case gap(replica: ReplicaID, expected: UInt64)
    case forked(replica: ReplicaID, sequence: UInt64)
    case invalid(replica: ReplicaID, sequence: UInt64, InvalidChange)
}
