import EgWalker
import Models
import Store
import TestSupport
import Testing
import Wire

/// Changes of several replicas in one store: any order, any batches, the same state.
@Suite struct MergingTests {
    /// Three devices that edit the same records and see parts of each other's work.
    private func devices(seed: UInt64) throws -> [Device] {
        var chance = Chance(seed: seed)
        let devices = try (1...3).map { try Device(seed: seed * 10 + UInt64($0)) }
        var ids: [RecordID] = []
        for step in 0..<24 {
            let device = devices[chance.below(3)]
            let known = try ids.filter { try device.state($0) != nil }
            if chance.oneIn(3) {
                try device.take(devices[chance.below(3)])
            } else if let id = known.randomElement(using: &chance), !chance.oneIn(5) {
                try act(on: id, device, step, &chance)
            } else {
                ids.append(try device.add("First words \(step). And more."))
            }
        }
        return devices
    }

    private func act(on id: RecordID, _ device: Device, _ step: Int, _ chance: inout Chance) throws {
        switch chance.below(6) {
        case 0: try device.change(id) { [$0.setting(.speaker, to: .text("s\(step)"))] }
        case 1: try device.change(id) { [$0.including(ExactString("t\(step % 3)"), in: .tags)] }
        case 2:
            let goesOn = chance.oneIn(2)
            try device.change(id) { [!$0.isDeleted ? $0.deleting() : goesOn ? $0.purging() : $0.restoring()] }
            if goesOn { try device.store.write { _ = try $0.reviveReturned(isAllSent: true) } }
        default:
            var words = (try device.text(id) ?? "").split(separator: " ").map(String.init)
            if chance.oneIn(3), !words.isEmpty { words.remove(at: chance.below(words.count)) }
            words.insert("w\(step)", at: chance.below(words.count + 1))
            try device.edit(id, words.joined(separator: " "))
        }
    }

    @Test(arguments: Seeds.list(40))
    func `any order and any batches of the same changes give the same state and digest`(seed: UInt64) throws {
        let devices = try devices(seed: seed)
        let all = try Device(seed: 900)
        for device in devices { try all.take(device) }
        var chance = Chance(seed: seed)
        let logs = singleRuns(try all.runs()).sorted { $0.key < $1.key }.map(\.value)
        for attempt in 0..<3 {
            let other = try Device(seed: 901)
            var rest = chance.interleaving(of: logs)[...]
            while !rest.isEmpty {
                let batch = rest.prefix(1 + chance.below(9))
                rest = rest.dropFirst(batch.count)
                try other.store.write { writer in for run in batch { try writer.append(run) } }
            }
            let isEqual = try all.digest == other.digest && dump(all) == dump(other)
            #expect(isEqual, "seed \(seed), attempt \(attempt)")
        }
    }

    @Test(arguments: Seeds.few)
    func `what was built step by step is what the log adds up to`(seed: UInt64) throws {
        for device in try devices(seed: seed) {
            let before = (try device.digest, try dump(device))
            #expect(try device.store.check().findings == [], "seed \(seed)")
            try device.store.rebuild()
            #expect(try device.digest == before.0, "seed \(seed)")
            #expect(try dump(device) == before.1, "seed \(seed)")
        }
    }

    @Test(arguments: Seeds.few)
    func `digests are equal if and only if the states are`(seed: UInt64) throws {
        let devices = try devices(seed: seed)
        for one in devices {
            for other in devices {
                #expect(try (one.digest == other.digest) == (states(one) == states(other)), "seed \(seed)")
            }
        }
        try Device.sync(devices[0], devices[1], devices[2])
        #expect(try Set(devices.map { try $0.digest }).count == 1, "seed \(seed)")
        #expect(try states(devices[0]) == states(devices[2]), "seed \(seed)")
    }

    @Test func `each single change moves the digest`() throws {
        let device = try Device(seed: 1)
        var digests = [try device.digest]
        let id = try device.add("one")
        digests.append(try device.digest)
        for text in ["two", "three", "two"] {
            try device.edit(id, text)
            digests.append(try device.digest)
        }
        try device.change(id) { [$0.including("x", in: .tags)] }
        digests.append(try device.digest)
        try device.change(id) { [$0.deleting()] }
        digests.append(try device.digest)
        #expect(Set(digests).count == digests.count)
    }

    @Test func `a change that is known already is skipped`() throws {
        let one = try Device(seed: 1)
        let two = try Device(seed: 2)
        let id = try one.add("x")
        try one.edit(id, "x y")
        try two.take(one)
        let digest = try two.digest
        let again = try two.store.write { writer in try one.runs().map { try writer.append($0) } }
        #expect(again.allSatisfy { $0 == 0 })
        #expect(try two.digest == digest)
        #expect(try two.log().count == 2)
    }

