import EgWalker
import Models
import Store
import TestSupport
import Testing
import Wire

/// Own changes that nobody has seen, written again: under other stamps, under another replica.
@Suite struct RewritingTests {
    /// A device with a history in which everything refers to something: values that replace values,
    /// texts edited apart, a delete that saw, a restore.
    private func device(seed: UInt64, lead: UInt64 = 0) throws -> (device: Device, other: Device) {
        var chance = Chance(seed: seed)
        let device = try Device(seed: seed * 2)
        let other = try Device(seed: seed * 2 + 1)
        var ids = [try device.add("The first words."), try other.add("Words of the other.")]
        try Device.sync(device, other)
        // The other has seen this much, and no more.
        let replica = try device.replica
        try device.store.write { try $0.acknowledge(replica, through: 1) }
        device.machine.advance(milliseconds: lead)
        for step in 0..<20 {
            if chance.oneIn(5) { try device.take(other) }
            if chance.oneIn(6) {
                ids.append(try device.add("More \(step)."))
                continue
            }
            let one = chance.oneIn(3) ? other : device
            let known = try ids.filter { try one.state($0) != nil }
            let id = known[chance.below(known.count)]
            switch chance.below(5) {
            case 0: try one.change(id) { [$0.setting(.speaker, to: .text("s\(step)"))] }
            case 1: try one.change(id) { [$0.including("tag", in: .tags) ?? $0.excluding("tag", from: .tags)] }
            case 2: try one.change(id) { [$0.isDeleted ? $0.restoring() : $0.deleting()] }
            default: try one.edit(id, "\(try one.text(id) ?? "") w\(step)")
            }
        }
        return (device, other)
    }

    /// What a person sees, a line a record. The words of a text may stand in another order where two replicas put
    /// them at one place, for the replica's name decides there.
    private func texts(_ device: Device) throws -> [String] {
        try device.store.read { reader in
            var lines: [String] = []
            func line(_ view: RecordView) -> String {
                let state = view.state
                // Which of several values is current may change with the stamps.
                let versions = state.registers.map { register in
                    "\(register.field.rawValue): \(register.content.heads.map { "\($0.content)" }.sorted())"
                }
                let words = (view.text ?? "-").split(separator: " ").sorted()
                return "\(view.id) \(words) \(versions) \(state.elements(.tags)) \(state.isDeleted) \(state.isReturned)"
            }
            try reader.forEach(RecordKind.personal) { lines.append(line($0)) }
            return (lines + (try reader.trash().map(line))).sorted()
        }
    }

    /// What of `own` was issued again, in its order: in logs that nothing more is written to.
    private func reissued(of own: OutgoingLog, _ device: Device) throws -> [Change] {
        let logs = try device.store.read { try $0.outgoing() }
        let closed = logs.filter { $0.isOwn && !$0.isCurrent && $0.head.replica != own.head.replica }
        let names = Set(closed.map(\.head.replica))
        return try device.log().map(\.change).filter { names.contains($0.replica) }
    }

