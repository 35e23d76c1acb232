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
            devices[index].account = server.accounts.link()
            note("\(devices[index].name) is linked again")
        }
        let device = devices[index]
        if !isCalm, random.oneIn(4), let late = lateRequests.popLast() {
            note("a request comes late")
            cameLate = true
            if server.accounts.isLinked(late.account) { _ = try? server.answer(late.request, of: late.account) }
        }
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
                let body = try exchange(request, device.account)
                if !isCalm, random.oneIn(12) { _ = try exchange(request, device.account) }
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
        } catch is Crash {
            note("\(device.name) syncs: crash")
            try? session.failed()
            if random.oneIn(2) { try server.restart() }
        }
        return session.report.purgedCount + session.report.revivedCount > 0
    }

    /// The real bytes, both ways.
    private mutating func exchange(_ request: SyncRequest, _ account: Int) throws -> [UInt8] {
        let received = try SyncRequest(body: request.body(.protobuf), format: .protobuf)
        return try server.answer(received, of: account).body(.protobuf)
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

    private func digest(_ store: NotebookStore) throws -> ContentHash { try store.read { try $0.digest() } }

    func violation(_ law: String) -> Violation { Violation(seed: seed, law: law, events: events) }

    /// The faults stop: two syncs each, and everybody is equal.
    mutating func settle() throws {
        server.machine.repair()
        server.machine.jumpClock(to: 0)
        for device in devices {
            device.machine.repair()
            device.machine.jumpClock(to: 0)
        }
        note("faults stop")
        var (roundCount, hasWritten) = (0, false)
        repeat {
            hasWritten = try syncAll()
            roundCount += 1
            guard roundCount < 5 else { throw violation("the devices never end to write of themselves") }
            // That is as new as what a person writes.
        } while roundCount < 2 || hasWritten
        try checkAtRest()
    }

    /// - Returns: whether a device wrote something of itself.
    private mutating func syncAll() throws -> Bool {
        var hasWritten = false
        for index in devices.indices { hasWritten = try sync(index, isCalm: true) || hasWritten }
        return hasWritten
    }

    private func checkAtRest() throws {
        if let failure = failures.first { throw violation(failure) }
        let expected = try contents(of: server.store)
        let digest = try server.store.read { try $0.digest() }
        for device in devices {
            let unsent = try device.store.read { try $0.unsentCount() }
            guard unsent == 0 else { throw violation("\(device.name) still has \(unsent) unsent changes") }
            let lines = try contents(of: device.store)
            if let (ours, theirs) = zip(lines, expected).first(where: { $0 != $1 }) {
                throw violation("\(device.name) differs from the server:\n\(ours)\n\(theirs)")
            }
            guard lines.count == expected.count else {
                throw violation("\(device.name) has \(lines.count) records, the server \(expected.count)")
            }
            guard try device.store.read({ try $0.digest() }) == digest else {
                throw violation("\(device.name)'s digest differs")
            }
        }
        try checkLogs(digest)
        if !mayRepeatWords {
            if let word = try wordStandingTwice() { throw violation("\(word) stands twice in a text") }
            if let broken = try lastWords.broken(in: server.store) { throw violation(broken) }
        }
        let there = try words(server.store)
        let people = devices.map(\.person) + earlierPeople
        let removed = try people.reduce(into: Set<String>()) { removed, person in
            removed.formUnion(person.removed)
            for (record, words) in person.thrownAway where try isPurged(record) { removed.formUnion(words) }
        }
        for person in people {
            let lost = person.typed.subtracting(there).subtracting(removed)
            guard lost.isEmpty else { throw violation("words of \(person.name) are lost: \(lost.sorted())") }
        }
    }

    /// Plays every log anew: they hold the same changes, each in an order of its own.
    private func checkLogs(_ digest: ContentHash) throws {
        for (name, store) in [("the server", server.store)] + devices.map({ ($0.name, $0.store) }) {
            try store.rebuild()
            guard try self.digest(store) == digest else {
                throw violation("the state of \(name) is not what its log adds up to")
            }
        }
    }

    /// Whether an edit may have been issued again by two, who cannot tell that the other did: copies of a copy that show
    /// only when they sync; and where a clock was wrong, copies of one device, or a device and its own request that
    /// comes so late that its stamps lie ahead no longer.
    private var mayRepeatWords: Bool { (hasCopies && (!copiesShow || hadWrongClock)) || (hadWrongClock && cameLate) }

    /// Nobody types a word twice, so that one that stands twice in a text was written again by who did not type it.
    private func wordStandingTwice() throws -> String? {
        try server.store.read { reader in
            var found: String?
            try reader.forEach(RecordKind.personal) { view in
                var seen: Set<String> = []
                found = Person.ownWords(in: view.text ?? "").first { !seen.insert($0).inserted } ?? found
            }
            return found
        }
    }

    /// What a person sees of a record.
    private struct Sight: Equatable {
        var text: ExactString?
        var state: RecordState

        init(_ view: RecordView) { (text, state) = (view.text.map { ExactString($0) }, view.state) }
    }

    private func contents(of store: NotebookStore) throws -> [Sight] {
        try store.read { reader in
            var lines: [Sight] = []
            try reader.forEach(RecordKind.personal) { lines.append(Sight($0)) }
            return try lines + reader.trash().map(Sight.init)
        }
    }

    private func isPurged(_ record: RecordID) throws -> Bool {
        try server.store.read { try $0.record(record)?.state.purged.isEmpty == false }
    }

    /// Every word that a person can still find: in live records, in the trash, in conflicts.
    private func words(_ store: NotebookStore) throws -> Set<String> {
        try store.read { reader in
            var words: Set<String> = []
            try reader.forEach(RecordKind.personal) { words.formUnion(Person.words(of: $0)) }
            for view in try reader.trash() { words.formUnion(Person.words(of: view)) }
            return words
        }
    }
}

extension SyncReport {
    var line: String {
        "sent \(sentCount), received \(receivedCount), \(exchangeCount) exchanges"
            + (purgedCount > 0 ? ", purged \(purgedCount)" : "") + (revivedCount > 0 ? ", revived \(revivedCount)" : "")
            + (isLevel ? ", level" : ", NOT LEVEL") + (tookNewReplica ? ", new replica" : "")
            + (serverWasRestored ? ", server was restored" : "")
    }
}
