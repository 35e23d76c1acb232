import Models
import Store
import SyncClient
import SyncServer
import TestSupport
import Testing
import Wire

/// Servers that were put back to an older state, until all are level again.
@Suite struct RestoredServerTests {
    @Test(arguments: [0, 1, 3])
    func `a server put back to an old copy gets everything again`(kept: Int) throws {
        var server = try TestServer()
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        for number in 0..<kept { _ = try one.add("kept \(number)") }
        try one.sync(server)
        let backup = try server.store.copyInMemory(surroundings: server.machine.surroundings)
        for number in 0..<3 { _ = try one.add("later \(number)") }
        for device in [one, two] { try device.sync(server) }
        server.store = backup
        let outcomes = try one.outcomes(server)
        #expect(outcomes.first == .historyLost)
        #expect(try server.store.texts().count == kept + 3)
        #expect(try two.sync(server).serverWasRestored)
        #expect(try two.texts() == one.texts())
        #expect(try one.sync(server).isLevel)
    }

    @Test(arguments: [0, 5, 70, 200])
    func `a restored server gets back what a device wrote that is gone`(kept: Int) throws {
        var server = try TestServer()
        let (gone, left) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        for number in 0..<kept { _ = try gone.add("kept \(number)") }
        try gone.sync(server)
        let backup = try server.store.copyInMemory(surroundings: server.machine.surroundings)
        for number in 0..<150 { _ = try gone.add("later \(number)") }
        try gone.sync(server)
        try left.sync(server)
        server.store = backup
        _ = try left.add("typed since")
        for _ in 0..<5 { try left.session().failed() }
        let report = try left.sync(server)
        #expect(report.serverWasRestored && report.isLevel && !report.tookNewReplica)
        #expect(try server.store.texts().count == kept + 151)
        let new = try TestDevice(seed: 3)
        #expect(try new.sync(server).isLevel)
        #expect(try new.texts() == left.texts())
        #expect(try left.store.read { try $0.outgoing().count } == 1, "it writes one log, and carries none")
    }

    @Test func `an older proof that comes late leaves the newer one where it is`() throws {
        var server = try TestServer()
        let (gone, left) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        let empty = try server.store.copyInMemory(surroundings: server.machine.surroundings)
        _ = try gone.add("one")
        try gone.sync(server)
        var session = left.session()
        let request = try session.request()
        let late = try server.answer(request)
        _ = try gone.add("two")
        for device in [gone, left] { try device.sync(server) }
        _ = try session.take(late, to: request, tookMilliseconds: 1)
        server.store = empty
        #expect(try left.sync(server, rights: .own(try left.replica)).isLevel)
        #expect(try server.store.texts() == ["one", "two"])
    }

    @Test func `nobody brings back changes that the server never had`() throws {
        var server = try TestServer()
        let (gone, left) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        let empty = try server.store.copyInMemory(surroundings: server.machine.surroundings)
        _ = try gone.add("true")
        try gone.sync(server)
        try left.sync(server)
        server.store = empty
        var session = left.session()
        var forged = try session.request()
        while forged.runs.isEmpty {
            let answer = try server.handler.answer(forged, rights: .none)
            _ = try session.take(answer, to: forged, tookMilliseconds: 1)
            forged = try session.request()
        }
        let body = forged.runs[0].bodies[0]
        let changes: [(inout SyncRequest) -> Void] = [
            { $0.runs[0].bodies[0][body.count - 2] ^= 1 },
            { $0.proofs[0].code[0] ^= 1 },
            { $0.proofs = [] },
            { $0.runs[0].bodies.append(body) },
            { $0.runs[0].replica = ReplicaID(77) },
        ]
        for change in changes {
            var request = forged
            change(&request)
            if request.known.allSatisfy({ $0.replica != request.runs[0].replica }) {
                request.known[0].replica = request.runs[0].replica
            }
            let answer = try? server.handler.answer(request, rights: .none)
            #expect(answer?.outcome != .accepted)
            #expect(try server.store.read { try $0.logEnd().version } == 0)
        }
        #expect(try server.handler.answer(forged, rights: .none).outcome == .accepted)
        #expect(try server.store.texts() == ["true"])
    }

    @Test func `a server that was put back together with a device is told apart from one that breaks the rules`() throws
    {
        var server = try TestServer()
        var one = try TestDevice(seed: 1)
        let two = try TestDevice(seed: 2)
        _ = try one.add("Both have this.")
        for device in [one, two] { try device.sync(server) }
        let (oldServer, oldOne) = (
            try server.store.copyInMemory(surroundings: server.machine.surroundings),
            try one.store.copyInMemory(surroundings: one.machine.surroundings)
        )
        for text in ["Before the snapshot came back.", "And this."] { _ = try one.add(text) }
        for device in [one, two] { try device.sync(server) }
        (server.store, one.store) = (oldServer, oldOne)
        for text in ["After it.", "And that."] { _ = try one.add(text) }
        try one.sync(server)
        let writer = try one.replica
        for _ in 0..<2 {
            #expect(throws: SyncError.logForked("\(writer)", sequence: 3)) { try two.sync(server) }
        }
        #expect(try two.texts() == ["And this.", "Before the snapshot came back.", "Both have this."])
        #expect(try two.store.check().findings == [])
    }

    @Test func `the log of a restored server gets a new epoch once`() throws {
        var server = try TestServer()
        let device = try TestDevice(seed: 1)
        _ = try device.add("kept")
        try device.sync(server)
        let backup = try server.store.copyInMemory(surroundings: server.machine.surroundings)
        _ = try device.add("lost there")
        try device.sync(server)
        let epoch = try server.store.read { try $0.notebook().epoch }
        server.store = backup
        let request = try device.session().request()
        #expect(try server.answer(request).outcome == .historyLost)
        let new = try server.store.read { try $0.notebook().epoch }
        #expect(new != epoch)
        #expect(try server.answer(request).outcome == .historyLost, "the same request once more")
        #expect(try server.store.read { try $0.notebook().epoch } == new)
    }

    @Test func `a server that never saw this device's changes asks for them from the start`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        for number in 0..<3 { _ = try device.add("note \(number)") }
        let replica = try device.replica
        try device.store.write { try $0.acknowledge(replica, through: 2) }
        #expect(try device.outcomes(server) == [.sendFrom(replica, 1), .accepted])
        #expect(try server.store.texts().count == 3)
    }
}
