import Models
public import Store

/// Looks whether this device and its server hold what their changes add up to, and the same; and puts right what is
/// not, where somebody has the right bytes.
///
/// Verifying changes nothing. Each repair is one transaction that leaves the notebook as valid as it was, so a repair
/// that was cut off anywhere goes on when it is asked again. Nothing is deleted, and nothing is taken over that the
/// hashes on the side which takes it do not prove.
public struct VerifyEngine: Sendable {
    private let store: NotebookStore
    private let repairs: Bool

    /// - Parameter repairs: whether to put right what is found.
    public init(store: NotebookStore, repairs: Bool) {
        self.store = store
        self.repairs = repairs
    }

    /// Called before each part of the work.
    public typealias OnStep = (Step) -> Void

    /// A part of the work, for whoever shows how it goes. Each may come several times: after a repair both sides are
    /// looked at again.
    public enum Step: Hashable, Sendable {
        /// Reads this device's file: its pages, its logs or its state.
        case checking(StoreCheck.Part)
        /// Puts right what is damaged here, with bytes of this device or of the server.
        case repairingHere
        /// Asks the server what it holds, and changes nothing.
        case comparing
        /// Sends the server what its log has lost, or has it build its state anew.
        case repairingThere
    }

    // MARK: This device alone

    /// Looks at this device, and repairs what it can without a server.
    ///
    /// - Throws: `StoreError`; damage is told in the report, not thrown.
    public func runHere(_ onStep: OnStep = { _ in }) throws -> VerifyReport {
        var report = VerifyReport(here: try check(onStep))
        guard repairs, !report.here.findings.isEmpty else { return report }
        onStep(.repairingHere)
        try mend(&report)
        try finish(&report, onStep)
        return report
    }

    private func check(_ onStep: OnStep) throws -> StoreCheck {
        try store.check { onStep(.checking($0)) }
    }

    /// What follows from the rest of the log, and single bytes that a disk turned.
    private func mend(_ report: inout VerifyReport) throws {
        report.repairs.mendedCount += try store.write { try $0.mendLog() }
        for fault in try store.bodyFaults() {
            let isHealed = try store.write { try $0.healTurnedByte(fault.replica, fault.sequence) }
            if isHealed { report.repairs.healedHereCount += 1 }
        }
    }

    /// The log was worked on: the state is built anew where it is not what a whole log adds up to.
    private func finish(_ report: inout VerifyReport, _ onStep: OnStep) throws {
        report.here = try check(onStep)
        guard report.here.findings.contains(where: { $0.part == .state }) else { return }
        guard try store.write({ try $0.rebuildStateOfWholeLog() }) else { return }
        report.repairs.isRebuilt = true
        report.here = try check(onStep)
    }

    // MARK: With the server

    /// Goes on from what was found here: compares with `server`, and repairs either side with what the other has.
    ///
    /// - Throws: ``ConnectionError``, ``VerifyError``, `StoreError`; every repair up to then stays.
    public func run(
        with server: some VerifyServer,
        after report: VerifyReport,
        _ onStep: OnStep = { _ in }
    ) async throws -> VerifyReport {
        var report = report
        if repairs, !report.here.logFaults.isEmpty {
            onStep(.repairingHere)
            let fetchedCount = try await fetchLostBytes(from: server)
            report.repairs.fetchedCount += fetchedCount
            if fetchedCount > 0 {
                try mend(&report)
                try finish(&report, onStep)
            }
        }
        onStep(.comparing)
        var verdict = try await compare(with: server)
        for _ in 0..<Limits.maximumRepairRoundCount where repairs && !verdict.isSound {
            let before = report.repairs
            try await repair(verdict, server, &report, onStep)
            if report.repairs == before { break }
            onStep(.comparing)
            verdict = try await compare(with: server)
        }
        report.server = verdict
        return report
    }

    /// Asks for the changes that have lost their hash here, until there is none left that the server has.
    private func fetchLostBytes(from server: some VerifyServer) async throws -> Int {
        var count = 0
        for _ in 0..<Limits.maximumRepairRoundCount {
            let faults = try store.bodyFaults()
            guard !faults.isEmpty else { break }
            let healedCount = try await fetch(faults, from: server)
            count += healedCount
            if healedCount == 0 { break }
        }
        return count
    }

    private func fetch(_ faults: [LogFault], from server: some VerifyServer) async throws -> Int {
        var spans = ChangeSpan.joined(faults.filter(\.isAskable).map { ChangeSpan($0) })
        var count = 0
        while !spans.isEmpty {
            let asked = Array(spans.prefix(Limits.maximumVerifySpanCount))
            let found = try await changes(asked, from: server)
            count += try store.write { writer in try found.runs.reduce(0) { $0 + (try writer.heal(with: $1)) } }
            let rest = found.rest(of: asked)
            spans = rest + spans.dropFirst(asked.count)
        }
        return count
    }

