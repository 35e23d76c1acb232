import Models
import Store
import SyncClient
import TestSupport
import Testing

/// A new device gets a large notebook by pages, what was touched last first.
@Suite struct SnapshotTests {
    /// A server with a session, which is the oldest record, and notes in it.
    private func server(noteCount: Int) throws -> (server: TestServer, author: TestDevice, session: RecordID) {
        let server = try TestServer()
        let author = try TestDevice(seed: 1)
        let session = try author.store.write { try $0.create(.session, [.set(.title, .text("Talk"), replaces: [])]) }
        for number in 0..<noteCount {
            author.machine.advance(milliseconds: 10)
            _ = try author.store.write { writer in
                let first = StoreWriter.firstEdit(.body, "note \(number)")
                return try writer.create(.note, [.set(.session, .reference(session), replaces: []), first])
            }
        }
        try author.sync(server)
        return (server, author, session)
    }

    /// Exchanges of one sync with answers of at most `bytes`; `body` sees each before it is taken.
    @discardableResult
    private func sync(
        _ device: TestDevice,
        _ server: TestServer,
        bytes: Int,
        count: Int = .max,
        _ body: (inout SyncAnswer) throws -> Void = { _ in }
    ) throws -> SyncReport {
        var session = device.session()
        for _ in 0..<count {
            var request = try session.request()
            request.maximumBytes = min(request.maximumBytes, bytes)
            var answer = try server.answer(request)
            try body(&answer)
            if try session.take(answer, to: request, tookMilliseconds: 100) == .finished { break }
        }
        return session.report
    }

    private func expectWhole(_ device: TestDevice, _ server: TestServer) throws {
        #expect(try device.texts() == server.store.texts())
        #expect(try device.store.read { try $0.digest() } == server.store.read { try $0.digest() })
        #expect(try device.store.read { try $0.heads() } == server.store.read { try $0.heads() })
        #expect(try device.store.read { try $0.loading() } == nil)
        #expect(try device.store.check().findings == [])
    }

