import EgWalker
import Models
import Store
import TestSupport
import Testing
import Wire

/// Changes that no program of ours writes: they come in, harm nothing, and mean the same everywhere.
@Suite struct ForeignChangeTests {
    private let id = RecordID(milliseconds: TestMachine.start, random: (1, 2))

    private func insert(_ text: String, at: Int = 0, parents: [ChangeID] = []) -> Models.Operation {
        .edit(.body, TextEdit(parents: parents, spans: [.insert(at: at, text: text)]))
    }

    /// The runs in every order of whole logs, each into a store of its own; all must come out equal.
    private func stores(_ logs: [ForeignLog]) throws -> [Device] {
        let orders = logs.count == 1 ? [logs] : [logs, logs.reversed()]
        return try orders.map { order in
            let device = try Device(seed: 1)
            for log in order { try device.store.write { _ = try $0.append(log.run) } }
            return device
        }
    }

    private func expectEqual(_ devices: [Device], sourceLocation: SourceLocation = #_sourceLocation) throws {
        for device in devices {
            let digest = try device.digest
            #expect(try digest == devices[0].digest, sourceLocation: sourceLocation)
            #expect(try device.store.check().findings == [], sourceLocation: sourceLocation)
            try device.store.rebuild()
            #expect(try device.digest == digest, sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: [
        [TextSpan.insert(at: 99, text: "far")], [.delete(at: 2, count: 50)],
        [.delete(at: 0, count: 1), .delete(at: 4, count: 1)],
    ])
    func `an edit that does not fit its version changes nothing, and what follows it goes on`(spans: [TextSpan]) throws
    {
        var log = ForeignLog(7)
        let first = log.add([insert("word")], to: id)
        let misfit = log.add([.edit(.body, TextEdit(parents: [first.id], spans: spans))], to: id)
        log.add([.set(.speaker, .text("Ana"), replaces: [])], to: id)
        log.add([insert(" and more", at: 4, parents: [misfit.id])], to: id)
        var other = ForeignLog(8)
        other.add([.include(.tags, "x", replaces: [])], to: id)
        let devices = try stores([log, other])
        try expectEqual(devices)
        #expect(try devices[0].text(id) == "word and more")
        #expect(try devices[0].state(id)?.text(.speaker) == "Ana")
    }

    @Test func `a stamp from the end of time leaves a record to be written on, and its purge to be undone`() throws {
        var log = ForeignLog(7)
        let begun = log.add([insert("word")], to: id)
        log.add([.purge(seen: [begun.stamp])], to: id)
        var late = ForeignLog(8)
        late.add(
            [.set(.speaker, .text("Ana"), replaces: [])],
            to: id,
            time: Limits.maximumMilliseconds << 16 | 0xFFFF
        )
        for device in try stores([log, late]) {
            try device.store.write { writer in
                _ = try writer.reviveReturned(isAllSent: true)
                try writer.change(id) { [$0.setting(.speaker, to: .text("Bo"))].compactMap { $0 } }
            }
            #expect(try device.state(id)?.text(.speaker) == "Bo")
            #expect(try device.store.check().findings == [])
        }
    }