    private func changes(_ spans: [ChangeSpan], from server: some VerifyServer) async throws -> FoundChanges {
        let question = VerifyQuestion.changes(spans, maximumBytes: Limits.maximumBatchBytes)
        guard case .changes(let found) = try await server.ask(question).content else {
            throw VerifyError.protocolBroken("it answers another question than was asked")
        }
        return found
    }

    private func compare(with server: some VerifyServer) async throws -> ServerVerdict {
        let here = try store.read { reader in
            ServerComparison.Here(
                heads: try reader.heads(),
                cursor: try reader.peer()?.cursor ?? .start,
                stateVersion: StoreReader.stateVersion,
                records: try reader.recordDigests()
            )
        }
        var comparison = ServerComparison(here)
        while let question = comparison.question { try comparison.take(try await server.ask(question)) }
        let touchedHere = try store.read { try $0.allTouched(beyond: comparison.findings.heads) }
        return ServerVerdict(comparison.findings, touchedHere: touchedHere)
    }

    private func repair(
        _ verdict: ServerVerdict,
        _ server: some VerifyServer,
        _ report: inout VerifyReport,
        _ onStep: OnStep
    ) async throws {
        if !verdict.lost.isEmpty {
            onStep(.repairingHere)
            report.repairs.regainedCount += try await regain(verdict.lost, from: server)
            try finish(&report, onStep)
        }
        guard !verdict.logFaults.isEmpty || !verdict.damaged.isEmpty else { return }
        onStep(.repairingThere)
        for runs in try helpful(verdict.logFaults) {
            add(try await server.repair(RepairRequest(runs: runs, rebuilds: false)), to: &report.repairs)
        }
        // Where this device is what its log adds up to, and both hold the same changes, it is the server that is not.
        if !verdict.damaged.isEmpty, report.here.findings.isEmpty {
            add(try await server.repair(RepairRequest(runs: [], rebuilds: true)), to: &report.repairs)
        }
    }

    private func add(_ answer: RepairAnswer, to repairs: inout Repairs) {
        repairs.mendedThereCount += answer.mendedCount
        repairs.healedThereCount += answer.healedCount
        repairs.isRebuiltThere = repairs.isRebuiltThere || answer.isRebuilt
    }

    /// Takes in changes that this device had read once, each log from where it ends here.
    private func regain(_ spans: [ChangeSpan], from server: some VerifyServer) async throws -> Int {
        var spans = spans
        var count = 0
        while !spans.isEmpty {
            let asked = Array(spans.prefix(Limits.maximumVerifySpanCount))
            let found = try await changes(asked, from: server)
            for run in found.runs { count += try append(run) }
            spans = found.rest(of: asked) + spans.dropFirst(asked.count)
        }
        return count
    }

    private func append(_ run: ChangeRun) throws -> Int {
        do {
            return try store.write { try $0.append(run) }
        } catch RunError.gap {
            // The server has lost what comes before, too.
            return 0
        } catch let error as RunError {
            throw VerifyError.protocolBroken("its changes do not fit: \(error)")
        }
    }

    /// The changes that the server has lost, in batches: those that this device holds with the hash that is kept there.
    /// One batch at least: what follows from the rest the server mends by itself.
    private func helpful(_ faults: [LogFault]) throws -> [[ChangeRun]] {
        var batches: [[ChangeRun]] = [[]]
        var byteCount = 0
        try store.read { reader in
            for fault in faults where fault.part == .body {
                guard try reader.chainHash(of: fault.replica, at: fault.sequence) == fault.hash,
                    let run = try reader.find([ChangeSpan(fault)], maximumBytes: .max).runs.first
                else { continue }
                byteCount += run.bodies[0].count
                if byteCount > Limits.maximumBatchBytes, batches[batches.count - 1].count > 0 {
                    batches.append([])
                    byteCount = run.bodies[0].count
                }
                batches[batches.count - 1].append(run)
            }
        }
        return batches
    }
}

extension FoundChanges {
    /// What of `spans` the answer did not reach; it goes through them in their order. Nothing where it found nothing.
    func rest(of spans: [ChangeSpan]) -> [ChangeSpan] {
        let ends =
            runs.map { ($0.replica, $0.firstSequence &+ UInt64($0.bodies.count) &- 1) }
            + faults.map { ($0.replica, $0.sequence) }
        func last(in span: ChangeSpan) -> UInt64? {
            ends.filter { $0 == span.replica && (span.first...span.last).contains($1) }.map(\.1).max()
        }
        guard let index = spans.indices.last(where: { last(in: spans[$0]) != nil }) else { return [] }
        var span = spans[index]
        let reached = last(in: span) ?? span.last
        let rest = spans[(index + 1)...]
        if reached == span.last { return Array(rest) }
        span.first = reached + 1
        return [span] + rest
    }
}
