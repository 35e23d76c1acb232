import Models
import Store
import SyncClient
import TestSupport
import Testing
import Wire

/// What becomes of what was deleted, and of what was replaced, once everybody has read it.
@Suite struct TrashTests {
    static let day: UInt64 = 86_400_000

    let server: TestServer
    let one: TestDevice
    let two: TestDevice

    init() throws {
        server = try TestServer()
        (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
    }

    /// Lets days pass, on each of which `devices` sync.
    func pass(days: Int, syncing devices: [TestDevice]) throws {
        for _ in 0..<days {
            for machine in [server.machine, one.machine, two.machine] { machine.advance(milliseconds: Self.day) }
            for device in devices { #expect(try device.sync(server).isLevel) }
        }
    }

    func remove(_ id: RecordID, on device: TestDevice) throws {
        try device.store.write { try $0.change(id) { [$0.deleting()].compactMap { $0 } } }
    }

    func trash(_ store: NotebookStore) throws -> [RecordID] { try store.read { try $0.trash().map(\.id) } }

    /// Whether `words` are anywhere in the log.
    func holds(_ words: String, _ store: NotebookStore) throws -> Bool {
        let needle = Array(words.utf8)
        return try store.read { try $0.changes(after: 0, maximumBytes: .max).runs }.flatMap(\.bodies).contains { body in
            body.indices.contains { body[$0...].starts(with: needle) }
        }
    }

    func expectWhole(_ stores: NotebookStore...) throws {
        for store in stores {
            #expect(try store.check().findings == [])
            #expect(try store.read { try $0.digest() } == stores[0].read { try $0.digest() })
        }
    }

    @Test func `what is 30 days in the trash is purged on every replica, its words too once all have read that`() throws
    {
        let id = try one.add("words to be forgotten")
        let kept = try one.add("words to be kept")
        for device in [one, two, one] { try device.sync(server) }
        try remove(id, on: one)
        try pass(days: 30, syncing: [one, two])
        #expect(try trash(one.store) == [id], "the 30 days began with the sync that all knew of it")
        try pass(days: 3, syncing: [one, two])
        for store in [one.store, two.store, server.store] { #expect(try trash(store) == []) }
        #expect(try one.store.read { try $0.record(id)?.state.isPurged } == true)
        #expect(throws: StoreError.notFound("\(id)")) { try one.store.read { _ = try $0.resolve("\(id)") } }
        #expect(try holds("forgotten", two.store))
        try pass(days: 35, syncing: [one, two])
        for store in [one.store, two.store, server.store] {
            #expect(try !holds("forgotten", store))
            #expect(try store.read { try $0.record(kept)?.text } == "words to be kept")
        }
        try expectWhole(server.store, one.store, two.store)
        let new = try TestDevice(seed: 3)
        new.machine.now = one.machine.now
        #expect(try new.sync(server).isLevel)
        try expectWhole(server.store, new.store)
    }

    @Test func `a device away for 400 days brings back whole what it had edited and others purged`() throws {
        let id = try one.add("The whole of the note.")
        try one.store.write { writer in
            try writer.change(id) {
                [$0.setting(.title, to: .text("A title")), $0.including("rust", in: .tags)].compactMap { $0 }
            }
        }
        for device in [one, two, one] { try device.sync(server) }
        try two.edit(id, "The whole of the long note.")
        try remove(id, on: one)
        try pass(days: 400, syncing: [one])
        #expect(try !holds("The whole", server.store), "its words are gone here")
        let report = try two.sync(server)
        #expect(report.isLevel && report.revivedCount == 1)
        #expect(try one.sync(server).isLevel)
        for store in [one.store, two.store, server.store] {
            let record = try #require(try store.read { try $0.record(id) })
            #expect(record.text == "The whole of the long note.")
            #expect(record.state.text(.title) == "A title")
            #expect(record.state.elements(.tags) == ["rust"])
            #expect(!record.state.isDeleted && record.state.isReturned)
        }
        try expectWhole(server.store, one.store, two.store)
        #expect(try one.sync(server).revivedCount == 0)
    }

    @Test func `what was written apart from a purged value is kept as a conflict with it`() throws {
        let id = try one.add("The whole of the note.")
        for device in [one, two, one] { try device.sync(server) }
        for (device, title) in [(two, "two's"), (one, "one's")] {
            device.machine.advance(milliseconds: 10_000)
            try device.store.write { try $0.change(id) { [$0.setting(.title, to: .text(title))].compactMap { $0 } } }
        }
        try remove(id, on: one)
        try pass(days: 40, syncing: [one])
        for device in [two, one] { #expect(try device.sync(server).isLevel) }
        let state = try #require(try one.store.read { try $0.record(id)?.state })
        #expect(state.text(.title) == "two's")
        #expect(state.registers.first?.content.versions.map(\.content) == [.text("two's"), .text("one's")])
    }

    @Test func `what two write again, unknown to each other, stands there once`() throws {
        let id = try one.add("The whole of the note.")
        for device in [one, two, one] { try device.sync(server) }
        try remove(id, on: one)
        try pass(days: 31, syncing: [one])
        try two.edit(id, "The whole of the long note.")
        var session = two.session()
        let request = try session.request()
        // Pushed, and written again there; cut off before that is sent.
        _ = try session.take(try server.answer(request), to: request, tookMilliseconds: 1)
        #expect(try two.text(id) == "The whole of the long note.")
        #expect(try one.sync(server).revivedCount == 1)
        for device in [two, one, two] { #expect(try device.sync(server).isLevel) }
        for text in [try one.text(id), try two.text(id), try server.text(id)] {
            #expect(text == "The whole of the long note.")
        }
        try expectWhole(server.store, one.store, two.store)

        // And once more.
        try remove(id, on: two)
        try one.sync(server)
        try two.sync(server)
        try pass(days: 31, syncing: [two])
        try one.edit(id, "The whole of the very long note.")
        for device in [one, two, one] { #expect(try device.sync(server).isLevel) }
        #expect(try two.text(id) == "The whole of the very long note.")
        try expectWhole(server.store, one.store, two.store)
    }

    @Test func `what a device has yet to send of a purged record stands once, whoever wrote it again`() throws {
        let id = try one.add("The note.")
        for device in [one, two, one] { try device.sync(server) }
        for text in ["The note. First.", "The note. First. Second."] { try two.edit(id, text) }
        try remove(id, on: one)
        try pass(days: 35, syncing: [one])
        // It reads of the purge, and is cut off with one of its edits sent.
        var session = two.session(SyncRules(maximumPushBytes: 1))
        let request = try session.request()
        #expect(request.runs.map(\.bodies.count) == [1])
        _ = try session.take(server.answer(request), to: request, tookMilliseconds: 100)
        for device in [one, two, one] { #expect(try device.sync(server).isLevel) }
        for device in [one, two] { #expect(try device.text(id) == "The note. First. Second.") }
        try expectWhole(server.store, one.store, two.store)
    }

    @Test func `what was deleted again, unknown to who purged it, stays deleted, and comes back whole`() throws {
        let id = try one.add("The whole of the note.")
        try remove(id, on: one)
        for device in [one, two, one] { try device.sync(server) }
        try two.store.write { try $0.change(id) { [$0.restoring()].compactMap { $0 } } }
        try remove(id, on: two)
        try pass(days: 31, syncing: [one])
        for device in [two, one] { #expect(try device.sync(server).isLevel) }
        for device in [one, two] { #expect(try device.store.read { try $0.record(id)?.state.isDeleted } == true) }
        try one.store.write { try $0.change(id) { [$0.restoring()].compactMap { $0 } } }
        for device in [one, two, one] { #expect(try device.sync(server).isLevel) }
        for device in [one, two] { #expect(try device.text(id) == "The whole of the note.") }
        try expectWhole(server.store, one.store, two.store)
    }

    @Test func `what its author does not live to write again, whoever still has the rest does`() throws {
        let id = try one.add("The whole of the note.")
        for device in [one, two, one] { try device.sync(server) }
        try remove(id, on: one)
        try pass(days: 31, syncing: [one])
        // Pushed, and the device never comes back.
        try two.edit(id, "The whole of the long note.")
        _ = try server.answer(try two.session().request())
        #expect(try one.sync(server).revivedCount == 1)
        #expect(try one.text(id) == "The whole of the long note.")
        #expect(try server.text(id) == "The whole of the long note.")
        try expectWhole(server.store, one.store)
    }

    @Test func `what others did to a note since, and nobody has any more, keeps nobody from writing the rest again`()
        throws
    {
        let id = try one.add("The whole of the note.")
        try one.store.write { try $0.change(id) { [$0.setting(.title, to: .text("A title"))].compactMap { $0 } } }
        for device in [one, two, one] { try device.sync(server) }
        try two.edit(id, "The whole of the long note.")
        try one.edit(id, "The whole of the forgotten note.")
        try one.store.write { writer in
            try writer.change(id) {
                [$0.setting(.title, to: .text("Another")), $0.including("rust", in: .tags)].compactMap { $0 }
            }
        }
        try remove(id, on: one)
        try pass(days: 400, syncing: [one])
        #expect(try two.sync(server).revivedCount == 1)
        for device in [one, two] { #expect(try device.sync(server).isLevel) }
        for device in [one, two] {
            let record = try #require(try device.store.read { try $0.record(id) })
            #expect(record.text == "The whole of the long note.")
            #expect(record.state.text(.title) == "A title")
            #expect(record.state.elements(.tags) == ["rust"])
        }
        try expectWhole(server.store, one.store, two.store)
    }

    @Test func `who has no value of a purged session any more leaves it to who has`() throws {
        let id = try one.store.write { writer in
            try writer.create(.session, [.set(.title, .text("Opening"), replaces: [])])
        }
        try one.store.write { try $0.change(id) { [$0.setting(.title, to: .text("Keynote"))].compactMap { $0 } } }
        for device in [one, two, one] { try device.sync(server) }
        try remove(id, on: one)
        try pass(days: 220, syncing: [one])
        try two.store.write { try $0.change(id) { [$0.including("rust", in: .tags)].compactMap { $0 } } }
        _ = try server.answer(try two.session().request())
        for device in [one, two, one] { #expect(try device.sync(server).isLevel) }
        for device in [one, two] {
            let state = try #require(try device.store.read { try $0.record(id)?.state })
            #expect(state.text(.title) == "Keynote")
            #expect(state.elements(.tags) == ["rust"])
        }
        try expectWhole(server.store, one.store, two.store)
    }

    @Test func `what is written under a purged record's id stands alone`() throws {
        let id = try one.add("The whole of the note.")
        for device in [one, two, one] { try device.sync(server) }
        try remove(id, on: one)
        try pass(days: 33, syncing: [one, two])
        try one.edit(id, "Imported anew.")
        for device in [one, two, one] { #expect(try device.sync(server).revivedCount == 0) }
        for store in [one.store, two.store, server.store] {
            #expect(try store.read { try $0.record(id)?.text } == "Imported anew.")
        }
        try expectWhole(server.store, one.store, two.store)
    }

    @Test(arguments: [true, false])
    func `one clock that is years ahead purges nothing`(isServers: Bool) throws {
        let id = try one.add("words")
        for device in [one, two, one] { try device.sync(server) }
        try remove(id, on: one)
        try pass(days: 2, syncing: [one, two])
        for _ in 0..<40 {
            if isServers { server.machine.advance(milliseconds: 40 * Self.day) }
            if !isServers { one.machine.advance(milliseconds: 40 * Self.day) }
            try one.sync(server)
        }
        #expect(try trash(one.store) == [id])
    }

    @Test func `what was replaced loses its value once everybody has read that, and its hash stays`() throws {
        let id = try one.add("words")
        let long = String(repeating: "a title that is soon another one ", count: 4)
        for title in [long, "short"] {
            try one.store.write { try $0.change(id) { [$0.setting(.title, to: .text(title))].compactMap { $0 } } }
        }
        for device in [one, two, one, two] { try device.sync(server) }
        let hash = try server.store.read { try $0.logEnd().hash }
        try pass(days: 29, syncing: [one, two])
        #expect(try holds(long, one.store), "it can still be taken back")
        try pass(days: 4, syncing: [one, two])
        for store in [server.store, one.store, two.store] { #expect(try !holds(long, store)) }
        #expect(try server.store.read { try $0.logEnd().hash } == hash)
        try expectWhole(server.store, one.store, two.store)
        // What it was before is not known any more, so that undo leaves it alone.
        let undone = try one.store.write { try $0.undo() }
        #expect(undone?.hadEffect == false)
        #expect(try one.store.read { try $0.record(id)?.state.text(.title) } == "short")
    }

    @Test func `a device that is not seen keeps changes from being folded for half a year`() throws {
        let id = try one.add("words")
        let long = String(repeating: "a title that is soon another one ", count: 4)
        for device in [one, two, one, two] { try device.sync(server) }
        for title in [long, "short"] {
            try one.store.write { try $0.change(id) { [$0.setting(.title, to: .text(title))].compactMap { $0 } } }
        }
        try pass(days: 170, syncing: [one])
        #expect(try holds(long, server.store))
        try pass(days: 15, syncing: [one])
        #expect(try !holds(long, server.store))
        #expect(try two.sync(server).isLevel)
        try expectWhole(server.store, one.store, two.store)
    }

    @Test(arguments: Seeds.few)
    func `a server that is put back gets what was folded and purged again`(seed: UInt64) throws {
        var server = server
        let id = try one.add("words to be forgotten")
        try one.store.write { try $0.change(id) { [$0.setting(.title, to: .text("a title"))].compactMap { $0 } } }
        for device in [one, two, one] { try device.sync(server) }
        try remove(id, on: one)
        var chance = Chance(seed: seed)
        try pass(days: 25 + chance.below(20), syncing: [one, two])
        let backup = try server.store.copyInMemory(surroundings: server.machine.surroundings)
        try pass(days: chance.below(40), syncing: [one, two])
        server.store = backup
        for device in [one, two, one, two] { try device.sync(server) }
        try expectWhole(server.store, one.store, two.store)
    }
}
