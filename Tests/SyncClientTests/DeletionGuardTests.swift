import Models
import Store
import SyncClient
import TestSupport
import Testing

/// A slip that deletes much is seen before it reaches every device; the deletions of a day are not asked about.
@Suite struct DeletionGuardTests {
    private let server: TestServer
    private let (one, two): (TestDevice, TestDevice)

    /// Two devices that hold the same 40 notes.
    init() throws {
        server = try TestServer()
        (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        for number in 0..<40 { _ = try one.add("note \(number)") }
        for device in [one, two] { #expect(try device.sync(server).isLevel) }
    }

    @Test(arguments: [(20, 40, false), (21, 40, true), (21, 105, false), (200, 1000, false), (201, 1000, true)])
    func `more than 20 records and more than a fifth are asked about`(count: Int, live: Int, asks: Bool) {
        #expect(DeletionGuard.asks(deleting: count, of: live) == asks)
    }

    @Test func `what is deleted by the score waits on the device that deleted it`() throws {
        try one.deleteNotes(21)
        _ = try two.add("from two")
        try two.sync(server)
        let report = try one.sync(server)
        #expect(report.withheldDeletionCount == 21 && report.sentCount == 0)
        #expect(report.receivedCount == 1, "what comes is not held up")
        #expect(try server.store.texts().count == 41)
        #expect(try one.sync(server, SyncRules(mayDeleteMany: true)).isLevel)
        #expect(try server.store.texts().count == 20)
    }

    @Test func `what another deleted by the score waits on the server, and what is written here goes there`() throws {
        try one.deleteNotes(30)
        try one.sync(server, SyncRules(mayDeleteMany: true))
        _ = try two.add("from two")
        for _ in 0..<2 {
            let report = try two.sync(server)
            #expect(report.heldDeletionCount == 30 && !report.isLevel && report.deletedCount == 0)
            #expect(try two.texts().count == 41)
            #expect(try two.held == 30)
        }
        #expect(try server.store.texts().contains("from two"))
        let report = try two.sync(server, SyncRules(mayDeleteMany: true))
        #expect(report.isLevel && report.deletedCount == 30)
        #expect(try two.texts().count == 11 && two.held == 0)
    }

    @Test func `where a server was put back, too, what waits for a yes stops nothing else`() throws {
        var server = server
        let old = try server.store.copyInMemory(surroundings: server.machine.surroundings)
        _ = try one.add("later")
        for device in [one, two] { #expect(try device.sync(server).isLevel) }
        server.store = old
        try one.deleteNotes(30)
        #expect(try one.sync(server, SyncRules(mayDeleteMany: true)).isLevel)
        _ = try two.add("from two")
        let report = try two.sync(server)
        #expect(report.heldDeletionCount == 30 && report.exchangeCount < 10)
        #expect(try two.texts().count == 42)
        #expect(try server.store.texts().contains("from two"))
    }

    @Test func `many small batches add up`() throws {
        try one.deleteNotes(30)
        try one.sync(server, SyncRules(mayDeleteMany: true))
        try two.setBatch(1)
        for _ in 0..<3 { #expect(try two.sync(server, batch: 1).heldDeletionCount > 0) }
        #expect(try two.texts().count >= 20)
        #expect(try two.sync(server, SyncRules(mayDeleteMany: true)).isLevel)
    }

    @Test func `the deletions of a day are not asked about, however many days there are`() throws {
        for number in 0..<3 {
            try one.deleteNotes(8)
            #expect(try one.sync(server).isLevel, "day \(number)")
            #expect(try two.sync(server).isLevel, "day \(number)")
        }
        #expect(try two.texts().count == 16)
    }

    @Test func `a new device takes in a history full of deletions unasked`() throws {
        try one.deleteNotes(35)
        try one.sync(server, SyncRules(mayDeleteMany: true))
        let new = try TestDevice(seed: 3)
        #expect(try new.sync(server, batch: 1).isLevel)
        #expect(try new.texts().count == 5)
    }

    @Test func `what was made and thrown away before anybody saw it goes unasked`() throws {
        for number in 0..<30 { _ = try one.add("draft \(number)") }
        try one.deleteNotes(30, beginningWith: "draft")
        #expect(try one.sync(server).isLevel)
    }

    @Test func `a look sends nothing and keeps nothing`() throws {
        _ = try two.add("from two")
        try two.sync(server)
        _ = try one.add("from one")
        let version = try server.store.read { try $0.logEnd().version }
        let copy = try TestDevice(trying: one)
        let rules = SyncRules(mayDeleteMany: true, sendsNothing: true)
        let session = SyncSession(store: copy.store, surroundings: copy.machine.surroundings, rules: rules)
        #expect(try session.request().isTrial)
        let report = try copy.sync(server, rules)
        #expect(report.receivedCount == 1 && report.sentCount == 0)
        #expect(try server.store.read { try $0.logEnd().version } == version)
        #expect(try one.unsentCount == 1)
        #expect(try !one.texts().contains("from two") && copy.texts().contains("from two"))
    }

    @Test func `a file that deletes by the score is refused until somebody says yes`() throws {
        let stick = Stick()
        try one.deleteNotes(30)
        try one.carry(stick, "one")
        #expect(throws: BundleRefusal.deletesMany(30, of: 40)) { try two.carry(stick, "two", joins: true) }
        #expect(try two.texts().count == 40)
        #expect(try two.carry(stick, "two", joins: true, mayDeleteMany: true).deletedCount == 30)
        #expect(try two.texts().count == 10)
    }
}

extension TestDevice {
    fileprivate init(trying other: TestDevice) throws {
        machine = other.machine
        store = try other.store.temporaryCopy()
    }

    /// Deletes the first notes.
    fileprivate func deleteNotes(_ count: Int, beginningWith start: String = "") throws {
        machine.advance(milliseconds: 10)
        var ids: [RecordID] = []
        try store.read { reader in
            try reader.forEach([.note]) { if $0.text?.hasPrefix(start) == true { ids.append($0.id) } }
        }
        try store.write { writer in
            for id in ids.prefix(count) { try writer.change(id) { [$0.deleting()].compactMap { $0 } } }
        }
    }

    fileprivate var held: Int? { get throws { try store.read { try $0.peer()?.heldCount } } }
}
