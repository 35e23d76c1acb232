import Models
import Store
import TestSupport
import Testing

@Suite struct LookingUpTests {
    private func store() throws -> Device { try Device(seed: 1) }

    /// A record whose handle begins with the base32 digits of `key`, 12 of them.
    private func add(_ key: UInt64, to device: Device, kind: RecordKind = .note) throws -> RecordID {
        let id = RecordID(milliseconds: TestMachine.start, random: (key & 0xFFF, key << 2))
        return try device.store.write { try $0.create(kind, id: id, [.unknown]) }
    }

    @Test(arguments: Seeds.few)
    func `the handle that is shown means its record alone`(seed: UInt64) throws {
        var chance = Chance(seed: seed)
        let device = try store()
        var ids: [RecordID] = []
        for _ in 0..<30 {
            ids.append(try add(UInt64(chance.below(4)) << 50 | UInt64(chance.below(1 << 20)), to: device))
        }
        try device.store.read { reader in
            for id in Set(ids) {
                let handle = try reader.handle(of: id)
                #expect(try reader.resolve(handle) == id, "seed \(seed)")
                #expect(try reader.resolve(handle.uppercased()) == id, "seed \(seed)")
                #expect(try reader.resolve("\(id)") == id)
            }
        }
    }

    @Test func `an ambiguous handle names its candidates`() throws {
        let device = try store()
        let ids = try [0b1_0000, 0b1_0001].map { try add($0 << 20, to: device) }
        let error = #expect(throws: StoreError.self) { try device.store.read { try $0.resolve("0000") } }
        guard case .ambiguous("0000", let candidates) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(Set(candidates) == Set(ids))
    }

    @Test func `the record of a device has no handle`() throws {
        let device = try store()
        let id = try device.store.write { writer in
            try writer.create(.device, id: .device(ReplicaID(5)), [.set(.title, .text("phone"), replaces: [])])
        }
        let handle = Handle.text(of: id, length: 12)
        #expect(throws: StoreError.notFound(handle)) { try device.store.read { try $0.resolve(handle) } }
        #expect(try device.store.read { try $0.deviceName(of: ReplicaID(5)) } == "phone")
    }

    @Test func `a record is found under what it belongs to, until it moves or goes`() throws {
        let device = try store()
        let (one, two) = (try add(1, to: device, kind: .session), try add(2, to: device, kind: .session))
        let note = try device.store.write { try $0.create(.note, [.set(.session, .reference(one), replaces: [])]) }
        func children(_ id: RecordID) throws -> [RecordID] {
            try device.store.read { try $0.children(of: id).map(\.id) }
        }
        #expect(try children(one) == [note])
        try device.change(note) { [$0.setting(.session, to: .reference(two))] }
        #expect(try children(one) == [])
        #expect(try children(two) == [note])
        try device.change(note) { [$0.deleting()] }
        #expect(try children(two) == [])
        #expect(try device.store.read { try $0.trash().map(\.id) } == [note])
        try device.change(note) { [$0.restoring()] }
        #expect(try children(two) == [note])
        #expect(try device.store.read { try $0.trash() }.isEmpty)
    }

    @Test func `records that hold conflicts are counted until somebody settles them`() throws {
        let one = try Device(seed: 1)
        let two = try Device(seed: 2)
        let id = try one.add("x")
        try two.take(one)
        try one.change(id) { [$0.setting(.speaker, to: .text("Ana"))] }
        two.machine.advance(milliseconds: 1000)
        try two.change(id) { [$0.setting(.speaker, to: .text("Bo"))] }
        try Device.sync(one, two)
        #expect(try one.store.read { try $0.conflictedCount() } == 1)
        let view = try #require(one.store.read { try $0.conflicted().first })
        let conflict = try #require(one.store.read { try $0.conflicts(of: view.state).first })
        #expect(conflict.subject == .field(.speaker))
        #expect(conflict.versions.map(\.value) == [.text("Bo"), .text("Ana")])
        try one.change(id) { [$0.settling(.speaker, with: .text("Bo"))] }
        #expect(try one.store.read { try $0.conflictedCount() } == 0)
        try two.take(one)
        #expect(try two.store.read { try $0.conflictedCount() } == 0)
    }

    @Test func `a record that came back is a conflict until it is deleted or restored`() throws {
        let one = try Device(seed: 1)
        let two = try Device(seed: 2)
        let id = try one.add("x")
        try two.take(one)
        try one.change(id) { [$0.deleting()] }
        try two.edit(id, "x y")
        try Device.sync(one, two)
        #expect(try one.text(id) == "x y")
        let state = try #require(try one.state(id))
        #expect(try one.store.read { try $0.conflicts(of: state).map(\.subject) } == [.returned])
        try one.change(id) { [$0.restoring()] }
        #expect(try one.store.read { try $0.conflictedCount() } == 0)
    }

    @Test func `what is sent leaves out what the other side is known to have`() throws {
        let device = try store()
        for text in ["a", "b", "c"] { _ = try device.add(text) }
        let replica = try device.replica
        try device.store.read { reader in
            let head = Head(replica: replica, sequence: 2, hash: .zero)
            let (runs, through) = try reader.changes(after: 0, known: [head], maximumBytes: .max)
            #expect(runs.map(\.firstSequence) == [3])
            #expect(through == 3)
            let few = try reader.changes(after: 0, maximumBytes: 1)
            #expect(few.runs.map(\.bodies.count) == [1], "at least one")
            #expect(few.through == 1)
            let none = try reader.changes(after: 3, maximumBytes: .max)
            #expect(none.runs.isEmpty && none.through == 3)
            #expect(try reader.run(of: replica, from: 2, maximumBytes: .max)?.bodies.count == 2)
            #expect(try reader.run(of: replica, from: 4, maximumBytes: .max) == nil)
        }
    }

    @Test func `the log's hash is known at each version and nowhere else`() throws {
        let device = try store()
        for text in ["a", "b"] { _ = try device.add(text) }
        let replica = try device.replica
        try device.store.read { reader throws in
            #expect(try reader.logHash(at: 0) == .zero)
            #expect(try reader.logEnd().version == 2)
            #expect(try reader.logHash(at: 2) == reader.logEnd().hash)
            #expect(try reader.logHash(at: 1) != reader.logHash(at: 2))
            #expect(try reader.logHash(at: 3) == nil)
            #expect(try reader.chainHash(of: replica, at: 0) == .zero)
            #expect(try reader.chainHash(of: replica, at: 3) == nil)
        }
    }
}
