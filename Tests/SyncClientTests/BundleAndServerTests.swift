import EgWalker
import Models
import Store
import SyncClient
import SyncServer
import TestSupport
import Testing
import Wire

/// Sync by file among devices that have a server as well, or some of them.
@Suite struct BundleAndServerTests {
    let stick = Stick()
    let server: TestServer

    init() throws { server = try TestServer() }

    @Test func `what was given away under a wrong clock reaches a server as it is`() throws {
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        one.machine.advance(milliseconds: TestMachine.years)
        let id = try one.session("Written in 2050")
        try one.carry(stick, "one")
        try two.carry(stick, "two")
        one.machine.now = TestMachine.start
        _ = try one.add("Its clock is right again")
        try two.setTitle(id, "Written today")
        for device in [one, two, one, two] { try device.sync(server) }
        #expect(try one.sync(server).isLevel && two.sync(server).isLevel)
        #expect(try one.unsentCount == 0 && two.unsentCount == 0)
        #expect(try one.title(id) == "Written today")
        #expect(try one.digest == two.digest)
    }

    @Test func `what a server may have already is given away as it was sent`() throws {
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        let notebook = try one.store.read { try $0.notebook().notebook }
        try two.store.write { try $0.adopt(notebook) }
        _ = try one.session("Sent, and the answer is lost")
        _ = try server.answer(try one.session().request())
        one.machine.now -= 86_400_000
        try one.carry(stick, "one", isLinked: true)
        #expect(try !one.sync(server).tookNewReplica)
        try two.sync(server)
        try two.carry(stick, "two", isLinked: true)
        try one.carry(stick, "one", isLinked: true)
        for device in [two, one] { #expect(try device.sync(server).isLevel) }
    }

    @Test func `what a copy gave away stays apart from what the original stamps again`() throws {
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        let notebook = try one.store.read { try $0.notebook().notebook }
        try two.store.write { try $0.adopt(notebook) }
        one.machine.advance(milliseconds: 2 * Limits.maximumClockLeadMilliseconds)
        let id = try one.session("Written too early")
        let copy = try TestDevice(cloning: one, seed: 3)
        try copy.store.write { _ = try $0.takeNewReplica() }
        try copy.carry(stick, "copy", isLinked: true)
        try one.sync(server)
        try two.sync(server)
        for device in [two, one] { try device.carry(stick, "later", isLinked: true) }
        for _ in 0..<2 { for device in [copy, one, two] { try device.sync(server) } }
        for device in [copy, one, two] {
            #expect(try device.sync(server).isLevel)
            #expect(try device.title(id) == "Written too early")
            #expect(try device.digest == one.digest)
        }
    }

    @Test func `who has a file of a device that the server does not know brings what is in it`() throws {
        let (one, two, stranger) = (try TestDevice(seed: 1), try TestDevice(seed: 2), try TestDevice(seed: 3))
        let notebook = try one.store.read { try $0.notebook().notebook }
        for device in [two, stranger] { try device.store.write { try $0.adopt(notebook) } }
        for device in [one, two] {
            _ = try device.add("of one who is linked")
            try device.sync(server)
        }
        _ = try stranger.add("of one who is not")
        try stranger.carry(stick, "stranger")
        try two.carry(stick, "two", isLinked: true)
        for device in [two, one] { #expect(try device.sync(server).isLevel) }
        #expect(try one.texts().contains("of one who is not"))
        #expect(try two.sync(server).exchangeCount == 1, "what was compared once is not compared again")
    }

    @Test func `what is not this device's to bring is left to its writer, and asked for once a sync`() throws {
        let (writer, reader) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        let notebook = try writer.store.read { try $0.notebook().notebook }
        try reader.store.write { try $0.adopt(notebook) }
        _ = try writer.add("not sent yet")
        try writer.carry(stick, "writer", isLinked: true)
        try reader.carry(stick, "reader", isLinked: true)
        let report = try reader.sync(server, rights: .own(try reader.replica))
        #expect(report.exchangeCount < 6 && !report.isLevel)
        #expect(try reader.unsentCount == 0)
        for device in [writer, reader] { #expect(try device.sync(server).isLevel) }
    }

    @Test func `logs of others that are refused keep nobody from syncing, however many they are`() throws {
        let reader = try TestDevice(seed: 1)
        for seed in 2..<UInt64(Limits.maximumCorrectionCount + 5) {
            let writer = try TestDevice(seed: seed)
            try writer.store.write { try $0.adopt(reader.notebook) }
            _ = try writer.add("of \(seed)")
            try writer.carry(stick, "\(seed)")
        }
        _ = try reader.add("the reader's own")
        try reader.carry(stick, "reader", isLinked: true)
        let report = try reader.sync(server, rights: .own(try reader.replica))
        #expect(!report.isLevel)
        #expect(try reader.unsentCount == 0)
        #expect(try server.store.texts() == ["the reader's own"])
    }

    /// What a linked device may write where another one, that is linked too, writes under `replica`.
    private func rights(but replica: ReplicaID) -> WritingRights {
        var rights = WritingRights.all
        rights.mayWrite = { $0 != replica }
        rights.mayFinish = { $0 != replica }
        rights.mayCarry = { other, _ in other != replica }
        return rights
    }

    @Test func `a copy that is linked by itself leaves its original's log to the original, whoever syncs first`() throws
    {
        let original = try TestDevice(seed: 1)
        for number in 1...5 { _ = try original.add("note \(number)") }
        try original.sync(server)
        for number in 6...10 { _ = try original.add("note \(number)") }
        let copy = try TestDevice(cloning: original, seed: 2)
        try copy.store.write { _ = try $0.takeNewReplica() }
        let others = rights(but: try original.replica)
        _ = try original.add("after the copy")
        for device in [original, copy] { try device.carry(stick, "device", isLinked: true) }
        _ = try copy.add("the copy's own")
        try copy.sync(server, rights: others)
        #expect(try copy.store.check().findings == [])
        try original.sync(server)
        #expect(try copy.sync(server, rights: others).isLevel && original.sync(server).isLevel)
        for device in [original, copy] { #expect(try device.texts() == server.store.texts()) }
        #expect(try server.store.texts().count == 12)
    }

    @Test func `a device that is linked once more issues nothing again that it gave away by file`() throws {
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        try two.store.write { try $0.adopt(one.notebook) }
        let synced = try one.add("synced")
        for device in [one, two] { try device.sync(server) }
        let note = try one.add("given")
        try one.edit(synced, "synced, edited")
        for device in [one, two] { try device.carry(stick, "device", isLinked: true) }
        _ = try one.add("not given")
        let others = rights(but: try one.replica)
        for _ in 0..<2 { for device in [one, two] { try device.sync(server, rights: others) } }
        #expect(try one.texts() == ["given", "not given", "synced, edited"])
        #expect(try two.texts() == ["given", "not given", "synced, edited"])
        // Its former link is revoked: nobody writes under its former number any more.
        for device in [two, one, two] { try device.sync(server) }
        for device in [one, two] { #expect(try device.sync(server).isLevel) }
        #expect(try server.store.texts() == ["given", "not given", "synced, edited"])
        // Equal edits merge to one, so that a text does not show it.
        #expect(try server.store.read { try $0.changes(to: note).count + $0.changes(to: synced).count } == 3)
    }

    @Test func `an edit in a file that does not fit counts as empty on the server, too, and stops no sync`() throws {
        let (stranger, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        let far = Change(
            replica: ReplicaID(7),
            sequence: 1,
            time: TestMachine.start << 16,
            record: RecordID(milliseconds: 1, random: (2, 3)),
            kind: .note,
            operations: [.edit(.body, TextEdit(parents: [], spans: [.insert(at: 9, text: "far")]))]
        )
        let run = ChangeRun(replica: far.replica, firstSequence: 1, previous: .zero, bodies: [ChangeCodec.encode(far)])
        #expect(try stranger.store.write { try $0.append(run) } == 1)
        try two.store.write { try $0.adopt(stranger.notebook) }
        try stranger.carry(stick, "stranger")
        try two.carry(stick, "two", isLinked: true)
        _ = try two.add("fits")
        #expect(try two.sync(server).isLevel)
        #expect(try two.unsentCount == 0 && server.store.texts() == two.texts())
        #expect(try server.store.texts().contains("fits"))
    }

    @Test func `what a device has unsent reaches the server though an unnoticed copy goes on under its number`() throws
    {
        let one = try TestDevice(seed: 1)
        _ = try one.session("Both have this")
        let copy = try TestDevice(cloning: one, seed: 2)
        let replica = try one.replica
        _ = try one.session("Written today")
        one.machine.advance(milliseconds: TestMachine.years)
        _ = try one.session("Written in 2050")
        var session = one.session()
        let request = try session.request()
        // Told to stamp it again, and then its link is revoked.
        _ = try session.take(try server.answer(request), to: request, tookMilliseconds: 1)
        #expect(try one.replica != replica)
        try copy.sync(server)
        for _ in 0..<2 {
            try one.sync(server, rights: rights(but: replica))
            _ = try copy.session("Written by the copy")
            try copy.sync(server)
        }
        try one.sync(server, rights: rights(but: replica))
        for device in [one, copy] { #expect(try device.sync(server).isLevel) }
        let titles = try server.store.read { reader in
            var titles: [String] = []
            try reader.forEach([.session]) { titles.append($0.state.text(.title) ?? "") }
            return titles.sorted()
        }
        let copys = "Written by the copy"
        #expect(titles == ["Both have this", copys, copys, "Written in 2050", "Written today"])
        #expect(try one.digest == copy.digest)
    }

    @Test func `a file that goes on with this device's own log, and does not fit, stops no sync`() throws {
        let (stranger, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        _ = try two.add("before")
        try two.sync(server)
        try two.carry(stick, "two", isLinked: true)
        let notebook = try two.store.read { try $0.notebook().notebook }
        try stranger.store.write { try $0.adopt(notebook) }
        try stranger.carry(stick, "stranger")
        let replica = try two.replica
        let head = try two.store.read { try $0.head(of: replica) }
        let far = Change(
            replica: head.replica,
            sequence: head.sequence + 1,
            time: (TestMachine.start + 60_000) << 16,
            record: RecordID(milliseconds: 1, random: (2, 3)),
            kind: .note,
            operations: [.edit(.body, TextEdit(parents: [], spans: [.insert(at: 9, text: "far")]))]
        )
        let body = ChangeCodec.encode(far)
        let run = ChangeRun(
            replica: far.replica,
            firstSequence: far.sequence,
            previous: head.hash,
            bodies: [body]
        )
        #expect(try stranger.store.write { try $0.append(run) } == 1)
        try stranger.carry(stick, "stranger")
        try two.carry(stick, "two", isLinked: true)
        #expect(try two.store.read { try $0.head(of: head.replica).sequence } > head.sequence)
        _ = try two.add("after")
        #expect(try two.sync(server).isLevel)
        #expect(try two.unsentCount == 0 && server.store.texts() == two.texts())
        #expect(try server.store.texts().contains("after"))
    }

    @Test func `what a former server has stays as it is, although the next one's clock is behind`() throws {
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        let id = try one.add("Words.")
        for device in [one, two] { try device.sync(server) }
        let next = try TestServer(seed: 600)
        next.machine.now -= 3_600_000
        let notebook = try one.store.read { try $0.notebook().notebook }
        try next.store.write { try $0.adopt(notebook) }
        for device in [one, two] { try device.store.write { try $0.removePeer() } }
        for device in [one, two, one, two] { try device.sync(next) }
        for device in [one, two] {
            #expect(try device.sync(next).isLevel)
            #expect(try device.store.read { try $0.changes(to: id).count } == 1)
        }
    }

    @Test func `copies of a copy that learn of it by two files refuse neither the other's`() throws {
        let (note, one, copy, again) = try copiesOfACopy()
        let sticks = [Stick(), Stick()]
        for (stick, device) in zip(sticks, [copy, again]) {
            try one.carry(stick, "one")
            try device.carry(stick, "device")
        }
        for device in [one, copy, again, one, copy, again] {
            for stick in sticks { try device.carry(stick, "device") }
        }
        for device in [one, copy, again] {
            let words = try #require(try device.text(note)).split { " .".contains($0) }.sorted()
            #expect(words == ["Again", "Both", "Copy", "One", "Words"])
        }
    }

    @Test func `what a copy brings of its original stays its original's`() throws {
        let one = try TestDevice(seed: 1)
        let id = try one.add("Both have this.")
        try one.sync(server)
        let copy = try TestDevice(cloning: one, seed: 2)
        try copy.store.write { _ = try $0.takeNewReplica() }
        try one.edit(id, "Both have this. Added later.")
        try one.carry(stick, "one", isLinked: true)
        try copy.carry(stick, "copy", isLinked: true)
        let report = try copy.sync(server, rights: .own(try copy.replica))
        #expect(!report.tookNewReplica)
        for device in [one, copy, one] { try device.sync(server) }
        #expect(try one.texts() == ["Both have this. Added later."])
        #expect(try copy.texts() == one.texts() && copy.digest == one.digest)
    }

    @Test func `what came by file and what came from the server is the same`() throws {
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        let id = try one.add("One.")
        try one.carry(stick, "one")
        try two.carry(stick, "two")
        try two.edit(id, "One. Two.")
        try two.sync(server)
        try one.edit(id, "Zero. One.")
        try one.carry(stick, "one")
        try one.sync(server)
        try two.carry(stick, "two")
        #expect(try two.sync(server).isLevel)
        #expect(try one.sync(server).isLevel)
        #expect(try server.text(id) == "Zero. One. Two.")
        #expect(try one.digest == two.digest)
    }
}

extension WritingRights {
    /// Of a device that may write under this replica, where all others are somebody else's.
    static func own(_ replica: ReplicaID) -> WritingRights {
        WritingRights(mayWrite: { $0 == replica }, mayFinish: { $0 == replica }, mayCarry: { _, _ in false })
    }
}
