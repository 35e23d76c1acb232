import Models
import Store
import SyncClient
import SyncServer
import TestSupport
import Testing

/// Sync by file: a stick that goes from device to device.
@Suite struct BundleSyncTests {
    let stick = Stick()

    @Test func `a file carried back and forth makes two devices equal`() throws {
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        let id = try one.add("The first words.")
        try one.carry(stick, "one")
        #expect(try two.carry(stick, "two").joinedNotebook)
        #expect(try two.text(id) == "The first words.")
        try one.edit(id, "The very first words.")
        try two.edit(id, "The first words. And the second.")
        _ = try two.add("from two")
        try two.carry(stick, "two")
        #expect(try one.carry(stick, "one").otherDevices == ["two"])
        let report = try two.carry(stick, "two")
        #expect(report.isLevel && report.receivedCount == 1)
        #expect(try one.text(id) == "The very first words. And the second.")
        #expect(try one.texts() == two.texts())
        #expect(try one.digest == two.digest)
    }

    @Test func `reading a file twice changes nothing, and writes nothing`() throws {
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        _ = try one.add("x")
        try one.carry(stick, "one")
        let written = stick.bytes
        #expect(try one.carry(stick, "one").receivedCount == 0)
        #expect(stick.bytes == written)
        try two.carry(stick, "two")
        let (answer, digest, end) = (stick.bytes, try two.digest, try two.end)
        let again = Stick()
        again.bytes = written
        #expect(try two.carry(again, "two").receivedCount == 0)
        #expect(try two.carry(stick, "two").receivedCount == 0)
        #expect(stick.bytes == answer)
        #expect(try two.digest == digest)
        #expect(try two.end == end)
    }

    /// Method: half of the worlds write files that hold only what somebody lacks, in blocks of one change.
    @Test(arguments: Array(1...20).map { UInt64($0) })
    func `one file that goes round makes any number of devices equal`(seed: UInt64) throws {
        var chance = Chance(seed: seed)
        stick.blockBytes = seed % 2 == 0 ? 1 : Limits.bundleBlockBytes
        let devices = try (0..<4).map { try TestDevice(seed: seed * 10 + UInt64($0)) }
        let id = try devices[0].add("One. Two. Three.")
        for _ in 0..<2 {
            for (number, device) in devices.enumerated() { try device.carry(stick, "device \(number)") }
        }
        for round in 0..<12 {
            let number = chance.below(4)
            if chance.oneIn(2) { _ = try devices[number].add("note \(round)") }
            if chance.oneIn(2) { try devices[number].edit(id, (devices[number].text(id) ?? "") + " Word\(round).") }
            if chance.oneIn(3) { stick.keep() }
            if chance.oneIn(6) { stick.putBack() }
            try devices[chance.below(4)].carry(stick, "device")
        }
        for _ in 0..<3 { for device in devices { try device.carry(stick, "device") } }
        for device in devices {
            #expect(try device.digest == devices[0].digest, "seed \(seed)")
            #expect(try device.carry(stick, "device").isLevel, "seed \(seed)")
        }
    }

    // MARK: Whose notebook

    @Test func `two notebooks that both hold something become one only when asked to`() throws {
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        _ = try one.add("of one")
        _ = try two.add("of two")
        try one.carry(stick, "one")
        let written = stick.bytes
        let notebook = try one.notebook
        #expect(throws: BundleRefusal.otherNotebook(notebook, writtenBy: "one")) { try two.carry(stick, "two") }
        #expect(stick.bytes == written)
        #expect(try two.texts() == ["of two"])
        #expect(try two.carry(stick, "two", joins: true).joinedNotebook)
        try one.carry(stick, "one")
        #expect(try one.texts() == ["of one", "of two"])
        #expect(try two.texts() == one.texts())
        #expect(try two.notebook == notebook)
    }

    @Test func `an empty notebook gives way, whoever began the file`() throws {
        let (empty, full) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        _ = try full.add("something")
        try empty.carry(stick, "empty")
        #expect(try !full.carry(stick, "full").joinedNotebook)
        #expect(try empty.carry(stick, "empty").joinedNotebook)
        #expect(try empty.texts() == ["something"])
        #expect(try empty.notebook == full.notebook)
    }

