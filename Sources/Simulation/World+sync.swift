import Models
import Store
import SyncClient
import SyncServer
import Wire

extension World {
    /// One run of sync over a network that loses, repeats and cuts.
    ///
    /// - Parameter isCalm: without faults.
    /// - Returns: whether the device wrote something of itself: it purged what was in the trash, or wrote again what others
    ///   had purged.
    @discardableResult
    mutating func sync(_ index: Int, isCalm: Bool = false) throws -> Bool {
        guard try isLinked(index, isCalm) else { return false }
        let device = devices[index]
        if !isCalm, random.oneIn(4), let late = lateRequests.popLast() { try deliver(late) }
        var session = SyncSession(
            store: device.store,
            surroundings: device.machine.surroundings,
            rules: SyncRules(
                mayDeleteMany: isCalm || !random.oneIn(3),
                maximumPushBytes: faults.maximumPushBytes
            )
        )
        let link = Link(isCalm: isCalm, &random)
        do {
            if !isCalm, random.oneIn(3) { try shrinkBatch(device.store) }
            guard let wasDisturbed = try exchangeAll(&session, index, link) else {
                try? session.failed()
                return false
            }
            note("\(device.name) syncs: \(session.report.line)")
            if session.report.isLevel, !wasDisturbed { try compare(index) }
        } catch is ServerCrash {
            note("\(device.name) syncs: the server crashes")
            try? session.failed()
        } catch is Crash {
            note("\(device.name) syncs: crash")
            // The disk was full, and there is room again; or the power went.
            if random.oneIn(2) { try? session.failed() }
        }
        hasNewName = hasNewName || session.report.tookNewReplica
        return session.report.purgedCount + session.report.revivedCount > 0
    }

    /// Whether the device may speak to the server, perhaps since it is linked once more.
    private mutating func isLinked(_ index: Int, _ isCalm: Bool) throws -> Bool {
        if server.accounts.isLinked(devices[index].account) { return true }
        guard isCalm || random.oneIn(2) else {
            note("\(devices[index].name) syncs: it is not linked")
            return false
        }
        devices[index].account = server.accounts.link(try devices[index].store.read { try $0.notebook().replica })
        hasLinkedAgain = true
        note("\(devices[index].name) is linked again")
        return true
    }

    /// Exchange after exchange, to the end.
    ///
    /// - Returns: whether something else happened in the middle; nil if it was cut off.
    private mutating func exchangeAll(_ session: inout SyncSession, _ index: Int, _ link: Link) throws -> Bool? {
        let device = devices[index]
        var wasDisturbed = false
        for count in 1... {
            guard server.accounts.isLinked(device.account) else {
                note("\(device.name) syncs: it is linked no longer")
                return nil
            }
            var request = try session.request()
            request.maximumBytes = min(request.maximumBytes, link.answerBytes)
            guard let body = try carry(request, of: device, isCut: count > link.cutAfter, link) else { return nil }
            let answer = try SyncAnswer(body: body, format: .protobuf)
            if !link.isCalm, !isWaiting, random.oneIn(8) {
                try waitForAnswer(index)
                wasDisturbed = true
            }
            clock.advance(milliseconds: 200)
            guard try session.take(answer, to: request, tookMilliseconds: 200) == .exchangeAgain else { break }
            if !link.isCalm, session.report.loading != nil, random.oneIn(6) { try putServerBack() }
            guard count < 2000 else { throw violation("a sync of \(device.name) does not end") }
        }
        return wasDisturbed
    }

    /// A request and its answer; nil if one of them is lost.
    private mutating func carry(
        _ request: SyncRequest,
        of device: Device,
        isCut: Bool,
        _ link: Link
    ) throws -> [UInt8]? {
        if isCut, random.oneIn(2) {
            note("\(device.name) syncs: request lost")
            lateRequests.append((request, device.account))
            return nil
        }
        var body = try exchange(request, device.account)
        if !link.isCalm, random.oneIn(12) {
            let again = try exchange(request, device.account)
            if random.oneIn(2) { body = again } else { lateRequests.append((request, device.account)) }
        }
        guard isCut else { return body }
        let left = body.prefix(random.below(body.count + 1))
        _ = try? SyncAnswer(body: Array(left), format: .protobuf)
        note("\(device.name) syncs: answer lost after \(left.count) bytes")
        return nil
    }

    /// What a device that says that it is level has to show.
    private mutating func compare(_ index: Int) throws {
        guard try digest(devices[index].store) == digest(server.store) else {
            throw violation("\(devices[index].name) believes to be level, and is not")
        }
        server.known.formUnion(devices[index].known)
        devices[index].known = server.known
    }

    /// The real bytes, both ways.
    private mutating func exchange(_ request: SyncRequest, _ account: Int) throws -> [UInt8] {
        let received = try SyncRequest(body: request.body(.protobuf), format: .protobuf)
        do {
            return try server.answer(received, of: account).body(.protobuf)
        } catch is Crash {
            if random.oneIn(2) { try server.restart() }
            throw ServerCrash()
        }
    }

    /// A request comes after what its sender did since, perhaps for the second time. Nobody hears the answer.
    private mutating func deliver(_ late: (request: SyncRequest, account: Int)) throws {
        note("a request comes late")
        guard server.accounts.isLinked(late.account) else { return }
        do { _ = try exchange(late.request, late.account) } catch is ServerCrash {} catch is ExchangeError {}
    }

    /// What goes on while an answer is on its way: the person writes, another device syncs, the owner revokes this one.
    private mutating func waitForAnswer(_ index: Int) throws {
        isWaiting = true
        defer { isWaiting = false }
        note("meanwhile:")
        switch random.below(5) {
        case 0, 1: act(index)
        case 2, 3:
            let other = random.below(devices.count)
            if other != index { try sync(other) }
        default:
            server.accounts.revoke(devices[index].account)
            note("\(devices[index].name) is revoked")
        }
    }

    private func shrinkBatch(_ store: NotebookStore) throws {
        try store.write { writer in
            var peer = try writer.reader.peer() ?? Peer()
            for _ in 0..<5 { peer.batch.failed() }
            try writer.setPeer(peer)
        }
    }

    func digest(_ store: NotebookStore) throws -> ContentHash { try store.read { try $0.digest() } }

    func violation(_ law: String) -> Violation { Violation(seed: seed, law: law, events: events) }
}

/// How a link behaves for one sync.
private struct Link {
    var isCalm: Bool
    /// So few that what is new comes in many answers, and a new device loads by pages.
    var answerBytes: Int
    /// Of the exchanges after so many, the request or the answer is lost.
    var cutAfter: Int

    init(isCalm: Bool, _ random: inout SeededRandom) {
        self.isCalm = isCalm
        answerBytes = random.oneIn(2) ? Int.max : 1 << (7 + random.below(6))
        cutAfter = isCalm || random.oneIn(2) ? Int.max : random.below(4)
    }
}

/// A request that nobody answered, since the server ended over it.
private struct ServerCrash: Error {}

extension SyncReport {
    var line: String {
        "sent \(sentCount), received \(receivedCount), \(exchangeCount) exchanges"
            + (purgedCount > 0 ? ", purged \(purgedCount)" : "") + (revivedCount > 0 ? ", revived \(revivedCount)" : "")
            + (isLevel ? ", level" : ", NOT LEVEL") + (tookNewReplica ? ", new replica" : "")
            + (serverWasRestored ? ", server was restored" : "")
    }
}