    @Test func `a purge of what is yet to be written makes nobody write it again and again`() throws {
        let device = try Device(seed: 1)
        var log = ForeignLog(7)
        let begun = log.add([insert("word")], to: id)
        let future = Stamp(time: Limits.maximumMilliseconds << 16, replica: try device.replica)
        log.add([.purge(seen: [begun.stamp, future])], to: id)
        var late = ForeignLog(8)
        late.add([.set(.speaker, .text("Ana"), replaces: [])], to: id)
        try device.store.write { writer in for log in [log, late] { _ = try writer.append(log.run) } }
        let count = try device.store.read { try $0.logEnd().version }
        for _ in 0..<3 { #expect(try device.store.write { try $0.reviveReturned(isAllSent: true) } == 0) }
        #expect(try device.store.read { try $0.logEnd().version } == count)
    }

    @Test func `what is too much to be written again in one change stays as it is`() throws {
        let device = try Device(seed: 1)
        var log = ForeignLog(7)
        let changes = ["a", "b"].map { letter in
            log.add((0..<3000).map { .include(.tags, ExactString("\(letter)\($0)"), replaces: []) }, to: id)
        }
        log.add([.purge(seen: changes.map(\.stamp))], to: id)
        var late = ForeignLog(8)
        late.add([.set(.speaker, .text("Ana"), replaces: [])], to: id)
        try device.store.write { writer in for log in [log, late] { _ = try writer.append(log.run) } }
        let before = try device.digest
        #expect(try device.store.write { try $0.reviveReturned(isAllSent: true) } == 0)
        #expect(try device.digest == before)
        let next = try device.add("and the next save is none the worse")
        #expect(try device.text(next) != nil && device.store.check().findings == [])
    }

    @Test func `an edit that counts as empty means the same when it is read again`() throws {
        let other = RecordID(milliseconds: TestMachine.start, random: (3, 4))
        func correction(_ parents: [ChangeID]) -> Models.Operation {
            .edit(.body, TextEdit(parents: parents, spans: [.delete(at: 0, count: 3), .insert(at: 0, text: "the")]))
        }
        var logs = [ForeignLog(7), ForeignLog(8), ForeignLog(9), ForeignLog(10)]
        let begun = logs[0].add([insert("teh word")], to: id)
        let corrected = [0, 1].map { logs[$0].add([correction([begun.id])], to: id).id }
        let stranger = logs[2].add([insert("elsewhere")], to: other)
        let parents = (corrected + [stranger.id]).sorted()
        logs[2].add([.edit(.body, TextEdit(parents: parents, isRepaired: true, spans: []))], to: id)
        logs[3].add([insert("!", at: 8, parents: [corrected[0]])], to: id)
        try expectEqual(try stores(logs))
    }

    @Test func `a misfit is told to whoever appends it`() throws {
        var log = ForeignLog(7)
        log.add([insert("far", at: 9)], to: id)
        let device = try Device(seed: 1)
        let misfits = try device.store.write { writer in
            _ = try writer.append(log.run)
            _ = try writer.reader
            return writer.misfits.map(\.sequence)
        }
        #expect(misfits == [1])
    }

    @Test func `an edit on top of a change that wrote no text is taken as one that does not fit`() throws {
        var log = ForeignLog(7)
        let title = log.add([.set(.speaker, .text("Ana"), replaces: [])], to: id)
        log.add([insert("nowhere", parents: [title.id])], to: id)
        log.add([insert("fine")], to: id)
        let devices = try stores([log])
        try expectEqual(devices)
        #expect(try devices[0].text(id) == "fine")
    }

    @Test func `an edit on top of another record's text is taken as one that does not fit`() throws {
        let other = RecordID(milliseconds: TestMachine.start, random: (3, 4))
        var log = ForeignLog(7)
        let elsewhere = log.add([insert("elsewhere")], to: other)
        log.add([insert("here ", parents: [elsewhere.id])], to: id)
        let devices = try stores([log])
        try expectEqual(devices)
        #expect(try devices[0].text(other) == "elsewhere")
        #expect(try devices[0].text(id) ?? "" == "")
    }

    @Test func `two edits of one text in one change are one edit`() throws {
        var log = ForeignLog(7)
        let twice = log.add([insert("first"), insert("second")], to: id)
        log.add([insert("third ", parents: [twice.id])], to: id)
        let devices = try stores([log])
        try expectEqual(devices)
        #expect(try devices[0].text(id)?.hasPrefix("third ") == true)
    }

    @Test func `parents of which one is in the other's past do no harm`() throws {
        var log = ForeignLog(7)
        let one = log.add([insert("one")], to: id)
        let two = log.add([insert("two ", parents: [one.id])], to: id)
        log.add([insert("three ", parents: [one.id, two.id])], to: id)
        let devices = try stores([log])
        try expectEqual(devices)
        #expect(try devices[0].text(id)?.contains("two one") == true)
    }

    @Test func `a parent that never comes keeps its edit waiting and harms nobody else`() throws {
        var log = ForeignLog(7)
        log.add([insert("lost", parents: [ChangeID(agent: 99, sequence: 1)])], to: id)
        let other = RecordID(milliseconds: TestMachine.start, random: (3, 4))
        log.add([insert("fine")], to: other)
        let devices = try stores([log])
        try expectEqual(devices)
        #expect(try devices[0].text(other) == "fine")
        #expect(try devices[0].store.check().waitingCount == 1)
    }

    @Test func `two edits that wait for each other wait for ever and harm nobody else`() throws {
        var one = ForeignLog(7)
        var two = ForeignLog(8)
        one.add([insert("a", parents: [ChangeID(agent: 8, sequence: 1)])], to: id)
        two.add([insert("b", parents: [ChangeID(agent: 7, sequence: 1)])], to: id)
        let devices = try stores([one, two])
        try expectEqual(devices)
        #expect(try devices[0].store.check().waitingCount == 2)
    }

    @Test func `operations of a later program are kept and change only the record's dates`() throws {
        var log = ForeignLog(7)
        log.add([insert("known")], to: id)
        log.add([.unknown, .unknown], to: id)
        log.add([.set(Field(rawValue: 9999), .text("later"), replaces: [])], to: id, schema: 0)
        log.add([insert("x")], to: RecordID(milliseconds: 5, random: (5, 5)), kind: RecordKind(rawValue: 42))
        let devices = try stores([log])
        try expectEqual(devices)
        #expect(try devices[0].text(id) == "known")
        #expect(try devices[0].state(id)?.text(Field(rawValue: 9999)) == "later")
        #expect(try devices[0].runs().flatMap(\.bodies) == log.run.bodies, "forwarded byte for byte")
    }

    @Test func `a later schema's bytes are kept as they came`() throws {
        var log = ForeignLog(7)
        log.add([insert("known")], to: id)
        log.add([.set(.speaker, .text("by rules of tomorrow"), replaces: [])], to: id, schema: 3)
        let devices = try stores([log])
        try expectEqual(devices)
        #expect(try devices[0].state(id)?.text(.speaker) == nil)
        #expect(try devices[0].runs().flatMap(\.bodies) == log.run.bodies)
    }
}
