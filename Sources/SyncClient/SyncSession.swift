public import Models
public import Store

/// One run of sync between a store and a server, without the network: what to send next, and what
/// to do with the answer. The same code runs over TLS and in the simulator.
///
/// Each answer is taken in in one transaction: changes, cursor and acknowledgement together, so
/// that a device that is cut off at any byte goes on where it was.
public struct SyncSession: Sendable {
    let store: NotebookStore
    let surroundings: Surroundings
    let rules: SyncRules
    var search: ForkSearch?
    /// This log is compared with the server's as a whole, or was: the server's is read from the start, or all is read
    /// and sent and the two differ.
    var comparesAll = false
    /// Others' logs that the server does not take from this device.
    var refused: Set<ReplicaID> = []
    /// What was loaded as a snapshot did not fit, so the log is read from its start.
    var readsLog = false
    /// What the server has to say deletes so much that a person is to be asked: it waits there.
    private var isHolding = false
    private var correctionCount = 0
    /// What happened so far.
    public internal(set) var report = SyncReport()

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
        case .clockAhead(let replica, let milliseconds):
            // What the server has, others may have seen: only the rest may get other stamps.
            let settled = try acknowledge(answer, writer)
            try setClock(offset, writer)
            if try !writer.restamp(now: milliseconds) { try writer.keepAsItIs(replica) }
            // What else stands there under our numbers was never sent here: it passed for ours.
            let own = Set(request.heads.map(\.replica)).subtracting(settled)
            if answer.accepted.contains(where: { own.contains($0.replica) }) { try readAgain(writer) }
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
        if try beginSearch(answer, request, writer) { return .exchangeAgain }
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

        guard !answer.hasMore else { return .exchangeAgain }
        if !rules.sendsNothing {
            let isAllSent = try hasSent(writer.reader)
            report.revivedCount += try writer.reviveReturned(isAllSent: isAllSent)
        }
        guard try hasSent(writer.reader) else { return .exchangeAgain }
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

    private func setClock(_ offset: Int64, _ writer: StoreWriter) throws {
        var peer = try writer.reader.peer() ?? Peer()
        peer.clockOffset = offset
        try writer.setPeer(peer)
    }
}

/// Ends a transaction that would delete more than is done unasked.
private struct HeldDeletions: Error {
    var count: Int
}