    @Test func `a device with a server takes no other notebook's file, asked to or not`() throws {
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        _ = try one.add("x")
        try one.carry(stick, "one")
        let refusal = BundleRefusal.otherNotebookWhileLinked(try one.notebook)
        for joins in [false, true] {
            #expect(throws: refusal) { try two.carry(stick, "two", isLinked: true, joins: joins) }
        }
    }

    // MARK: What does not fit

    @Test func `a damaged file changes nothing`() throws {
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        for number in 0..<50 { _ = try one.add("note \(number)") }
        try one.carry(stick, "one")
        let count = try #require(stick.bytes?.count)
        stick.bytes?[count - 5] ^= 1
        #expect(throws: BundleError.damaged) { try two.carry(stick, "two") }
        #expect(try two.end == 0)
    }

    @Test func `two devices that write under one number are told, and nothing is half taken`() throws {
        let one = try TestDevice(seed: 1)
        let other = try TestDevice(seed: 3)
        _ = try one.add("both have this")
        let clone = try TestDevice(cloning: one, seed: 2)
        _ = try one.add("only here")
        _ = try clone.add("only there")
        try one.carry(stick, "one")
        try other.carry(stick, "other")
        let before = (try other.end, try other.digest)
        let second = Stick()
        try clone.carry(second, "clone")
        let refusal = BundleRefusal.forked(try one.replica, sequence: 2)
        #expect(throws: refusal) { try other.carry(second, "other") }
        #expect(try other.end == before.0)
        #expect(try other.digest == before.1)
    }

    @Test func `a copy that gave nothing away goes on under a number of its own`() throws {
        let one = try TestDevice(seed: 1)
        _ = try one.add("both have this")
        let clone = try TestDevice(cloning: one, seed: 2)
        _ = try one.add("only here")
        _ = try clone.add("only there")
        try one.carry(stick, "one")
        #expect(try clone.carry(stick, "clone").tookNewReplica)
        try one.carry(stick, "one")
        #expect(try one.texts() == ["both have this", "only here", "only there"])
        #expect(try clone.texts() == one.texts())
        #expect(try clone.digest == one.digest)
    }

    @Test func `a device that was put back gets its own changes again`() throws {
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        _ = try one.add("first")
        let backup = try TestDevice(cloning: one, seed: 9)
        _ = try one.add("second")
        try one.carry(stick, "one")
        try two.carry(stick, "two")
        let replica = try backup.replica
        let report = try backup.carry(stick, "one")
        #expect(report.tookNewReplica && report.receivedCount == 2 + 1)
        #expect(try backup.replica != replica)
        #expect(try backup.texts() == ["first", "second"])
        _ = try backup.add("third")
        try backup.carry(stick, "one")
        try two.carry(stick, "two")
        #expect(try two.texts() == ["first", "second", "third"])
    }

    @Test func `a device that the file does not know begins with it all the same`() throws {
        let devices = try (1...3).map { try TestDevice(seed: UInt64($0)) }
        _ = try devices[0].add("One.")
        for device in devices { try device.carry(stick, "x") }
        #expect(try devices[2].texts() == ["One."])
    }

    @Test func `what builds on changes that are not here comes with the next round`() throws {
        stick.blockBytes = 1
        let devices = try (1...3).map { try TestDevice(seed: UInt64($0)) }
        let id = try devices[0].add("One.")
        try devices[0].carry(stick, "a")
        try devices[1].carry(stick, "b")
        try devices[1].edit(id, "One. Two.")
        try devices[0].carry(stick, "a")
        try devices[1].carry(stick, "b")
        _ = try devices[0].add("later")
        try devices[0].carry(stick, "a")
        let report = try devices[2].carry(stick, "c")
        #expect(report.unreachableCount > 0)
        #expect(try devices[2].texts().isEmpty || devices[2].texts() == [""])
        for device in devices { try device.carry(stick, "x") }
        #expect(try devices[2].texts() == ["One. Two.", "later"])
    }

    // MARK: Clocks

