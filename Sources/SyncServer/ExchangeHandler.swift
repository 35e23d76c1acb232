public import Models
public import Store
import Wire

/// Answers exchanges of sync for one notebook: admits what a device pushes, hands out what it
/// has not read. The network, the clock and chance are somebody else's; a simulation drives the
/// very same code.
public struct ExchangeHandler: Sendable {
    private let store: NotebookStore
    private let surroundings: Surroundings
    private let proofKey: ProofKey
    private let orders = SnapshotOrders()

    /// - Parameter proofSecret: bytes that this server alone has, for the proofs it gives to devices.
    public init(store: NotebookStore, surroundings: Surroundings, proofSecret: [UInt8]) throws {
        self.store = store
        self.surroundings = surroundings
        proofKey = ProofKey(secret: proofSecret, notebook: try store.read { try $0.notebook().notebook })
    }

    /// Answers one exchange. Everything that was accepted is on disk when this returns.
    ///
    /// - Parameters:
    ///   - rights: what the asking device may write.
    ///   - device: which one it is; nil: how far it has read keeps nothing from being folded.
    /// - Throws: ``ExchangeError``, with nothing of the request stored.
    public func answer(
        _ request: SyncRequest,
        rights: WritingRights = .all,
        from device: UInt64? = nil
    ) throws -> SyncAnswer {
        let now = surroundings.now()
        if !request.isTrial { try note(request, rights, from: device, now) }
        if request.runs.isEmpty, let answer = try store.read({ try exchange($0, now).pull(request) }) {
            return answer
        }
        return try store.write { writer in
            if let refusal = try push(request, writer, now: now, rights) { return refusal }
            if let answer = try exchange(writer.reader, now).pull(request) { return answer }
            // The log behind the cursor is not the one that was read: this log was put back. Its life is another already
            // if it was read in one that is gone.
            try writer.notePutBack(readIn: request.cursor.epoch)
            return try exchange(writer.reader, now).refusal(.historyLost, request)
        }
    }

    /// How far the device has read, and under which replica it writes: under an earlier one it writes no more, so that
    /// others may bring what they have of that.
    private func note(_ request: SyncRequest, _ rights: WritingRights, from device: UInt64?, _ now: UInt64) throws {
        if let device, try store.read({ try isReader(device, request, $0, now) }) {
            try store.write { try $0.note(device, readThrough: request.cursor.version, at: now) }
        }
        if let current = request.heads.first { _ = try rights.mayWrite(current.replica) }
    }

    private func isReader(_ device: UInt64, _ request: SyncRequest, _ reader: StoreReader, _ now: UInt64) throws -> Bool
    {
        try reader.isDue(device, at: now) && exchange(reader, now).holds(request.cursor)
    }

    private func exchange(_ reader: StoreReader, _ now: UInt64) -> Exchange {
        Exchange(reader: reader, now: now, proofKey: proofKey, orders: orders)
    }

    /// Appends the request's runs; returns the refusal if there is one. A refusal stores nothing of
    /// the run it is about.
    private func push(
        _ request: SyncRequest,
        _ writer: StoreWriter,
        now: UInt64,
        _ rights: WritingRights
    ) throws -> SyncAnswer? {
        guard try exchange(writer.reader, now).holds(request.cursor) else { return nil }
        for run in request.runs {
            if let refusal = try admit(run, of: request, writer, now: now, rights) { return refusal }
        }
        _ = try writer.reader
        // Nobody can mend what others may have, nor who brings another's edits: it counts as empty, everywhere.
        if request.isShared { return nil }
        let named = Set(request.heads.map(\.replica))
        if let misfit = writer.misfits.first(where: { named.contains($0.replica) }) {
            throw ExchangeError.textDoesNotFit(misfit.replica, sequence: misfit.sequence)
        }
        return nil
    }