    @Test func `a page with a turned bit is not served`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("server.sqlite")
        var (server, author, _) = try server(noteCount: 50)
        server.store = try NotebookStore(path: path, surroundings: server.machine.surroundings)
        try author.sync(server)
        try Damage.run(
            "UPDATE changes SET body = CAST(substr(body, 1, length(body) - 1) || x'21' AS BLOB) WHERE version = 30",
            on: path
        )
        let device = try TestDevice(seed: 2)
        #expect(throws: StoreError.self) { try sync(device, server, bytes: 600) }
        #expect(try device.store.read { try $0.loading() }?.isAtEnd == false, "what came before it was taken in")
    }

    @Test func `the programme and the newest notes are there after the first page`() throws {
        let (server, author, session) = try server(noteCount: 100)
        let old = try #require(author.store.read { try $0.children(of: session).first?.id })
        try author.edit(old, "note 0, touched again")
        try author.sync(server)
        let device = try TestDevice(seed: 2)
        try sync(device, server, bytes: 600, count: 1)
        #expect(try device.store.read { try $0.record(session)?.state.text(.title) } == "Talk")
        let texts = try device.texts()
        #expect(texts.first == "note 0, touched again" && texts.contains("note 99") && !texts.contains("note 1"))
        #expect(try device.store.read { try $0.loading()?.log.version } == 102)
        #expect(try device.store.check().findings == [])
        let report = try sync(device, server, bytes: 600)
        #expect(report.isLevel && report.loading == nil)
        try expectWhole(device, server)
    }

    @Test func `a small notebook comes in one answer, without pages`() throws {
        let (server, _, _) = try server(noteCount: 20)
        let device = try TestDevice(seed: 2)
        let report = try device.sync(server)
        #expect(report.exchangeCount == 1 && report.isLevel)
        try expectWhole(device, server)
    }

    @Test(arguments: [1, 300, 2000])
    func `cut off after each page it goes on, and no change travels twice`(bytes: Int) throws {
        let (server, _, _) = try server(noteCount: 60)
        let device = try TestDevice(seed: 2)
        var received: [SnapshotChange] = []
        while true {
            let report = try sync(device, server, bytes: bytes, count: 1) { received += $0.snapshot?.changes ?? [] }
            if report.isLevel { break }
        }
        #expect(received.count == 61 && Set(received).count == 61)
        try expectWhole(device, server)
    }

    @Test func `what is loaded can be edited while the rest comes, and what is typed is sent at once`() throws {
        let (server, author, session) = try server(noteCount: 60)
        let device = try TestDevice(seed: 2)
        _ = try device.add("typed before")
        try sync(device, server, bytes: 500, count: 2)
        let newest = try #require(device.store.read { try $0.children(of: session).last?.id })
        try device.edit(newest, "note 59, edited while it loads")
        try author.edit(newest, "note 59")
        _ = try device.add("typed while it loads")
        try sync(device, server, bytes: 500, count: 1)
        #expect(try server.text(newest) == "note 59, edited while it loads")
        #expect(try device.unsentCount == 0)
        #expect(try device.store.check().findings == [])
        #expect(try sync(device, server, bytes: 500).isLevel)
        try author.sync(server)
        try expectWhole(device, server)
        try expectWhole(author, server)
    }

    @Test func `a crash before a page is on disk loses that page alone`() throws {
        let (server, _, _) = try server(noteCount: 60)
        let machine = TestMachine(seed: 2)
        let fails = Switch()
        let store = try NotebookStore(
            inMemoryWith: machine.surroundings,
            willCommit: { if fails.value { throw Unexpected() } }
        )
        var crashCount = 0
        while true {
            var session = SyncSession(store: store, surroundings: machine.surroundings)
            var request = try session.request()
            request.maximumBytes = 500
            let answer = try server.answer(request)
            fails.value = crashCount % 2 == 0
            let step = try? session.take(answer, to: request, tookMilliseconds: 100)
            if fails.value { #expect(step == nil) }
            crashCount += 1
            fails.value = false
            if step == .finished { break }
        }
        #expect(crashCount > 10)
        #expect(try store.texts() == server.store.texts())
        #expect(try store.check().findings == [])
    }

    @Test func `a server that is put back meanwhile is loaded from the start, and what was typed stays`() throws {
        var (server, author, _) = try server(noteCount: 30)
        let backup = try server.store.copyInMemory(surroundings: server.machine.surroundings)
        for number in 0..<30 { _ = try author.add("later \(number)") }
        try author.sync(server)
        let device = try TestDevice(seed: 2)
        try sync(device, server, bytes: 500, count: 3)
        _ = try device.add("typed while it loads")
        server.store = backup
        #expect(try sync(device, server, bytes: 500).isLevel)
        try author.sync(server)
        #expect(try sync(device, server, bytes: 500).isLevel)
        #expect(try device.texts().count == 61)
        try expectWhole(device, server)
    }

    @Test func `another server ends a load, and what was typed stays`() throws {
        let (server, _, _) = try server(noteCount: 30)
        let device = try TestDevice(seed: 2)
        try sync(device, server, bytes: 500, count: 3)
        #expect(try device.store.read { try $0.loading() } != nil)
        _ = try device.add("typed while it loads")
        try device.store.write { try $0.removePeer() }
        #expect(try device.store.read { try $0.loading() } == nil)
        #expect(try device.texts() == ["typed while it loads"])
        #expect(try device.store.check().findings == [])
    }

    @Test(arguments: [0, 3, 7])
    func `pages that do not add up are given up, and the log is read instead`(page: Int) throws {
        let (server, _, _) = try server(noteCount: 60)
        let device = try TestDevice(seed: 2)
        _ = try device.add("typed here")
        var number = 0
        let report = try sync(device, server, bytes: 500) { answer in
            if number == page, let last = answer.snapshot?.changes.indices.last {
                // Another change of the same form, so that only the chain can tell.
                let first = answer.snapshot?.changes[0].body ?? []
                answer.snapshot?.changes[last].body = first
            }
            number += 1
        }
        #expect(report.isLevel)
        try expectWhole(device, server)
    }

    @Test func `a copy of a device that loads goes on by itself`() throws {
        let (server, _, _) = try server(noteCount: 60)
        let device = try TestDevice(seed: 2)
        try sync(device, server, bytes: 500, count: 3)
        let copy = try TestDevice(cloning: device, seed: 3)
        _ = try device.add("typed here")
        _ = try copy.add("typed there")
        for one in [device, copy, device] { #expect(try sync(one, server, bytes: 500).isLevel) }
        try expectWhole(device, server)
        try expectWhole(copy, server)
    }

    @Test func `a device that loaded brings all of it back to a server that lost it`() throws {
        // Its author is gone.
        var (server, _, _) = try server(noteCount: 150)
        let empty = try TestServer(seed: 500).store
        let device = try TestDevice(seed: 2)
        #expect(try sync(device, server, bytes: 700).isLevel)
        let expected = try device.texts()
        server.store = empty
        #expect(try device.sync(server).isLevel)
        #expect(try server.store.texts() == expected)
    }

    @Test(arguments: [3, .max])
    func `a page that another sync of the device has loaded meanwhile changes nothing`(roundCount: Int) throws {
        let (server, _, _) = try server(noteCount: 60)
        let device = try TestDevice(seed: 2)
        var slow = device.session()
        var request = try slow.request()
        request.maximumBytes = 500
        let late = try server.answer(request)
        try sync(device, server, bytes: 700, count: roundCount)
        let position = try device.store.read { try $0.loading() }
        let cursor = try device.store.read { try $0.peer()?.cursor }
        #expect((position == nil) == (roundCount == .max))
        #expect(try slow.take(late, to: request, tookMilliseconds: 10) == .exchangeAgain)
        #expect(try device.store.read { try $0.loading() } == position)
        #expect(try device.store.read { try $0.peer()?.cursor } == cursor)
        #expect(try sync(device, server, bytes: 700).isLevel)
        try expectWhole(device, server)
    }

    @Test func `a snapshot that nobody asked for is refused`() throws {
        let (server, author, _) = try server(noteCount: 20)
        let other = try TestDevice(seed: 2)
        let asked = try other.session().request()
        var asking = asked
        asking.maximumBytes = 500
        let page = try #require(server.answer(asking).snapshot)
        var session = author.session()
        let request = try session.request()
        var answer = try server.answer(request)
        answer.snapshot = page
        #expect(throws: SyncError.protocolBroken("it sends a snapshot unasked")) {
            _ = try session.take(answer, to: request, tookMilliseconds: 10)
        }
        #expect(try author.store.read { try $0.loading() } == nil)
    }

    @Test func `a device that loads neither gives nor takes a file`() throws {
        let (server, _, _) = try server(noteCount: 60)
        let device = try TestDevice(seed: 2)
        try sync(device, server, bytes: 500, count: 2)
        let bundle = BundleSync(
            store: device.store,
            surroundings: device.machine.surroundings,
            deviceName: "phone",
            isLinked: true
        )
        #expect(throws: BundleRefusal.loading) { _ = try bundle.take(nil) }
        #expect(try sync(device, server, bytes: 500).isLevel)
        _ = try bundle.take(nil)
    }
}