    private func expectEqual(_ lines: [String], _ expected: [String], _ comment: Comment) {
        for (line, other) in zip(lines, expected) { #expect(line == other, comment) }
        #expect(lines.count == expected.count, comment)
    }

    @Test(arguments: Seeds.few)
    func `stamping again keeps every text, value and reference`(seed: UInt64) throws {
        let (device, _) = try device(seed: seed, lead: 40_000_000_000)
        let before = try texts(device)
        let own = try #require(device.store.read { try $0.outgoing().first })
        try device.store.write { _ = try $0.restamp(now: TestMachine.start) }
        expectEqual(try texts(device), before, "seed \(seed)")
        let log = try reissued(of: own, device)
        #expect(!log.isEmpty, "seed \(seed)")
        #expect(log.allSatisfy { $0.stamp.milliseconds < TestMachine.start + 1000 }, "seed \(seed)")
        let rises = zip(log, log.dropFirst()).allSatisfy { $0.time < $1.time }
        #expect(rises, "seed \(seed)")
        #expect(try device.store.check().findings == [], "seed \(seed)")
    }

    @Test(arguments: Seeds.few)
    func `issuing again under a new replica keeps every text, value and reference`(seed: UInt64) throws {
        let (device, _) = try device(seed: seed)
        let before = try texts(device)
        let own = try #require(device.store.read { try $0.outgoing().first })
        var chance = Chance(seed: seed)
        let common = 1 + UInt64(chance.below(Int(own.head.sequence)))
        let count = try device.log().count
        try device.store.write { try $0.reissue(own, after: common) }
        expectEqual(try texts(device), before, "seed \(seed)")
        #expect(try device.log().count == count)
        #expect(try reissued(of: own, device).count == own.head.sequence - common)
        try device.store.read { reader throws in
            #expect(try reader.head(of: own.head.replica).sequence == common)
            #expect(try reader.unsentCount() == own.head.sequence - common)
        }
        #expect(try device.store.check().findings == [], "seed \(seed)")
    }

    @Test(arguments: Seeds.few)
    func `what was issued again merges elsewhere to the same`(seed: UInt64) throws {
        let (device, other) = try device(seed: seed)
        let own = try #require(device.store.read { try $0.outgoing().first })
        let common = try other.store.read { try $0.head(of: own.head.replica).sequence }
        try device.store.write { try $0.reissue(own, after: common) }
        try Device.sync(device, other)
        #expect(try device.digest == other.digest, "seed \(seed)")
        #expect(try texts(device) == texts(other), "seed \(seed)")
        let fresh = try Device(seed: 999)
        try fresh.take(other)
        #expect(try fresh.digest == device.digest, "seed \(seed)")
    }

    @Test(arguments: [1, Limits.singlyNamedCount, 100, 700])
    func `two who issue the same again, and one more, share all logs but the last`(count: Int) throws {
        let device = try Device(seed: 1)
        for number in 0..<count { _ = try device.add("note \(number)") }
        let copy = try Device(seed: 2)
        try copy.take(device)
        let longer = try device.store.copyInMemory(surroundings: copy.machine.surroundings)
        try longer.write { _ = try $0.create(.note, [StoreWriter.firstEdit(.body, "one more")]) }
        var names: [Set<ReplicaID>] = []
        for store in [device.store, longer] {
            let own = try #require(store.read { try $0.outgoing().first })
            try store.write { try $0.reissue(own, after: 0) }
            names.append(Set(try store.read { try $0.heads() }.map(\.replica)))
            #expect(try store.check().findings == [])
        }
        #expect(names[0].subtracting(names[1]).count <= 1 && names[1].subtracting(names[0]).count == 1)
        #expect(names[0].count <= Limits.singlyNamedCount + 8 * 5)
    }

    @Test func `what a later replica wrote follows what an earlier one wrote to its new names`() throws {
        let device = try Device(seed: 1)
        let id = try device.add("The first words.")
        let earlier = try device.replica
        try device.store.write { _ = try $0.takeNewReplica() }
        try device.edit(id, "The first words. And more.")
        try device.change(id) { [$0.setting(.speaker, to: .text("somebody"))] }
        let log = try #require(device.store.read { try $0.outgoing().first { $0.head.replica == earlier } })
        try device.store.write { try $0.reissue(log, after: 0) }
        #expect(try device.text(id) == "The first words. And more.")
        #expect(try device.store.check().findings == [])
        let other = try Device(seed: 2)
        try other.take(device)
        #expect(try other.text(id) == "The first words. And more.")
    }

    @Test func `what was acknowledged keeps its stamps and its bytes`() throws {
        let device = try Device(seed: 1)
        let id = try device.add("sent")
        let replica = try device.replica
        try device.store.write { try $0.acknowledge(replica, through: 1) }
        let sent = try device.log()
        device.machine.advance(milliseconds: 1_000_000_000)
        try device.edit(id, "sent and not sent")
        let own = try #require(device.store.read { try $0.outgoing().first })
        #expect(own.unsentCount == 1)
        try device.store.write { _ = try $0.restamp(now: TestMachine.start + 5) }
        let after = try device.log()
        #expect(after[0] == sent[0])
        #expect(after[1].change.stamp.milliseconds == TestMachine.start + 10)
        #expect(try device.text(id) == "sent and not sent")
    }

    @Test func `a device keeps its name under a new replica`() throws {
        let device = try Device(seed: 1)
        let named = try device.replica
        try device.store.write {
            _ = try $0.create(.device, id: .device(named), [.set(.title, .text("phone"), replaces: [])])
        }
        _ = try device.add("written on the phone")
        let own = try #require(device.store.read { try $0.outgoing().first })
        try device.store.write { try $0.reissue(own, after: 1) }
        let new = try device.replica
        #expect(new != named)
        #expect(try device.store.read { try $0.deviceName(of: new) } == "phone")
        #expect(try device.log().last?.change.replica == new)
    }

    @Test func `a new replica id is used from the next save on`() throws {
        let device = try Device(seed: 1)
        let id = try device.add("old replica")
        let old = try device.replica
        let new = try device.store.write { try $0.takeNewReplica(nonce: 77) }
        try device.edit(id, "new replica")
        #expect(try device.log().map(\.change.replica) == [old, new])
        #expect(try device.store.read { try $0.notebook().nonce } == 77)
        #expect(try device.store.read { try $0.unsentCount() } == 2, "both are still to be sent")
        try device.store.write { try $0.acknowledge(old, through: 1) }
        #expect(try device.store.read { try $0.outgoing().map(\.head.replica) } == [new])
    }

    @Test func `a copy in memory holds the same and goes its own way`() throws {
        let folder = try TemporaryFolder()
        let device = try Device(seed: 1, path: folder.file("notes.webinar"))
        let id = try device.add("both")
        let machine = TestMachine(seed: 8)
        let copy = try device.store.copyInMemory(surroundings: machine.surroundings)
        #expect(try copy.read { try $0.digest() } == device.digest)
        #expect(try copy.read { try $0.notebook() } == device.store.read { try $0.notebook() })
        try device.edit(id, "only here")
        #expect(try copy.read { try $0.record(id)?.text } == "both")
        #expect(try copy.check().findings == [])
    }
}
