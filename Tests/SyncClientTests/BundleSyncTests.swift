import Models
import Store
import SyncClient
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

    @Test func `a copy stamps nothing again that its original wrote`() throws {
        let original = try TestDevice(seed: 1)
        _ = try original.add("before the copy")
        let copy = try TestDevice(cloning: original, seed: 2)
        try copy.store.write { _ = try $0.takeNewReplica() }
        original.machine.advance(milliseconds: 3 * 86_400_000)
        _ = try original.add("of a clock that is ahead")
        let stick = Stick()
        try original.carry(stick, "original")
        let replica = try copy.replica
        for _ in 0..<3 { #expect(try !copy.carry(stick, "copy").tookNewReplica) }
        #expect(try copy.replica == replica && copy.texts() == original.texts())
        try original.carry(stick, "original")
    }

    @Test func `a device put back stamps nothing again that it gave away before`() throws {
        let (stick, reader) = (Stick(), try TestDevice(seed: 2))
        var device = try TestDevice(seed: 1)
        device.machine.advance(milliseconds: 86_400_000)
        for number in 1...7 { _ = try device.add("note \(number)") }
        let backup = try device.store.copyInMemory(surroundings: device.machine.surroundings)
        for number in 8...12 { _ = try device.add("note \(number)") }
        try device.carry(stick, "device")
        try reader.carry(stick, "reader")
        // Noticed, and the clock is right again.
        device.store = backup
        try device.store.write { _ = try $0.takeNewReplica() }
        device.machine.now -= 86_400_000
        for _ in 0..<2 { for one in [device, reader] { try one.carry(stick, "again") } }
        #expect(try device.texts() == reader.texts() && device.texts().count == 12)
        #expect(try device.store.check().findings == [])
    }

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
        one.machine.advance(milliseconds: TestMachine.years)
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

    @Test func `what nobody has yet is stamped again before it is given away`() throws {
        let (one, two) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
        one.machine.advance(milliseconds: TestMachine.years)
        _ = try one.session("Written in 2050")
        one.machine.now = TestMachine.start
        try one.carry(stick, "one")
        #expect(try two.carry(stick, "two").aheadCount == 0)
    }
}