    private func admit(
        _ run: ChangeRun,
        of request: SyncRequest,
        _ writer: StoreWriter,
        now: UInt64,
        _ rights: WritingRights
    ) throws -> SyncAnswer? {
        let exchange = exchange(try writer.reader, now)
        let read = try ReadRun(run)
        let isProven = exchange.isProven(read, of: run, by: request.proofs)
        // What this server once accepted it does not judge by the clock again, nor what nobody can stamp again.
        let isTimeless = isProven || request.isShared
        let refused = try isTimeless ? [:] : writer.reader.refusals(of: run.replica)
        let missing = try refused.isEmpty ? [] : exchange.missing(of: read, in: run)
        // Who has the change needs no right to its log, if nothing before it is to be brought.
        if let first = missing.first, let milliseconds = refused[first] {
            return try exchange.refusal(.clockAhead(run.replica, at: milliseconds), request)
        }
        let (head, headTime) = try writer.reader.headAndTime(of: run.replica)
        let admission = try Admission.judge(
            firstSequence: run.firstSequence,
            previous: run.previous,
            candidates: zip(read.changes, read.hashes).map {
                Admission.Candidate(time: $0.time, hash: $1)
            },
            head: head,
            headTime: headTime,
            serverMilliseconds: isTimeless ? Limits.maximumMilliseconds : now,
            knownHash: { try writer.reader.chainHash(of: run.replica, at: $0) },
            wasAhead: { refused[$0] != nil }
        )
        // Another writes it: this device shall keep its hands off it, and write under a replica of its own.
        guard try isProven || isAllowed(run.replica, request, writer.reader.notebook(), rights) else {
            return try exchange.refusal(.replicaForked(run.replica, common: 0), request)
        }
        switch admission {
        case .accept(let index):
            try writer.append(read, from: index)
        case .forked(let common):
            // All who have a refused change stamp it again as of when it was refused, whatever stands in its place by
            // now, so that they make the same of it.
            if let milliseconds = missing.lazy.compactMap({ refused[$0] }).first {
                return try exchange.refusal(.clockAhead(run.replica, at: milliseconds), request)
            }
            return try exchange.refusal(.replicaForked(run.replica, common: common), request)
        case .sendFrom(let sequence):
            return try exchange.refusal(.sendFrom(run.replica, sequence), request)
        case .clockAhead(let index):
            let hash = read.hashes[index]
            if refused[hash] == nil { try writer.noteRefusal(of: run.replica, hash, at: now) }
            return try exchange.refusal(.clockAhead(run.replica, at: refused[hash] ?? now), request)
        case .timeNotRising(let sequence):
            throw ExchangeError.timeNotRising(run.replica, sequence: sequence)
        }
        return nil
    }

    private func isAllowed(
        _ replica: ReplicaID,
        _ request: SyncRequest,
        _ log: NotebookIdentity,
        _ rights: WritingRights
    ) throws -> Bool {
        let isOwn = request.heads.contains { $0.replica == replica }
        guard isOwn || request.known.contains(where: { $0.replica == replica }), replica != log.replica else {
            throw ExchangeError.forbidden(replica)
        }
        if request.heads.first?.replica == replica { return try rights.mayWrite(replica) }
        return try isOwn ? rights.mayFinish(replica) : rights.mayCarry(replica, log.wasPutBack)
    }
}

/// What a device may append to.
public struct WritingRights: Sendable {
    /// Whether it may write under this replica, which is its own from then on.
    public var mayWrite: @Sendable (ReplicaID) throws -> Bool
    /// Whether it may bring what it wrote under this replica earlier: nobody else writes under it. It may be a copy's
    /// past and another's present.
    public var mayFinish: @Sendable (ReplicaID) throws -> Bool
    /// Whether it may bring this replica's changes though it has no proof of them: nobody here writes under it. A server
    /// that was put back has forgotten some of its writers, and lets one device alone.
    public var mayCarry: @Sendable (ReplicaID, _ wasPutBack: Bool) throws -> Bool

    /// Each may block, and is asked inside the notebook's transaction where it is about changes; what it throws ends the
    /// exchange, with nothing of it stored.
    public init(
        mayWrite: @escaping @Sendable (ReplicaID) throws -> Bool,
        mayFinish: @escaping @Sendable (ReplicaID) throws -> Bool,
        mayCarry: @escaping @Sendable (ReplicaID, _ wasPutBack: Bool) throws -> Bool
    ) {
        self.mayWrite = mayWrite
        self.mayFinish = mayFinish
        self.mayCarry = mayCarry
    }

    /// Of a device that nobody doubts.
    public static let all = WritingRights(
        mayWrite: { _ in true },
        mayFinish: { _ in true },
        mayCarry: { _, _ in true }
    )
    /// Of a device that may only read, and bring what this server proves to have had.
    public static let none = WritingRights(
        mayWrite: { _ in false },
        mayFinish: { _ in false },
        mayCarry: { _, _ in false }
    )
}

