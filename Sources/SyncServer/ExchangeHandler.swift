public import Models
public import Store

/// Answers exchanges of sync for one notebook: admits what a device pushes, hands out what it
/// has not read. The network, the clock and chance are somebody else's; a simulation drives the
/// very same code.
public struct ExchangeHandler: Sendable {
    private let store: NotebookStore
    private let surroundings: Surroundings

    public init(store: NotebookStore, surroundings: Surroundings) {
        self.store = store
        self.surroundings = surroundings
    }

    /// Answers one exchange. Everything that was accepted is on disk when this returns.
    ///
    /// - Parameter mayWrite: whether the asking device may append to a replica's log.
    /// - Throws: ``ExchangeError``, with nothing of the request stored.
    public func answer(
        _ request: SyncRequest,
        mayWrite: (ReplicaID) throws -> Bool = { _ in true }
    ) throws -> SyncAnswer {
        let now = surroundings.now()
        if request.runs.isEmpty, let answer = try store.read({ try Exchange($0, now).pull(request) }) {
            return answer
        }
        return try store.write { writer in
            if let refusal = try push(request, writer, now: now, mayWrite: mayWrite) { return refusal }
            if let answer = try Exchange(writer.reader, now).pull(request) { return answer }
            // The log behind the cursor is not the one that was read: this log was put back.
            if try writer.reader.notebook().epoch == request.cursor.epoch { try writer.startNewEpoch() }
            return try Exchange(writer.reader, now).refusal(.historyLost, request)
        }
    }

    /// Appends the request's runs; returns the refusal if there is one. A refusal stores nothing of
    /// the run it is about.
    private func push(
        _ request: SyncRequest,
        _ writer: StoreWriter,
        now: UInt64,
        mayWrite: (ReplicaID) throws -> Bool
    ) throws -> SyncAnswer? {
        let exchange = Exchange(try writer.reader, now)
        guard try exchange.holds(request.cursor) else { return nil }
        for run in request.runs {
            guard request.heads.contains(where: { $0.replica == run.replica }), try mayWrite(run.replica) else {
                throw ExchangeError.forbidden(run.replica)
            }
            let read = try ReadRun(run)
            let (head, headTime) = try writer.reader.headAndTime(of: run.replica)
            let admission = try Admission.judge(
                firstSequence: run.firstSequence,
                previous: run.previous,
                candidates: zip(read.changes, read.hashes).map {
                    Admission.Candidate(time: $0.time, hash: $1)
                },
                head: head,
                headTime: headTime,
                serverMilliseconds: now,
                knownHash: { try writer.reader.chainHash(of: run.replica, at: $0) }
            )
            switch admission {
            case .accept(let index):
                try writer.append(read, from: index)
            case .forked(let common):
                return try exchange.refusal(.replicaForked(run.replica, common: common), request)
            case .sendFrom(let sequence):
                return try exchange.refusal(.sendFrom(run.replica, sequence), request)
            case .clockAhead(let milliseconds):
                return try exchange.refusal(.clockAhead(milliseconds: milliseconds), request)
            case .timeNotRising(let sequence):
                throw ExchangeError.timeNotRising(run.replica, sequence: sequence)
            }
        }
        _ = try writer.reader
        if let misfit = writer.misfits.first {
            throw ExchangeError.textDoesNotFit(misfit.replica, sequence: misfit.sequence)
        }
        return nil
    }
}

/// What is wrong with a request beyond repair by sending it again.
public enum ExchangeError: Error, Hashable, Sendable {
    /// The device may not write this replica's log.
    case forbidden(ReplicaID)
    /// A replica's stamps must rise with its sequences.
    case timeNotRising(ReplicaID, sequence: UInt64)
    /// A text edit does not fit the version it names.
    case textDoesNotFit(ReplicaID, sequence: UInt64)
}

/// One exchange against one view of the log.
private struct Exchange {
    let reader: StoreReader
    let now: UInt64

    init(_ reader: StoreReader, _ now: UInt64) {
        self.reader = reader
        self.now = now
    }

    /// Whether the log is still the one that `cursor` was taken from.
    func holds(_ cursor: Cursor) throws -> Bool {
        if cursor == .start { return true }
        return try cursor.epoch == reader.notebook().epoch && reader.logHash(at: cursor.version) == cursor.hash
    }

    /// What the device has not read; nil if the log is not the one its cursor was taken from.
    func pull(_ request: SyncRequest) throws -> SyncAnswer? {
        guard try holds(request.cursor) else { return nil }
        if let probe = request.probes.first {
            let alike = try request.probes.last {
                try $0.replica == probe.replica && reader.chainHash(of: $0.replica, at: $0.sequence) == $0.hash
            }
            return try refusal(.replicaForked(probe.replica, common: alike?.sequence ?? 0), request)
        }
        if let fork = try fork(of: request.heads) { return try refusal(fork, request) }
        let (end, _) = try reader.logEnd()
        let (runs, through) = try reader.changes(
            after: request.cursor.version,
            known: request.heads,
            maximumBytes: min(request.maximumBytes, Limits.maximumBatchBytes)
        )
        let isLevel = through == end
        return SyncAnswer(
            outcome: .accepted,
            accepted: try accepted(request),
            runs: runs,
            next: try cursor(at: through),
            hasMore: !isLevel,
            serverMilliseconds: now,
            serverVersion: end,
            digest: isLevel ? try reader.digest() : nil
        )
    }

    /// A device whose log is another one than what the server has of it, or shorter, was cloned or
    /// restored.
    private func fork(of heads: [Head]) throws -> SyncOutcome? {
        for head in heads {
            let ours = try reader.head(of: head.replica)
            let isPrefix = try reader.chainHash(of: head.replica, at: head.sequence) == head.hash
            if ours.sequence > head.sequence {
                return .replicaForked(head.replica, common: isPrefix ? head.sequence : 0)
            }
            if ours.sequence == head.sequence, !isPrefix { return .replicaForked(head.replica, common: 0) }
        }
        return nil
    }

    /// An answer that stores and hands out nothing.
    func refusal(_ outcome: SyncOutcome, _ request: SyncRequest) throws -> SyncAnswer {
        let (end, _) = try reader.logEnd()
        return SyncAnswer(
            outcome: outcome,
            accepted: try accepted(request),
            runs: [],
            next: outcome == .historyLost ? try cursor(at: 0) : request.cursor,
            hasMore: end > 0,
            serverMilliseconds: now,
            serverVersion: end,
            digest: nil
        )
    }

    private func accepted(_ request: SyncRequest) throws -> [Head] {
        try request.heads.map { try reader.head(of: $0.replica) }
    }

    private func cursor(at version: UInt64) throws -> Cursor {
        Cursor(
            epoch: try reader.notebook().epoch,
            version: version,
            hash: try reader.logHash(at: version) ?? .zero
        )
    }
}
