import Models
import Store
import SyncClient
import SyncServer
import TestSupport
import Testing
import Wire

/// Devices whose clocks are wrong, and copies of those, until all are level again.
@Suite struct ClockTests {
    @Test(arguments: [0, 3] as [UInt64])
    func `a device from the year 2050 is stamped again and loses nothing`(acknowledged: UInt64) throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        for number in 0..<acknowledged { _ = try device.add("in time \(number)") }
        try device.sync(server)
        device.machine.now = 2_524_608_000_000
        let id = try device.add("from 2050")
        try device.edit(id, "from 2050, corrected")
        let outcomes = try device.outcomes(server)
        #expect(outcomes.count == 2 && outcomes[1] == .accepted)
        guard case .clockAhead = outcomes[0] else { throw Unexpected() }
        #expect(try server.text(id) == "from 2050, corrected")
        #expect(try server.store.read { try $0.digest() } == device.store.read { try $0.digest() })
        let stamps = try device.store.read { try $0.changes(to: id).map(\.change.stamp.milliseconds) }
        #expect(stamps.allSatisfy { $0 <= server.machine.now + Limits.maximumClockLeadMilliseconds })
        // It knows the server's time now, so the next save needs no correction.
        _ = try device.add("still 2050 here")
        #expect(try device.outcomes(server) == [.accepted])
    }

    @Test func `copies that stamp the same change again never put two under one number`() throws {
        var server = try TestServer()
        let one = try TestDevice(seed: 1)
        one.machine.now = 2_524_608_000_000
        _ = try one.add("from 2050")
        let copies = try [2, 3].map { try TestDevice(cloning: one, seed: $0) }
        for copy in copies { try copy.store.write { _ = try $0.takeNewReplica() } }
        let backup = try server.store.copyInMemory(surroundings: server.machine.surroundings)
        try copies[0].sync(server)
        server.store = backup
        server.machine.advance(milliseconds: 5000)
        for _ in 0..<2 { for device in [one] + copies { try device.sync(server) } }
        for device in [one] + copies { #expect(try device.sync(server).isLevel) }
        #expect(try one.texts() == ["from 2050"])
    }

    /// Copies that show, as those of a folder do, write under replicas of their own; those of a whole machine do not.
    @Test(arguments: [true, false], [[0, 1, 2], [2, 1, 0], [1, 0, 2]])
    func `what copies of a device from 2050 all have to send stands once`(copiesShow: Bool, order: [Int]) throws {
        let server = try TestServer()
        let one = try TestDevice(seed: 1)
        let note = try one.add("The first words.")
        try one.sync(server)
        one.machine.now = 2_524_608_000_000
        try one.edit(note, "The first words, from 2050.")
        let other = try one.add("Another note.")
        let copies = try [2, 3].map { try TestDevice(cloning: one, seed: $0) }
        if copiesShow { for copy in copies { try copy.store.write { _ = try $0.takeNewReplica() } } }
        let devices = [one] + copies
        for (number, device) in devices.enumerated() { try device.edit(other, "Another note. \(number)") }
        for _ in 0..<2 {
            for index in order {
                try devices[index].sync(server)
                server.machine.advance(milliseconds: 40_000)
            }
        }
        for device in devices {
            #expect(try device.sync(server).isLevel)
            #expect(try device.text(note) == "The first words, from 2050.")
            let words = try (device.text(other) ?? "").split(separator: " ").sorted()
            #expect(words == ["0", "1", "2", "Another", "note."])
        }
        #expect(try server.store.texts() == one.texts())
    }

    @Test(arguments: [1, 30, 1100])
    func `a copy from 2050 whose log forked is level after one sync`(count: Int) throws {
        let server = try TestServer()
        let one = try TestDevice(seed: 1)
        try one.store.write { try DeviceLinking.name("phone", in: $0) }
        let note = try one.add("Words.")
        try one.sync(server)
        let copy = try TestDevice(cloning: one, seed: 2)
        _ = try one.add("typed here")
        try one.sync(server)
        copy.machine.now = 2_524_608_000_000
        try copy.store.write { writer in
            for number in 0..<count {
                try writer.change(note) { [$0.setting(.title, to: .text("\(number)"))].compactMap { $0 } }
            }
            try writer.change(note) { [$0.deleting()].compactMap { $0 } }
        }
        let report = try copy.sync(server)
        #expect(report.isLevel && report.exchangeCount < 20)
        #expect(try server.store.read { try $0.record(note)?.state.isDeleted } == true)
        #expect(try copy.store.check().findings == [])
    }

    @Test func `what copies of a copy both have to issue again stands once`() throws {
        let server = try TestServer()
        let (note, one, copy, again) = try copiesOfACopy(of: server)
        for _ in 0..<2 { for device in [one, copy, again] { try device.sync(server) } }
        for device in [one, copy, again] { #expect(try device.sync(server).isLevel) }
        let words = try #require(try server.text(note)).split { " .".contains($0) }.sorted()
        #expect(words == ["Again", "Both", "Copy", "One", "Words"])
    }

    @Test func `what two copies have from a clock ahead stands once, though their log went on without it`() throws {
        let server = try TestServer()
        let one = try TestDevice(seed: 1)
        _ = try one.add("Words.")
        try one.sync(server)
        let copy = try TestDevice(cloning: one, seed: 2)
        copy.machine.now = server.machine.now + 2 * Limits.maximumClockLeadMilliseconds
        let note = try copy.add("Words ahead.")
        let again = try TestDevice(cloning: copy, seed: 3)
        try again.sync(server)
        _ = try one.add("Words in time.")
        try one.sync(server)
        server.machine.advance(milliseconds: 3 * Limits.maximumClockLeadMilliseconds)
        for device in [copy, again, one] { try device.sync(server) }
        for device in [one, copy, again] { #expect(try device.sync(server).isLevel) }
        #expect(try server.store.read { try $0.changes(to: note).count } == 1)
        #expect(try one.texts().count == 3)
    }

    @Test func `what went on under the number of a change that lay ahead is read, whatever is sent`() throws {
        let server = try TestServer()
        let one = try TestDevice(seed: 1)
        _ = try one.add("Words.")
        try one.sync(server)
        _ = try one.add("Both have it.")
        let copy = try TestDevice(cloning: one, seed: 2)
        copy.machine.now = server.machine.now + 2 * Limits.maximumClockLeadMilliseconds
        for number in 0..<2 { _ = try copy.add("ahead \(number)") }
        let again = try TestDevice(cloning: copy, seed: 3)
        try again.sync(server)
        _ = try one.add("in time")
        try one.sync(server)
        try copy.sync(server, SyncRules(maximumPushBytes: 1))
        _ = try one.add("in time, too")
        for device in [one, copy, again] { #expect(try device.sync(server).isLevel) }
        for device in [one, copy, again] {
            try device.sync(server)
            #expect(try device.texts().count == 6)
        }
    }

    @Test func `what two copies have behind a change that another took the number of is stamped alike`() throws {
        let server = try TestServer()
        let one = try TestDevice(seed: 1)
        _ = try one.add("Words.")
        try one.sync(server)
        let copy = try TestDevice(cloning: one, seed: 2)
        _ = try copy.add("before")
        copy.machine.now = server.machine.now + 2 * Limits.maximumClockLeadMilliseconds
        let note = try copy.add("ahead")
        let again = try TestDevice(cloning: copy, seed: 3)
        // The first exchange of a sync that breaks off.
        var session = again.session()
        let request = try session.request()
        _ = try session.take(server.answer(request), to: request, tookMilliseconds: 100)
        _ = try one.add("in time")
        try one.sync(server)
        server.machine.advance(milliseconds: 3 * Limits.maximumClockLeadMilliseconds)
        for _ in 0..<2 { for device in [again, copy, one] { try device.sync(server) } }
        for device in [one, copy, again] { #expect(try device.sync(server).isLevel) }
        #expect(try server.store.read { try $0.changes(to: note).count } == 1)
        #expect(try one.texts().sorted() == ["Words.", "ahead", "before", "in time"])
    }

    @Test func `a change that is stamped again gets its time from its own log alone`() throws {
        let server = try TestServer()
        let one = try TestDevice(seed: 1)
        _ = try one.add("Words.")
        try one.sync(server)
        one.machine.now = server.machine.now + 10 * Limits.maximumClockLeadMilliseconds
        let note = try one.add("ahead")
        let copy = try TestDevice(cloning: one, seed: 2)
        try copy.store.write { _ = try $0.takeNewReplica() }
        try one.sync(server)
        for machine in [server.machine, copy.machine] { machine.now = server.machine.now + 60_000 }
        _ = try copy.add("in time")
        copy.machine.advance(milliseconds: 20 * Limits.maximumClockLeadMilliseconds)
        _ = try copy.add("ahead, too")
        for _ in 0..<2 { for device in [copy, one] { try device.sync(server) } }
        #expect(try server.store.read { try $0.changes(to: note).count } == 1)
        #expect(try one.texts() == copy.texts())
    }

    @Test func `a server that lost its key and its time takes again what it had`() throws {
        var server = try TestServer()
        let device = try TestDevice(seed: 1)
        for number in 0..<3 { _ = try device.add("note \(number)") }
        try device.sync(server)
        let backup = try server.store.copyInMemory(surroundings: server.machine.surroundings)
        device.machine.advance(milliseconds: 60_000)
        server.machine.advance(milliseconds: 60_000)
        for number in 3..<5 { _ = try device.add("note \(number)") }
        try device.sync(server)
        (server.store, server.proofSecret) = (backup, [8])
        server.machine.now = TestMachine.start - 2 * Limits.maximumClockLeadMilliseconds
        try device.sync(server)
        #expect(try device.sync(server).isLevel)
        #expect(try server.store.texts().count == 5)
    }

    @Test func `a request that comes late, when its stamps lie ahead no longer, brings nothing twice`() throws {
        var server = try TestServer()
        let device = try TestDevice(seed: 1)
        let note = try device.add("Words.")
        try device.sync(server)
        device.machine.now = server.machine.now + 2 * Limits.maximumClockLeadMilliseconds
        try device.edit(note, "Words, ahead.")
        let late = try device.session().request()
        try device.sync(server)
        let backup = try server.store.copyInMemory(surroundings: server.machine.surroundings)
        server.machine.advance(milliseconds: 3 * Limits.maximumClockLeadMilliseconds)
        guard case .clockAhead = try server.answer(late).outcome else { throw Unexpected() }
        #expect(try server.text(note) == "Words, ahead.")
        // Another change under the same number is judged by itself.
        server.store = backup
        #expect(try device.sync(server).isLevel)
    }

    @Test func `what came from a copy that issued it again is not issued once more`() throws {
        let server = try TestServer()
        let one = try TestDevice(seed: 1)
        one.machine.now = 2_524_608_000_000
        let note = try one.add("Words.")
        try one.edit(note, "Words from 2050.")
        let copies = try [2, 3].map { try TestDevice(cloning: one, seed: $0) }
        for copy in copies { try copy.store.write { _ = try $0.takeNewReplica() } }
        try one.sync(server)
        let answer = try server.answer(TestDevice(seed: 9).session().request())
        for copy in copies {
            try copy.store.write { writer in for run in answer.runs { try writer.append(run) } }
        }
        // Nothing was written upon both: they become one. What was written upon both keeps both.
        try copies[1].edit(note, "\(try copies[1].text(note) ?? "") More.")
        try copies[0].sync(server)
        #expect(try server.text(note) == "Words from 2050.")
        try copies[1].sync(server)
        for device in [one] + copies { try device.sync(server) }
        for device in [one] + copies { #expect(try device.sync(server).isLevel) }
        #expect(try server.text(note)?.contains("More.") == true)
        #expect(try copies[1].store.check().findings == [])
    }

    @Test func `what was stamped again can be undone`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        device.machine.now = 2_524_608_000_000
        let note = try device.add("Words.")
        try device.edit(note, "Words from 2050.")
        try device.sync(server)
        #expect(try device.store.write { try $0.undo() }?.hadEffect == true)
        #expect(try device.text(note) == "Words.")
        #expect(try device.store.write { try $0.undo() }?.removedRecord == true)
        #expect(try device.store.write { try $0.undo() } == nil)
        #expect(try device.texts() == [])
    }

    @Test func `what was taken back before it was stamped again stays taken back`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        device.machine.now = 2_524_608_000_000
        let note = try device.add("Words.")
        try device.edit(note, "Words from 2050.")
        #expect(try device.store.write { try $0.undo() }?.hadEffect == true)
        try device.sync(server)
        #expect(try device.text(note) == "Words.")
        #expect(try device.store.write { try $0.undo() }?.removedRecord == true)
        #expect(try device.store.write { try $0.undo() } == nil)
    }

    @Test func `what a copy wrote that issued the same again is not this device's to undo`() throws {
        let server = try TestServer()
        let one = try TestDevice(seed: 1)
        one.machine.now = 2_524_608_000_000
        let note = try one.add("Words.")
        let copy = try TestDevice(cloning: one, seed: 2)
        try one.edit(note, "Words of one.")
        try copy.sync(server)
        for device in [one, copy] { #expect(try device.sync(server).isLevel) }
        #expect(try copy.store.write { try $0.undo() }?.removedRecord == true)
        #expect(try copy.text(note) == "Words of one.")
    }

    @Test func `copies of a copy that a server which was put back never saw together end up level`() throws {
        var server = try TestServer()
        let (note, one, copy, again) = try copiesOfACopy(of: server)
        try one.sync(server)
        let backup = try server.store.copyInMemory(surroundings: server.machine.surroundings)
        try copy.sync(server)
        server.store = backup
        for _ in 0..<2 { for device in [again, copy, one] { try device.sync(server) } }
        for device in [one, copy, again] { #expect(try device.sync(server).isLevel) }
        let words = try #require(try server.text(note)).split { " .".contains($0) }.sorted()
        #expect(words == ["Again", "Both", "Copy", "One", "Words"])
    }

    @Test func `a server forgets the oldest of what it refused`() throws {
        let server = try TestServer()
        let numbers = 0..<UInt64(Limits.maximumRefusalCount) + 10
        let hashes = numbers.map { ContentHash(digesting: Hexadecimal.bigEndian($0)) }
        try server.store.write { writer in
            for (index, hash) in hashes.enumerated() {
                try writer.noteRefusal(of: ReplicaID(7), hash, at: UInt64(index))
            }
        }
        let kept = try server.store.read { try $0.refusals(of: ReplicaID(7)) }
        #expect(kept.count == Limits.maximumRefusalCount)
        #expect(kept[hashes[9]] == nil && kept[hashes[10]] == 10)
    }

    @Test func `a copy that is linked by itself brings what came before a change that lay ahead`() throws {
        let server = try TestServer()
        let one = try TestDevice(seed: 1)
        let note = try one.add("Words.")
        try one.edit(note, "Words in time.")
        one.machine.now = 2_524_608_000_000
        try one.edit(note, "Words in time, and from 2050.")
        let copy = try TestDevice(cloning: one, seed: 2)
        guard case .clockAhead = try server.answer(one.session().request()).outcome else { throw Unexpected() }
        // The answer is lost, and the device with it.
        let replica = try one.replica
        var rights = WritingRights.all
        rights.mayWrite = { $0 != replica }
        rights.mayFinish = rights.mayWrite
        rights.mayCarry = { other, _ in other != replica }
        try copy.sync(server, rights: rights)
        #expect(try copy.sync(server, rights: rights).isLevel)
        #expect(try server.text(note) == "Words in time, and from 2050.")
    }

    @Test func `a copy from 2050 that is linked by itself ends up level`() throws {
        let server = try TestServer()
        let one = try TestDevice(seed: 1)
        one.machine.now = 2_524_608_000_000
        _ = try one.add("from 2050")
        let copy = try TestDevice(cloning: one, seed: 2)
        let replica = try one.replica
        try one.sync(server)
        var rights = WritingRights.all
        rights.mayWrite = { $0 != replica }
        rights.mayFinish = rights.mayWrite
        #expect(try copy.sync(server, rights: rights).isLevel)
        #expect(try copy.texts() == ["from 2050"])
    }

    @Test func `a device that was away for 400 days with unsent changes comes back, and nothing is lost`() throws {
        let server = try TestServer()
        let (away, other) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        let shared = try away.add("The first words.")
        let doomed = try away.add("deleted meanwhile")
        for device in [away, other] { try device.sync(server) }
        try away.edit(shared, "The very first words.")
        try away.edit(doomed, "deleted meanwhile, and edited")
        let unsent = try away.add("typed 400 days ago")
        let days: UInt64 = 400 * 86_400_000
        for machine in [server.machine, away.machine, other.machine] { machine.advance(milliseconds: days) }
        try other.edit(shared, "The first words. And more.")
        try other.store.write { writer in try writer.change(doomed) { [$0.deleting()].compactMap { $0 } } }
        for number in 0..<200 { _ = try other.add("meanwhile \(number)") }
        try other.sync(server)
        for device in [away, other] { #expect(try device.sync(server).isLevel) }
        #expect(try other.text(shared) == "The very first words. And more.")
        #expect(try other.text(unsent) == "typed 400 days ago")
        #expect(try other.store.read { try $0.record(doomed)?.text } == "deleted meanwhile, and edited")
        #expect(try away.texts() == other.texts())
    }

    @Test func `a device far behind is accepted as it is`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        device.machine.now = 0
        _ = try device.add("from 1970")
        #expect(try device.outcomes(server) == [.accepted])
    }

    @Test func `what the server has already keeps its stamp when a clock is corrected`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        let id = try device.add("The first words.")
        // The answer is lost, and then the clock jumps.
        _ = try server.answer(try device.session().request())
        device.machine.now = 2_524_608_000_000
        try device.edit(id, "The first words. And more.")
        let report = try device.sync(server)
        #expect(!report.tookNewReplica, "nothing forked: what was stored was not stamped again")
        #expect(try server.text(id) == "The first words. And more.")
        #expect(try device.text(id) == "The first words. And more.")
        #expect(try server.store.read { try $0.logEnd().version } == 2)
    }
}