/// What is wrong with a request beyond repair by sending it again.
public enum ExchangeError: Error, Hashable, Sendable {
    /// The device does not say that it holds this replica's log, or it is the server's own.
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
    let proofKey: ProofKey
    let orders: SnapshotOrders

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
        if let position = request.snapshot, position != .start {
            return try holds(position.log) ? load(from: position, request) : nil
        }
        let (end, _) = try reader.logEnd()
        let (runs, through) = try reader.changes(
            after: request.cursor.version,
            known: request.heads + request.known,
            maximumBytes: min(request.maximumBytes, Limits.maximumBatchBytes)
        )
        let isLevel = through == end
        // What fits into one answer needs no order of its own.
        if !isLevel, request.snapshot != nil {
            return try load(from: SnapshotPosition(log: cursor(at: end), offset: 0), request)
        }
        return SyncAnswer(
            outcome: .accepted,
            accepted: try accepted(request),
            runs: runs,
            proofs: try proofs(of: runs + request.runs),
            next: try cursor(at: through),
            hasMore: !isLevel,
            serverMilliseconds: now,
            serverVersion: end,
            digest: isLevel ? try reader.digest() : nil,
            floor: isLevel ? try reader.floor(at: now) : 0
        )
    }

    private func load(from position: SnapshotPosition, _ request: SyncRequest) throws -> SyncAnswer {
        let order = try orders.order(of: position.log) { try reader.snapshotOrder(through: position.log.version) }
        let changes = try reader.snapshotChanges(
            order.versions.dropFirst(Int(clamping: position.offset)),
            maximumBytes: min(request.maximumBytes, Limits.maximumBatchBytes)
        )
        var next = position
        next.offset += UInt64(changes.count)
        let heads = next.isAtEnd ? try reader.heads(through: position.log.version) : []
        let points = changes.filter { HeadProof.isPoint(sequence: $0.change.sequence, byteCount: $0.change.body.count) }
            .map { Head(replica: $0.change.replica, sequence: $0.change.sequence, hash: $0.hash) }
        return SyncAnswer(
            outcome: .accepted,
            accepted: try accepted(request),
            runs: [],
            snapshot: SnapshotPage(changes: changes.map(\.change), next: next, heads: heads),
            proofs: try proofs(of: request.runs) + (points + heads).map(proofKey.proof),
            next: next.isAtEnd ? position.log : request.cursor,
            hasMore: true,
            serverMilliseconds: now,
            serverVersion: try reader.logEnd().version,
            digest: nil
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

    /// The changes of the run that are not here, if it fits to what is.
    func missing(of read: ReadRun, in run: ChangeRun) throws -> ArraySlice<ContentHash> {
        func isHere(_ sequence: UInt64, _ hash: ContentHash) throws -> Bool {
            try reader.chainHash(of: run.replica, at: sequence) == hash
        }
        guard try isHere(run.firstSequence - 1, run.previous) else { return [] }
        let first = try read.hashes.indices.first { try !isHere(run.firstSequence + UInt64($0), read.hashes[$0]) }
        return read.hashes[(first ?? read.hashes.endIndex)...]
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

    /// The heads of the device's own logs; and of others it holds, where there is less here, or was until now, or
    /// something else.
    private func accepted(_ request: SyncRequest) throws -> [Head] {
        let pushed = Set(request.runs.map(\.replica))
        let behind = try request.known.compactMap { known -> Head? in
            let ours = try reader.head(of: known.replica)
            if ours.sequence < known.sequence || pushed.contains(known.replica) { return ours }
            return try reader.chainHash(of: known.replica, at: known.sequence) == known.hash ? nil : ours
        }
        return try request.heads.map { try reader.head(of: $0.replica) } + behind
    }

    // MARK: Proofs

    /// Whether the run ends at a head that this server once held.
    func isProven(_ read: ReadRun, of run: ChangeRun, by proofs: [HeadProof]) -> Bool {
        guard let proof = proofs.first(where: { $0.replica == run.replica }), let hash = read.hashes.last
        else { return false }
        let end = run.firstSequence + UInt64(run.bodies.count) - 1
        return proofKey.proves(proof, Head(replica: run.replica, sequence: end, hash: hash))
    }

    /// For each log that came or goes: its points, and its last change.
    private func proofs(of runs: [ChangeRun]) throws -> [HeadProof] {
        var heads: [Head] = []
        for run in runs {
            for (index, body) in run.bodies.enumerated() {
                let sequence = run.firstSequence + UInt64(index)
                guard index == run.bodies.count - 1 || HeadProof.isPoint(sequence: sequence, byteCount: body.count),
                    let hash = try reader.chainHash(of: run.replica, at: sequence)
                else { continue }
                heads.append(Head(replica: run.replica, sequence: sequence, hash: hash))
            }
        }
        return heads.map(proofKey.proof)
    }

    private func cursor(at version: UInt64) throws -> Cursor {
        Cursor(
            epoch: try reader.notebook().epoch,
            version: version,
            hash: try reader.logHash(at: version) ?? .zero
        )
    }
}
