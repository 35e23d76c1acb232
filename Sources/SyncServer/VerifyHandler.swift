public import Models
public import Store

/// Answers a device that wants to know whether both hold the same, and takes what heals a damaged log. The network is
/// somebody else's.
///
/// Whoever may read the notebook may ask and heal: nothing is taken that this server's own hashes do not prove.
public struct VerifyHandler: Sendable {
    private let store: NotebookStore

    /// - Parameter store: of one notebook, whoever else uses it meanwhile.
    public init(store: NotebookStore) { self.store = store }

    /// Answers one question, from one view of the notebook. Changes nothing.
    ///
    /// - Throws: `StoreError`.
    public func answer(_ question: VerifyQuestion) throws -> VerifyAnswer {
        try store.read { reader in
            let (version, hash) = try reader.logEnd()
            return VerifyAnswer(
                at: Cursor(epoch: try reader.notebook().epoch, version: version, hash: hash),
                stateVersion: StoreReader.stateVersion,
                content: try content(question, reader)
            )
        }
    }

    private func content(_ question: VerifyQuestion, _ reader: StoreReader) throws -> VerifyAnswer.Content {
        switch question {
        case .position(let heads):
            .position(LogPosition(heads: try reader.heads(), forked: try forked(heads, reader)))
        case .log(let after):
            .log(try reader.lookAtLog(after: after, maximumBytes: Limits.verifyLookBytes))
        case .state(let after, let named):
            .state(try reader.lookAtState(after: after, naming: named, maximumBytes: Limits.verifyLookBytes))
        case .touched(let heads, let after, let through):
            .touched(try reader.touched(beyond: heads, after: after, through: through))
        case .changes(let spans, let maximumBytes):
            .changes(try reader.find(spans, maximumBytes: min(maximumBytes, Limits.maximumBatchBytes)))
        }
    }

    private func forked(_ heads: [Head], _ reader: StoreReader) throws -> [ReplicaID] {
        try heads.filter { head in
            guard let hash = try reader.chainHash(of: head.replica, at: head.sequence) else { return false }
            return hash != head.hash
        }.map(\.replica)
    }

    /// Mends what follows from the rest, takes the bytes that fit, and builds the state anew if that is asked and the
    /// log is whole. All of it in one transaction, and again does no harm.
    ///
    /// - Throws: `StoreError`, with nothing changed; what does not fit is passed over.
    public func repair(_ request: RepairRequest) throws -> RepairAnswer {
        try store.write { writer in
            let mendedCount = try writer.mendLog()
            var healedCount = 0
            for run in request.runs { healedCount += try writer.heal(with: run) }
            return RepairAnswer(
                healedCount: healedCount,
                mendedCount: mendedCount,
                isRebuilt: request.rebuilds ? try writer.rebuildStateOfWholeLog() : false
            )
        }
    }
}
