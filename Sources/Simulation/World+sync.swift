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
        if !server.accounts.isLinked(devices[index].account) {
            guard isCalm || random.oneIn(2) else {
                note("\(devices[index].name) syncs: it is not linked")
                return false
            }
            devices[index].account = server.accounts.link(try devices[index].store.read { try $0.notebook().replica })
            hasLinkedAgain = true
            note("\(devices[index].name) is linked again")
        }
        let device = devices[index]
        if !isCalm, random.oneIn(4), let late = lateRequests.popLast() { try deliver(late) }
        var session = SyncSession(
            store: device.store,
            surroundings: device.machine.surroundings,
            rules: SyncRules(mayDeleteMany: isCalm || !random.oneIn(3))
        )
        // So small that what is new comes in many answers, and a new device loads by pages.
        let answerBytes = random.oneIn(2) ? Int.max : 1 << (7 + random.below(6))
        let cutAfter = isCalm || random.oneIn(2) ? Int.max : random.below(4)
        do {
            if !isCalm, random.oneIn(3) { try shrinkBatch(device.store) }
            var count = 0
            var wasDisturbed = false
            while true {
                guard server.accounts.isLinked(device.account) else {
                    note("\(device.name) syncs: it is linked no longer")
                    try? session.failed()
                    return false
                }
                var request = try session.request()
                request.maximumBytes = min(request.maximumBytes, answerBytes)
                count += 1
                if count > cutAfter, random.oneIn(2) {
                    note("\(device.name) syncs: request lost")
                    lateRequests.append((request, device.account))
                    try? session.failed()
                    return false
                }
                var body = try exchange(request, device.account)
                if !isCalm, random.oneIn(12) {
                    let again = try exchange(request, device.account)
                    if random.oneIn(2) { body = again } else { lateRequests.append((request, device.account)) }
                }
                if count > cutAfter {
                    let left = body.prefix(random.below(body.count + 1))
                    _ = try? SyncAnswer(body: Array(left), format: .protobuf)
                    note("\(device.name) syncs: answer lost after \(left.count) bytes")
                    try? session.failed()
                    return false
                }
                let answer = try SyncAnswer(body: body, format: .protobuf)
                if !isCalm, !isWaiting, random.oneIn(8) {
                    try waitForAnswer(index)
                    wasDisturbed = true
                }
                clock.advance(milliseconds: 200)
                guard try session.take(answer, to: request, tookMilliseconds: 200) == .exchangeAgain else { break }
                if !isCalm, session.report.loading != nil, random.oneIn(6) { try putServerBack() }
                guard count < 2000 else { throw violation("a sync of \(device.name) does not end") }
            }
            note("\(device.name) syncs: \(session.report.line)")
            if session.report.isLevel, !wasDisturbed {
                guard try digest(device.store) == digest(server.store) else {
                    throw violation("\(device.name) believes to be level, and is not")
                }
                server.known.formUnion(devices[index].known)
                devices[index].known = server.known
            }
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