    @Test func `a gap, another content and what cannot be read are refused by name`() throws {
        let one = try Device(seed: 1)
        for text in ["a", "b", "c"] { _ = try one.add(text) }
        let replica = try one.replica
        let single = try #require(singleRuns(one.runs())[replica])
        let two = try Device(seed: 2)
        #expect(throws: RunError.gap(replica: replica, expected: 1)) {
            try two.store.write { try $0.append(single[1]) }
        }
        try two.store.write { _ = try $0.append(single[0]) }
        var forked = single[1]
        forked.previous = ContentHash(digesting: [1])
        #expect(throws: RunError.forked(replica: replica, sequence: 2)) {
            try two.store.write { try $0.append(forked) }
        }
        var broken = single[1]
        broken.bodies = [[0xFF]]
        #expect(throws: RunError.invalid(replica: replica, sequence: 2, InvalidChange(.undecodable))) {
            try two.store.write { try $0.append(broken) }
        }
        #expect(try two.log().count == 1)
        #expect(try two.store.check().findings == [])
    }

    // MARK: Texts

    @Test func `an edit made from an older version merges with what came since`() throws {
        let one = try Device(seed: 1)
        let id = try one.add("The opening was late.")
        let base = try #require(one.state(id)?.textHeads(.body)?.heads)
        try one.edit(id, "The opening was very late.")
        try one.edit(id, "The opening was late. Bring water.", from: base)
        #expect(try one.text(id) == "The opening was very late. Bring water.")
        #expect(try one.state(id)?.textHeads(.body)?.heads.count == 2)
        try one.edit(id, "All in one.")
        #expect(try one.state(id)?.textHeads(.body)?.heads.count == 1)
        #expect(try one.store.check().findings == [])
    }

    @Test(arguments: Seeds.few)
    func `an edit whose parent comes later waits, whatever the order`(seed: UInt64) throws {
        var chance = Chance(seed: seed)
        let one = try Device(seed: 1)
        let two = try Device(seed: 2)
        let id = try one.add("One.")
        try two.take(one)
        try two.edit(id, "One. Two.")
        try two.change(id) { [$0.setting(.speaker, to: .text("Ana"))] }
        try one.take(two)
        try one.edit(id, "One. Two. Three.")
        try two.take(one)
        try two.edit(id, "Zero. One. Two. Three.")
        let other = try two.add("elsewhere")
        let logs = singleRuns(try two.runs()).sorted { $0.key < $1.key }.map(\.value)
        let late = try Device(seed: 3)
        for run in chance.interleaving(of: logs) {
            try late.store.write { _ = try $0.append(run) }
            #expect(try late.store.check().findings == [], "seed \(seed)")
        }
        #expect(try late.text(id) == "Zero. One. Two. Three.", "seed \(seed)")
        #expect(try late.digest == two.digest, "seed \(seed)")
        #expect(try late.text(other) == "elsewhere")
        #expect(try late.store.check().waitingCount == 0)
        try late.store.rebuild()
        #expect(try late.digest == two.digest, "seed \(seed)")
    }

    @Test func `what waits holds back only its own replica's changes to its own record`() throws {
        let one = try Device(seed: 1)
        let id = try one.add("One.")
        let two = try Device(seed: 2)
        try two.take(one)
        try two.edit(id, "One. Two.")
        try two.change(id) { [$0.setting(.speaker, to: .text("Ana"))] }
        let other = try two.add("elsewhere")
        let late = try Device(seed: 3)
        let runs = try #require(singleRuns(two.runs())[two.replica])
        for run in runs { try late.store.write { _ = try $0.append(run) } }
        #expect(try late.state(id) == nil)
        #expect(try late.text(other) == "elsewhere")
        #expect(try late.store.check().waitingCount == 2)
        try late.take(one)
        #expect(try late.digest == two.digest)
        #expect(try late.state(id)?.text(.speaker) == "Ana")
    }

    private func dump(_ device: Device) throws -> [String] {
        try device.store.read { reader in
            var lines: [String] = []
            try reader.forEach(RecordKind.personal) { lines.append("\($0.id) \($0.text ?? "-") \($0.conflictCount)") }
            return lines + (try reader.trash().map { "trash \($0.id) \($0.text ?? "-")" })
        }
    }

    private func states(_ device: Device) throws -> [RecordState] {
        try device.store.read { reader in
            var states: [RecordState] = []
            try reader.forEach(RecordKind.personal) { states.append($0.state) }
            return states + (try reader.trash().map(\.state)).sorted { $0.id < $1.id }
        }
    }
}
