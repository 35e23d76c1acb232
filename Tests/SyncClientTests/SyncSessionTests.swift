import Models
import Store
import Synchronization
import SyncClient
import SyncServer
import TestSupport
import Testing
import Wire

/// A session against the real handler, without a network: each exchange can be lost, repeated or cut.
@Suite struct SyncSessionTests {
    @Test func `two devices hold the same after each has synced`() throws {
        let server = try TestServer()
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        let id = try one.add("The first words.")
        #expect(try one.sync(server).sentCount == 1)
        #expect(try two.sync(server).receivedCount == 1)
        try one.edit(id, "The very first words.")
        try two.edit(id, "The first words. And the second.")
        try one.sync(server)
        try two.sync(server)
        let report = try one.sync(server)
        #expect(try one.text(id) == "The very first words. And the second.")
        #expect(try two.texts() == one.texts())
        #expect(try server.store.texts() == one.texts())
        #expect(report.isLevel)
        #expect(try one.unsentCount == 0)
    }

    @Test func `a sync with nothing to say is one exchange`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        _ = try device.add("x")
        try device.sync(server)
        let report = try device.sync(server)
        #expect(report.exchangeCount == 1 && report.isLevel)
        #expect(report.sentCount == 0 && report.receivedCount == 0)
    }

    @Test func `one change up and one down is one exchange`() throws {
        let server = try TestServer()
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        for device in [one, two] { try device.sync(server) }
        _ = try two.add("down")
        try two.sync(server)
        _ = try one.add("up")
        let report = try one.sync(server)
        #expect(report.exchangeCount == 1 && report.isLevel)
        #expect(report.sentCount == 1 && report.receivedCount == 1)
    }

    // MARK: The network

    @Test(arguments: 1...6)
    func `an answer that is lost after the server stored is settled by the next sync`(lost: Int) throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        for number in 0..<5 { _ = try device.add("note \(number)") }
        for _ in 0..<lost {
            _ = try server.answer(try device.session().request())
            _ = try device.add("typed meanwhile")
        }
        let log = try server.store.read { try $0.logEnd().version }
        let report = try device.sync(server)
        #expect(report.isLevel && !report.tookNewReplica)
        #expect(log > 0)
        #expect(try server.store.texts() == device.texts())
        #expect(try server.store.read { try $0.logEnd().version } == UInt64(5 + lost))
    }

    @Test func `an answer that comes twice changes nothing the second time`() throws {
        let server = try TestServer()
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        _ = try two.add("from two")
        try two.sync(server)
        _ = try one.add("from one")
        var session = one.session()
        let request = try session.request()
        let answer = try server.answer(request)
        _ = try session.take(answer, to: request, tookMilliseconds: 1)
        let digest = try one.store.read { try $0.digest() }
        _ = try session.take(answer, to: request, tookMilliseconds: 1)
        #expect(try one.store.read { try $0.digest() } == digest)
        #expect(try one.texts() == ["from one", "from two"])
        #expect(try one.sync(server).isLevel)
    }

    @Test func `a request that comes twice is stored once, and answered alike`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        _ = try device.add("once")
        let request = try device.session().request()
        let first = try server.answer(request)
        #expect(try server.answer(request) == first)
        #expect(try server.store.read { try $0.logEnd().version } == 1)
    }

    @Test func `what stands under our numbers with another hash acknowledges nothing`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        _ = try device.add("taken")
        var session = device.session()
        let request = try session.request()
        _ = try device.add("ours")
        var answer = try server.answer(request)
        answer.accepted[0] = Head(replica: try device.replica, sequence: 2, hash: ContentHash(digesting: [1]))
        _ = try session.take(answer, to: request, tookMilliseconds: 1)
        #expect(try device.unsentCount == 1)
        #expect(try device.sync(server).isLevel)
        #expect(try device.unsentCount == 0)
    }

    @Test func `an old answer that comes late does no harm`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        _ = try device.add("one")
        let request = try device.session().request()
        let late = try server.answer(request)
        _ = try device.add("two")
        try device.sync(server)
        var session = device.session()
        _ = try session.take(late, to: request, tookMilliseconds: 1)
        #expect(try device.sync(server).isLevel)
        #expect(try server.store.texts() == ["one", "two"])
        #expect(try server.store.read { try $0.logEnd().version } == 2)
    }

    @Test(arguments: [true, false])
    func `a crash right before either side commits loses nothing and doubles nothing`(onServer: Bool) throws {
        struct PowerCut: Error {}
        let isOn = Switch()
        let crash: @Sendable () throws -> Void = { if isOn.value { throw PowerCut() } }
        let machine = TestMachine(seed: 7)
        var server = try TestServer()
        var device = try TestDevice(seed: 1)
        if onServer {
            server.store = try NotebookStore(inMemoryWith: machine.surroundings, willCommit: crash)
        } else {
            device.store = try NotebookStore(inMemoryWith: machine.surroundings, willCommit: crash)
        }
        let other = try TestDevice(seed: 2)
        _ = try other.add("down")
        try other.sync(server)
        _ = try device.add("up")
        isOn.value = true
        #expect(throws: PowerCut.self) { try device.sync(server) }
        isOn.value = false
        #expect(try device.sync(server).isLevel)
        #expect(try server.store.texts() == ["down", "up"])
        #expect(try device.texts() == ["down", "up"])
    }

    @Test func `what is typed between a request and its answer is sent next`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        _ = try device.add("before")
        var session = device.session()
        let request = try session.request()
        let answer = try server.answer(request)
        _ = try device.add("between")
        #expect(try session.take(answer, to: request, tookMilliseconds: 1) == .exchangeAgain)
        #expect(try device.unsentCount == 1)
        try device.sync(server)
        #expect(try server.store.texts() == ["before", "between"])
    }

    @Test func `a slow link carries small batches, and all of them`() throws {
        let server = try TestServer()
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        let filler = String(repeating: "words ", count: 500)
        for number in 0..<30 { _ = try one.add("\(number) \(filler)") }
        for device in [one, two] {
            try device.store.write { try $0.setPeer(Peer(batch: BatchSize(bytes: 0))) }
            var session = device.session()
            var step = SyncSession.Step.exchangeAgain
            while step == .exchangeAgain {
                let request = try session.request()
                let bytes = request.runs.flatMap(\.bodies).reduce(0) { $0 + $1.count }
                #expect(bytes <= Limits.minimumBatchBytes)
                step = try session.take(server.answer(request), to: request, tookMilliseconds: 60_000)
            }
            #expect(session.report.exchangeCount > 4)
        }
        #expect(try two.texts() == one.texts())
    }

    @Test func `what an earlier replica wrote goes before what a later one wrote upon it`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        let id = try device.add("The first words.")
        for number in 0..<5 { _ = try device.add(String(repeating: "long \(number) ", count: 2000)) }
        let earlier = try device.replica
        try device.store.write { _ = try $0.takeNewReplica() }
        try device.edit(id, "The first words. And more.")
        try device.store.write { try $0.setPeer(Peer(batch: BatchSize(bytes: 0))) }
        var session = device.session()
        var replicas: [ReplicaID] = []
        while true {
            let request = try session.request()
            replicas += request.runs.map(\.replica)
            if try session.take(server.answer(request), to: request, tookMilliseconds: 60_000) == .finished { break }
        }
        #expect(try replicas.last == device.replica && replicas.dropLast().allSatisfy { $0 == earlier })
        #expect(replicas.count > 2)
        #expect(try server.text(id) == "The first words. And more.")
    }

    @Test func `who deletes what a copy has to send as well has the last word`() throws {
        let server = try TestServer()
        let one = try TestDevice(seed: 1)
        _ = try one.add("shared")
        try one.sync(server)
        let other = try TestDevice(cloning: one, seed: 2)
        _ = try other.add("the log goes on")
        try other.sync(server)
        let notes = try (0..<25).map { try one.add("note \($0)") }
        let copy = try TestDevice(cloning: one, seed: 3)
        for note in notes {
            try one.store.write { writer in try writer.change(note) { [$0.deleting()].compactMap { $0 } } }
        }
        for device in [one, copy, other, one] { try device.sync(server) }
        for device in [one, copy, other] {
            #expect(try device.sync(server).isLevel)
            #expect(try device.texts().sorted() == ["shared", "the log goes on"])
        }
    }

    @Test func `nothing is taken in that builds upon what a copy wrote under numbers that are to be sent`() throws {
        let server = try TestServer()
        let (one, other) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        let note = try one.add("First words here.")
        for device in [one, other] { try device.sync(server) }
        _ = try one.add("both have it")
        let copy = try TestDevice(cloning: one, seed: 3)
        try copy.edit(note, "First new words here.")
        for device in [copy, other] { try device.sync(server) }
        try other.edit(note, "First new words here. More.")
        try other.sync(server)
        _ = try one.add("one's own")
        _ = try one.add("one's own, too")
        var session = one.session(SyncRules(maximumPushBytes: 1))
        let request = try session.request()
        _ = try session.take(server.answer(request), to: request, tookMilliseconds: 100)
        try one.edit(note, "First words.")
        for _ in 0..<2 { for device in [one, copy, other] { try device.sync(server) } }
        for device in [one, copy, other] {
            #expect(try device.sync(server).isLevel)
            let words = try device.text(note)?.split(separator: " ").sorted()
            #expect(words == ["First", "More.", "new", "words."])
        }
    }

    @Test func `a broken exchange makes the next one smaller`() throws {
        let device = try TestDevice(seed: 1)
        try device.session().failed()
        #expect(try device.store.read { try $0.peer()?.batch.bytes } == 64 * 1024)
    }
}

/// On or off, from any thread.
final class Switch: Sendable {
    private let state = Mutex(false)
    var value: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