    @Test func `a stamp far in the future is taken, and the next edit wins over it`() throws {
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        one.machine.advance(milliseconds: Self.years)
        let id = try one.session("Written in 2050")
        try one.carry(stick, "one")
        let report = try two.carry(stick, "two")
        #expect(report.aheadCount == report.receivedCount && report.aheadCount > 0)
        try two.setTitle(id, "Written today")
        try two.carry(stick, "two")
        try one.carry(stick, "one")
        #expect(try one.title(id) == "Written today")
        #expect(try two.title(id) == "Written today")
    }

    @Test func `what was given away under a wrong clock reaches a server as it is`() throws {
        let server = try TestServer()
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        one.machine.advance(milliseconds: Self.years)
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

    @Test func `what nobody has yet is stamped again before it is given away`() throws {
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        one.machine.advance(milliseconds: Self.years)
        _ = try one.session("Written in 2050")
        one.machine.now = TestMachine.start
        try one.carry(stick, "one")
        #expect(try two.carry(stick, "two").aheadCount == 0)
    }

    @Test func `what a server may have already is given away as it was sent`() throws {
        let server = try TestServer()
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
        let server = try TestServer()
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

    // MARK: With a server as well

    @Test func `who has a file of a device that the server does not know brings what is in it`() throws {
        let server = try TestServer()
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
        let server = try TestServer()
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

    @Test func `what a copy brings of its original stays its original's`() throws {
        let server = try TestServer()
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
        let server = try TestServer()
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

    private static let years: UInt64 = 37 * 365 * 24 * 3_600_000
}

/// A stick with one file on it, or none.
final class Stick {
    var bytes: [UInt8]?
    var blockBytes = Limits.bundleBlockBytes
    private var kept: [UInt8]?

    /// Somebody copies the file away, and later back over a newer one.
    func keep() { kept = bytes }
    func putBack() { bytes = kept ?? bytes }

    fileprivate func source() -> BundleSync.Source? {
        bytes.map { bytes in
            var place = 0
            return { count in
                let piece = Array(bytes[place..<min(bytes.count, place + count)])
                place += piece.count
                return piece
            }
        }
    }
}

extension WritingRights {
    /// Of a device that may write under this replica, where all others are somebody else's.
    fileprivate static func own(_ replica: ReplicaID) -> WritingRights {
        WritingRights(mayWrite: { $0 == replica }, mayFinish: { $0 == replica }, mayCarry: { _, _ in false })
    }
}

extension TestDevice {
    fileprivate func sync(_ server: TestServer, rights: WritingRights) throws -> SyncReport {
        var session = session()
        repeat {
            let request = try session.request()
            let answer = try server.handler.answer(request, rights: rights)
            guard try session.take(answer, to: request, tookMilliseconds: 1) == .exchangeAgain else { break }
        } while session.report.exchangeCount < 20
        return session.report
    }

    @discardableResult
    func carry(
        _ stick: Stick,
        _ name: String,
        isLinked: Bool = false,
        joins: Bool = false,
        mayDeleteMany: Bool = false
    ) throws -> BundleReport {
        let sync = BundleSync(
            store: store,
            surroundings: machine.surroundings,
            deviceName: name,
            isLinked: isLinked,
            joins: joins,
            blockBytes: stick.blockBytes,
            mayDeleteMany: mayDeleteMany
        )
        let plan = try sync.take(stick.source())
        if plan.header != nil {
            let file = Stick()
            file.bytes = []
            _ = try sync.write(plan) { file.bytes? += $0 }
            stick.bytes = file.bytes
        }
        return plan.report
    }

    func session(_ title: String) throws -> RecordID {
        try store.write { try $0.create(.session, [.set(.title, .text(title), replaces: [])]) }
    }

    func setTitle(_ id: RecordID, _ title: String) throws {
        try store.write { writer in
            try writer.change(id) { [$0.setting(.title, to: .text(title))].compactMap { $0 } }
        }
    }

    func title(_ id: RecordID) throws -> String? { try store.read { try $0.record(id)?.state.text(.title) } }

    var digest: ContentHash { get throws { try store.read { try $0.digest() } } }
    var end: UInt64 { get throws { try store.read { try $0.logEnd().version } } }
    var notebook: NotebookID { get throws { try store.read { try $0.notebook().notebook } } }
}
