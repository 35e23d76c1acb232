public import Models
public import Store

/// One run of sync between a store and a server, without the network: what to send next, and what
/// to do with the answer. The same code runs over TLS and in the simulator.
///
/// Each answer is taken in in one transaction: changes, cursor and acknowledgement together, so
/// that a device that is cut off at any byte goes on where it was.
public struct SyncSession: Sendable {
    private let store: NotebookStore
    private let surroundings: Surroundings
    private let rules: SyncRules
    private var search: ForkSearch?
    /// This log is compared with the server's as a whole, or was: the server's is read from the start, or all is read
    /// and sent and the two differ.
    private var comparesAll = false
    /// Others' logs that the server does not take from this device.
    private var refused: Set<ReplicaID> = []
    /// What was loaded as a snapshot did not fit, so the log is read from its start.
    private var readsLog = false
    /// What the server has to say deletes so much that a person is to be asked: it waits there.
    private var isHolding = false
    private var correctionCount = 0
    /// What happened so far.
    public private(set) var report = SyncReport()

    public init(store: NotebookStore, surroundings: Surroundings, rules: SyncRules = SyncRules()) {
        self.store = store
        self.surroundings = surroundings
        self.rules = rules
    }

    /// What comes after an answer.
    public enum Step: Hashable, Sendable {
        case exchangeAgain
        case finished
    }

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
            if try pushWaits(reader) { return request }
            let unsent = try reader.inOrderOfWriting(outgoing.filter { $0.unsentCount > 0 })
            request.isShared = unsent.contains(where: \.isShared)
            var (room, countLeft) = (peer.batch.bytes, Limits.maximumExchangeChangeCount)
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
            return request
        }
    }

    /// A device that has read nothing and holds nothing of others loads; only looking is done in the log.
    private func mayLoad(_ peer: Peer) -> Bool {
        peer.cursor == .start && !comparesAll && !readsLog && !rules.sendsNothing
    }

    /// Takes in what the server answered to `request`.
    ///
    /// - Parameter milliseconds: how long the exchange took, to fit the next one to the link.
    public mutating func take(
        _ answer: SyncAnswer,
        to request: SyncRequest,
        tookMilliseconds milliseconds: UInt64
    ) throws -> Step {
        report.exchangeCount += 1
        let now = surroundings.now()
        let offset = Int64(clamping: answer.serverMilliseconds) - Int64(clamping: now)
        let before = report
        let refusedCount = refused.count
        let step: Step
        do {
            step = try store.write { try take(answer, request, offset, milliseconds, $0) }
        } catch is SnapshotMisfit {
            report = before
            readsLog = true
            try store.write { try $0.dropLoading() }
            step = .exchangeAgain
        } catch let held as HeldDeletions {
            report = before
            isHolding = true
            report.heldDeletionCount = held.count
            return try store.write { try hold(answer, request, held.count, $0) }
        }
        // What another's writer is to settle corrects nothing here, and each log is refused once.
        if answer.outcome != .accepted, refused.count == refusedCount { correctionCount += 1 }
        guard correctionCount <= Limits.maximumCorrectionCount,
            report.exchangeCount < Limits.maximumExchangeCount
        else {
            throw SyncError.protocolBroken("it corrected this device \(correctionCount) times in a row")
        }
        return step
    }

    private mutating func take(
        _ answer: SyncAnswer,
        _ request: SyncRequest,
        _ offset: Int64,
        _ milliseconds: UInt64,
        _ writer: StoreWriter
    ) throws -> Step {
        switch answer.outcome {
        case .accepted:
            correctionCount = 0
            if isHolding { return try hold(answer, request, report.heldDeletionCount, writer) }
            return try accept(answer, request, offset, milliseconds, writer)
        case .replicaForked(let replica, let common):
            try learn(replica, common, answer, writer)
        case .sendFrom(let replica, let sequence):
            guard sequence > 0, try writer.reader.head(of: replica).sequence >= sequence - 1 else {
                throw SyncError.protocolBroken("it asks for change \(sequence) of a log that ends before")
            }
            try writer.acknowledge(replica, through: sequence - 1)
        case .clockAhead(_, let milliseconds):
            // What the server has, others may have seen: only the rest may get other stamps.
            try acknowledge(answer, writer)
            try setClock(offset, writer)
            try writer.restamp(now: milliseconds)
        case .historyLost:
            // What was loaded of the log that is gone begins anew.
            let wasLoading = try writer.reader.loading() != nil
            try writer.dropLoading()
            var peer = try writer.reader.peer() ?? Peer()
            peer.cursor = answer.next
            try writer.setPeer(peer)
            try acknowledge(answer, writer)
            comparesAll = false
            report.serverWasRestored = !wasLoading
        }
        return .exchangeAgain
    }

    /// An exchange broke off: the next one carries less.
    public func failed() throws {
        try store.write { writer in
            var peer = try writer.reader.peer() ?? Peer()
            peer.batch.failed()
            try writer.setPeer(peer)
        }
    }

    private mutating func accept(
        _ answer: SyncAnswer,
        _ request: SyncRequest,
        _ offset: Int64,
        _ milliseconds: UInt64,
        _ writer: StoreWriter
    ) throws -> Step {
        do {
            if let page = answer.snapshot {
                guard request.snapshot != nil else { throw SyncError.protocolBroken("it sends a snapshot unasked") }
                guard let count = try writer.load(page) else { return .exchangeAgain }
                report.receivedCount += count
                report.loading = page.next.isAtEnd ? nil : page.next
            }
            for run in answer.runs { report.receivedCount += try writer.append(run) }
        } catch RunError.forked(let replica, let sequence) {
            throw try logForked(replica, sequence, writer.reader)
        } catch let error as RunError {
            throw SyncError.protocolBroken("its changes do not fit: \(error)")
        }
        var peer = try writer.reader.peer() ?? Peer()
        report.deletedCount += try writer.deletedCount()
        peer.deletedCount += try writer.deletedCount(through: peer.settledRow)
        if !rules.mayDeleteMany {
            let live = try writer.reader.count(of: RecordKind.personal) + peer.deletedCount
            if DeletionGuard.asks(deleting: peer.deletedCount, of: live) {
                throw HeldDeletions(count: try writer.deletedCount(through: peer.settledRow))
            }
        }
        peer.cursor = answer.next
        peer.clockOffset = offset
        peer.batch.succeeded(inMilliseconds: milliseconds)
        peer.synced = surroundings.now()
        if !answer.hasMore {
            peer.settledRow = try writer.reader.lastRow()
            peer.deletedCount = 0
            peer.heldCount = 0
        }
        try writer.setPeer(peer)
        for proof in answer.proofs { try writer.keep(proof) }
        try noteAccepted(answer, request, writer)

        if !answer.hasMore, !rules.sendsNothing { report.revivedCount += try writer.reviveReturned() }
        guard try !answer.hasMore && hasSent(writer.reader) else { return .exchangeAgain }
        report.isLevel = try answer.digest == writer.reader.digest()
        // Something came by file that the server has not got.
        if !report.isLevel, !comparesAll, !rules.sendsNothing {
            comparesAll = true
            return .exchangeAgain
        }
        if report.isLevel, !rules.sendsNothing {
            report.purgedCount += try writer.tidy(
                at: LevelMoment(
                    serverVersion: answer.serverVersion,
                    serverMilliseconds: answer.serverMilliseconds,
                    floor: answer.floor
                )
            )
        }
        return try hasSent(writer.reader) ? .finished : .exchangeAgain
    }

    /// Takes in nothing but that the server has what was sent. What it has to say stays there, and is read again
    /// from the same cursor once somebody says yes.
    private mutating func hold(
        _ answer: SyncAnswer,
        _ request: SyncRequest,
        _ count: Int,
        _ writer: StoreWriter
    ) throws -> Step {
        var peer = try writer.reader.peer() ?? Peer()
        peer.heldCount = count
        try writer.setPeer(peer)
        try noteAccepted(answer, request, writer)
        return try hasSent(writer.reader) ? .finished : .exchangeAgain
    }

    /// Whether there is nothing to send, or nothing that may be sent without a yes.
    private mutating func hasSent(_ reader: StoreReader) throws -> Bool {
        let waits = try pushWaits(reader)
        report.withheldDeletionCount = try waits ? reader.guardedDeletionCount() ?? 0 : 0
        return try waits || rules.sendsNothing || reader.unsentCount() == 0
    }

    private func pushWaits(_ reader: StoreReader) throws -> Bool {
        if rules.sendsNothing { return true }
        return try !rules.mayDeleteMany && reader.guardedDeletionCount() != nil
    }

    /// The server took what was sent, and said how far it has the logs that were named.
    private mutating func noteAccepted(_ answer: SyncAnswer, _ request: SyncRequest, _ writer: StoreWriter) throws {
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
    private func acknowledge(_ answer: SyncAnswer, _ writer: StoreWriter) throws -> Set<ReplicaID> {
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

    private func logForked(_ replica: ReplicaID, _ sequence: UInt64, _ reader: StoreReader) throws -> SyncError {
        .logForked(try reader.deviceName(of: replica) ?? "\(replica)", sequence: sequence)
    }

    private func setClock(_ offset: Int64, _ writer: StoreWriter) throws {
        var peer = try writer.reader.peer() ?? Peer()
        peer.clockOffset = offset
        try writer.setPeer(peer)
    }

    /// Narrows down where this device's log left the server's; once that is known, takes a new
    /// replica and issues the rest again.
    private mutating func learn(
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

    private mutating func readAgain(_ writer: StoreWriter) throws {
        var peer = try writer.reader.peer() ?? Peer()
        peer.cursor = .start
        try writer.setPeer(peer)
        comparesAll = false
    }
}

/// What a sync may do.
public struct SyncRules: Hashable, Sendable {
    /// A person said yes to many deletions, both here and elsewhere (see `DeletionGuard`).
    public var mayDeleteMany: Bool
    /// Only looks at what would come.
    public var sendsNothing: Bool

    public init(mayDeleteMany: Bool = false, sendsNothing: Bool = false) {
        self.mayDeleteMany = mayDeleteMany
        self.sendsNothing = sendsNothing
    }
}

/// Ends a transaction that would delete more than is done unasked.
private struct HeldDeletions: Error {
    var count: Int
}

/// Why a sync ended early. Everything that was saved is safe; nothing is lost.
public enum SyncError: Error, Hashable, Sendable {
    /// The server answers what no server of ours answers.
    case protocolBroken(String)
    /// The server has another change under a number of another device's log than is here: the server and that device were
    /// put back together, and neither can tell (docs/decisions/0013).
    case logForked(String, sequence: UInt64)
}
