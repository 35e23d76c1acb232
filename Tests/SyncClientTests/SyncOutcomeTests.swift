import Models
import Store
import SyncClient
import SyncServer
import TestSupport
import Testing
import Wire

/// What each answer but "accepted" makes a device do, until both sides are level again.
@Suite struct SyncOutcomeTests {
    // MARK: Clones and restored devices

    @Test(arguments: [1, 2, 40, 100])
    func `a copied device keeps all notes of both copies, each once`(sharedCount: Int) throws {
        let server = try TestServer()
        let one = try TestDevice(seed: 1)
        for number in 0..<sharedCount { _ = try one.add("shared \(number)") }
        let copy = try TestDevice(cloning: one, seed: 2)
        _ = try one.add("typed here")
        _ = try copy.add("typed there")
        _ = try copy.add("typed there, too")
        #expect(try !one.sync(server).tookNewReplica)
        let report = try copy.sync(server)
        #expect(report.tookNewReplica && report.isLevel)
        try one.sync(server)
        #expect(try one.texts().count == sharedCount + 3)
        #expect(try copy.texts() == one.texts())
        #expect(try server.store.texts() == one.texts())
        #expect(try one.replica != copy.replica)
        #expect(
            try server.store.read { try $0.logEnd().version } == UInt64(sharedCount + 3),
            "what both share is one change"
        )
    }

    @Test func `a copy that typed nothing takes a new replica without sending anything`() throws {
        let server = try TestServer()
        let one = try TestDevice(seed: 1)
        _ = try one.add("shared")
        try one.sync(server)
        let copy = try TestDevice(cloning: one, seed: 2)
        _ = try one.add("typed here")
        try one.sync(server)
        let report = try copy.sync(server)
        #expect(report.tookNewReplica && report.sentCount == 0)
        #expect(try copy.texts() == ["shared", "typed here"])
    }

    @Test func `a copy that named the other's changes as its own reads them after it learned better`() throws {
        let server = try TestServer()
        let other = try TestDevice(seed: 9)
        _ = try other.add("from another device")
        try other.sync(server)
        let one = try TestDevice(seed: 1)
        _ = try one.add("shared")
        // It holds another's log, but has not read the server's.
        for run in try server.answer(TestDevice(seed: 8).session().request()).runs {
            _ = try one.store.write { try $0.append(run) }
        }
        let copy = try TestDevice(cloning: one, seed: 2)
        for number in 0..<2 { _ = try one.add("typed here \(number)") }
        for number in 0..<4 { _ = try copy.add("typed there \(number)") }
        try one.sync(server)
        let report = try copy.sync(server)
        #expect(report.tookNewReplica && report.isLevel)
        #expect(try copy.texts() == server.store.texts())
        _ = try one.add("typed later")
        try one.sync(server)
        #expect(try copy.sync(server).isLevel)
        #expect(try one.sync(server).isLevel)
        #expect(try copy.texts() == one.texts())
    }

    @Test func `texts edited on both copies merge`() throws {
        let server = try TestServer()
        let one = try TestDevice(seed: 1)
        let id = try one.add("The first words.")
        let copy = try TestDevice(cloning: one, seed: 2)
        try one.edit(id, "The very first words.")
        try copy.edit(id, "The first words. And more.")
        for device in [one, copy, one] { try device.sync(server) }
        #expect(try one.text(id) == "The very first words. And more.")
        #expect(try copy.text(id) == one.text(id))
    }

    @Test func `a device put back that begins again in the middle of what it sends finds where it left its log`() throws
    {
        let (server, stick) = (try TestServer(), Stick())
        var device = try TestDevice(seed: 1)
        let id = try device.session("one")
        try device.carry(stick, "device", isLinked: true)
        let backup = try device.store.copyInMemory(surroundings: device.machine.surroundings)
        try device.setTitle(id, "two")
        try device.sync(server)
        device.store = backup
        let note = try device.add("three")
        try device.edit(note, "three and four")
        let report = try device.sync(server)
        #expect(report.isLevel && report.tookNewReplica)
        #expect(try server.text(note) == "three and four")
        #expect(try device.store.read { try $0.record(id)?.state.text(.title) } == "two")
    }

    @Test func `a device put back to an old copy gets its own later notes back and goes on`() throws {
        let server = try TestServer()
        var one = try TestDevice(seed: 1)
        _ = try one.add("before the backup")
        let backup = try TestDevice(cloning: one, seed: 9)
        _ = try one.add("after the backup")
        try one.sync(server)
        one.store = backup.store
        one.machine.advance(milliseconds: 1000)
        _ = try one.add("after it was put back")
        let report = try one.sync(server)
        #expect(report.tookNewReplica && report.isLevel)
        #expect(try one.texts() == ["after it was put back", "after the backup", "before the backup"])
        #expect(try server.store.texts() == one.texts())
    }

    // MARK: Servers that are none of ours

    @Test func `a server that contradicts itself ends the sync, and nothing is lost`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        _ = try device.add("safe")
        let replica = try device.replica
        let wrong: [(inout SyncAnswer) -> Void] = [
            { $0.outcome = .sendFrom(replica, 99) },
            { $0.outcome = .sendFrom(replica, 0) },
            { $0.outcome = .replicaForked(ReplicaID(99), common: 0) },
            { $0.runs = [ChangeRun(replica: ReplicaID(9), firstSequence: 5, previous: .zero, bodies: [[1]])] },
            { $0.runs = [ChangeRun(replica: ReplicaID(9), firstSequence: 1, previous: .zero, bodies: [[1]])] },
        ]
        for change in wrong {
            var session = device.session()
            let request = try session.request()
            var answer = try server.answer(request)
            change(&answer)
            #expect(throws: SyncError.self) { try session.take(answer, to: request, tookMilliseconds: 1) }
            #expect(try device.texts() == ["safe"])
            #expect(try device.unsentCount == 1)
            #expect(try device.store.check().findings == [])
        }
        #expect(try device.sync(server).isLevel)
    }

    @Test func `a server that corrects for ever is given up on`() throws {
        let device = try TestDevice(seed: 1)
        _ = try device.add("safe")
        var session = device.session()
        let error = #expect(throws: SyncError.self) {
            while true {
                let request = try session.request()
                let answer = SyncAnswer(
                    outcome: .historyLost,
                    accepted: [],
                    runs: [],
                    next: .start,
                    hasMore: false,
                    serverMilliseconds: TestMachine.start,
                    serverVersion: 0,
                    digest: nil
                )
                _ = try session.take(answer, to: request, tookMilliseconds: 1)
            }
        }
        #expect(error != nil)
        #expect(session.report.exchangeCount <= Limits.maximumCorrectionCount + 1)
        #expect(try device.texts() == ["safe"])
    }

    @Test func `a digest that differs is looked into once, told, and not taken over`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        _ = try device.add("safe")
        try device.sync(server)
        var session = device.session()
        for step in [SyncSession.Step.exchangeAgain, .finished] {
            let request = try session.request()
            var answer = try server.answer(request)
            answer.digest = .zero
            #expect(try session.take(answer, to: request, tookMilliseconds: 1) == step)
        }
        #expect(!session.report.isLevel)
        #expect(try device.sync(server).isLevel)
    }
}

struct Unexpected: Error {}
