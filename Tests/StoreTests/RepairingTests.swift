import Models
import TestSupport
import Testing
import Wire

@testable import Store

/// A damaged log names what is wrong, and is put right from itself or from somebody else's bytes.
@Suite struct RepairingTests {
    let folder: TemporaryFolder
    let path: String
    let device: Device
    /// What the file held before it was damaged.
    let log: [String]
    let states: [RecordDigest]

    /// Three notes of two replicas, their versions in turn.
    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("notes.webinar")
        device = try Device(seed: 1, path: path)
        let other = try Device(seed: 2)
        for number in 1...3 {
            let id = try device.add("note \(number) of one")
            _ = try other.add("note \(number) of two")
            try device.take(other)
            try device.edit(id, "note \(number) of one, edited")
        }
        log = try Damage.contents(of: "changes", in: path)
        states = try device.store.read { try $0.recordDigests() }
    }

    private func rows() throws -> [RecordDigest] { try device.store.read { try $0.recordDigests() } }

    private func faults() throws -> [LogFault] {
        try device.store.read { try $0.lookAtLog(after: 0, maximumBytes: .max).faults }
    }

    private func expectWhole() throws {
        #expect(try faults() == [])
        #expect(try device.store.check().findings == [])
        #expect(try Damage.contents(of: "changes", in: path) == log)
    }

    // MARK: What follows from the rest

    @Test(
        arguments: [
            ("hash = zeroblob(32)", LogFault.Part.hash), ("log_hash = zeroblob(32)", .logHash),
            ("time = time + 1", .filing), ("record = zeroblob(16)", .filing),
        ],
        [1, 4, 9]
    )
    func `a damaged column follows from the rest`(column: (sql: String, part: LogFault.Part), version: Int) throws {
        try Damage.run("UPDATE changes SET \(column.sql) WHERE version = \(version)", on: path)
        let found = try faults()
        #expect(found.map(\.part) == [column.part], "\(found)")
        #expect(try device.store.write { try $0.mendLog() } == 1)
        try expectWhole()
        #expect(try device.store.write { try $0.mendLog() } == 0)
    }

    @Test func `all hashes of the log follow from the changes`() throws {
        try Damage.run("UPDATE changes SET log_hash = zeroblob(32), time = 0", on: path)
        #expect(try device.store.write { try $0.mendLog() } == 9)
        try expectWhole()
    }

    // MARK: Lost bytes

    @Test(arguments: [1, 5, 9], [0, 30, -1])
    func `a turned byte of a change is found by its hash`(version: Int, place: Int) throws {
        let change = try #require(try device.log().first { $0.version == UInt64(version) })
        var body = change.body
        body[place < 0 ? body.count - 1 : place] ^= 0x41
        try replace(change, with: body)
        let found = try faults()
        #expect(found == [fault(change)])
        let (replica, sequence) = (change.change.replica, change.change.sequence)
        #expect(try device.store.write { try $0.healTurnedByte(replica, sequence) })
        try expectWhole()
    }

    @Test func `any one byte is found, in a long change one bit, and the search has an end`() {
        let short = (0..<60).map { UInt8($0 * 3) }
        for index in short.indices {
            var turned = short
            turned[index] ^= UInt8(truncatingIfNeeded: index * 31) | 1
            #expect(TurnedByte.search(in: turned) { $0 == short } == short)
        }
        var tries = 0
        let long = [UInt8](repeating: 7, count: 4000)
        #expect(
            TurnedByte.search(in: long) { _ in
                tries += 1; return false
            } == nil
        )
        #expect(tries == 8 * 4000)
        var turned = long
        turned[3999] ^= 0x80
        #expect(TurnedByte.search(in: turned) { $0.last == 7 } == long)
        let longest = [UInt8](repeating: 7, count: 1 << 20)
        #expect(TurnedByte.search(in: longest) { _ in true } == nil)
        #expect(TurnedByte.search(in: []) { _ in true } == nil)
    }

    private func fault(_ change: LoggedChange) -> LogFault {
        LogFault(
            replica: change.change.replica,
            sequence: change.change.sequence,
            part: .body,
            hash: change.hash
        )
    }

    private func replace(_ change: LoggedChange, with body: [UInt8]) throws {
        let hex = body.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        try Damage.run("UPDATE changes SET body = x'\(hex)' WHERE version = \(change.version)", on: path)
    }

    @Test(arguments: [1, 5, 9])
    func `lost bytes are taken back from whoever has them, and no others`(version: Int) throws {
        let change = try #require(try device.log().first { $0.version == UInt64(version) })
        let runs = try device.runs()
        let digest = try device.digest
        try replace(change, with: Array(repeating: 0x5A, count: 40))
        #expect(try faults() == [fault(change)])
        let (replica, sequence) = (change.change.replica, change.change.sequence)
        #expect(try !device.store.write { try $0.healTurnedByte(replica, sequence) })
        var wrong = change.body
        wrong[wrong.count - 1] ^= 1
        for body in [wrong, [], Array(change.body.dropLast()), change.body + [0]] {
            let run = ChangeRun(replica: replica, firstSequence: sequence, previous: .zero, bodies: [body])
            #expect(try device.store.write { try $0.heal(with: run) } == 0)
        }
        #expect(try faults() == [fault(change)])
        #expect(try device.store.write { writer in try runs.reduce(0) { $0 + (try writer.heal(with: $1)) } } == 1)
        try expectWhole()
        #expect(try device.digest == digest)
    }

    @Test func `a whole change is not exchanged for one without its words`() throws {
        let digest = try device.digest
        for run in try device.runs() {
            let folded = try run.bodies.map { try #require(ChangeBody($0)).folded.bytes }
            #expect(folded != run.bodies)
            let bare = ChangeRun(
                replica: run.replica,
                firstSequence: run.firstSequence,
                previous: run.previous,
                bodies: folded
            )
            #expect(try device.store.write { try $0.heal(with: bare) } == 0)
        }
        try device.store.rebuild()
        #expect(try device.digest == digest)
    }

    @Test func `bytes for changes that are not here are passed over`() throws {
        let run = ChangeRun(replica: ReplicaID(99), firstSequence: 4, previous: .zero, bodies: [[1], []])
        #expect(try device.store.write { try $0.heal(with: run) } == 0)
        try expectWhole()
    }

    @Test func `several changes may be damaged in several ways`() throws {
        let runs = try device.runs()
        try Damage.run(
            """
            UPDATE changes SET body = zeroblob(9) WHERE version IN (2, 3, 7);
            UPDATE changes SET log_hash = zeroblob(32) WHERE version IN (3, 5);
            UPDATE changes SET hash = zeroblob(32) WHERE version = 9;
            UPDATE changes SET time = 4, record = zeroblob(16) WHERE version = 8
            """,
            on: path
        )
        for _ in 0..<3 {
            try device.store.write { writer in
                try writer.mendLog()
                for run in runs { try writer.heal(with: run) }
            }
        }
        try expectWhole()
    }

    @Test(arguments: [
        "DELETE FROM changes WHERE version = 4", "UPDATE changes SET version = -version WHERE version = 4",
        "UPDATE changes SET sequence = -1 WHERE version = 4",
        "UPDATE changes SET sequence = 0, replica = 0 WHERE version = 4",
        "UPDATE changes SET sequence = 9223372036854775807 WHERE version = 4",
        "UPDATE changes SET version = 9223372036854775807 WHERE version = 9",
    ])
    func `a change that is gone is said to be missing, and numbers that cannot be never trap`(sql: String) throws {
        try Damage.run(sql, on: path)
        #expect(try faults().contains { $0.part == .missing })
        let before = try Damage.contents(of: "changes", in: path)
        _ = try? device.store.write { try $0.mendLog() }
        _ = try device.store.bodyFaults()
        _ = try device.store.read { try $0.allTouched(beyond: []) }
        #expect(try !device.store.write { try $0.rebuildStateOfWholeLog() })
        #expect(try Damage.contents(of: "changes", in: path).count == before.count)
        #expect(try device.store.check().findings.contains { $0.part == .chain })
    }

    // MARK: The state

    @Test(arguments: [
        "UPDATE records SET state = CAST(substr(state, 1, length(state) - 1) || x'7A' AS BLOB) WHERE row = 2",
        "UPDATE records SET deleted = 7 WHERE row = 2", "UPDATE texts SET text = text || '!' WHERE record = 1",
        "UPDATE buckets SET digest = zeroblob(32)", "PRAGMA foreign_keys = OFF; DELETE FROM records WHERE row = 3",
    ])
    func `a state that is not what the log adds up to is built anew`(sql: String) throws {
        let digest = try device.digest
        try Damage.run(sql, on: path)
        #expect(try device.store.check().findings.contains { $0.part == .state })
        #expect(try device.store.write { try $0.rebuildStateOfWholeLog() })
        try expectWhole()
        #expect(try device.digest == digest)
        #expect(try rows() == states)
    }

    @Test func `a state is never built from a damaged log`() throws {
        try Damage.run("UPDATE changes SET body = zeroblob(9) WHERE version = 5", on: path)
        #expect(try !device.store.write { try $0.rebuildStateOfWholeLog() })
        #expect(try rows() == states)
    }

    @Test(arguments: [
        "UPDATE records SET state = CAST(substr(state, 1, length(state) - 1) || x'7A' AS BLOB) WHERE row = 2",
        "UPDATE texts SET text = text || '!' WHERE record = 2",
    ])
    func `digests of the rows themselves show a turned byte that the kept digest does not`(sql: String) throws {
        let (kept, digests) = try device.store.read { (try $0.digest(), try $0.recordDigests()) }
        try Damage.run(sql, on: path)
        let after = try device.store.read { try $0.recordDigests() }
        #expect(try device.digest == kept)
        #expect(zip(digests, after).count { $0 != $1 } == 1)
    }

    // MARK: In parts

    @Test(arguments: [0, 1, 100, 250, .max])
    func `looks in parts add up to one look at everything`(maximumBytes: Int) throws {
        try Damage.run("UPDATE changes SET body = zeroblob(9) WHERE version IN (2, 9)", on: path)
        try device.store.read { reader in
            var (log, state) = (
                LogLook(faults: [], through: 0, hasMore: true),
                StateLook(buckets: BucketDigests(), records: [], through: nil, hasMore: true)
            )
            var faults: [LogFault] = []
            while log.hasMore {
                log = try reader.lookAtLog(after: log.through, maximumBytes: maximumBytes)
                faults += log.faults
            }
            #expect(faults.map(\.part) == [.body, .body] && log.through == 9)
            var buckets = BucketDigests()
            while state.hasMore {
                state = try reader.lookAtState(after: state.through, maximumBytes: maximumBytes)
                buckets.add(state.buckets)
            }
            #expect(try buckets == reader.lookAtState(after: nil, maximumBytes: .max).buckets)
            // The kept digest is one over the very same buckets.
            #expect(try ContentHash(digesting: buckets.digests.flatMap(\.bytes)) == reader.digest())
        }
    }

    @Test(arguments: [0, 90, .max])
    func `changes are found by their numbers, and damaged ones named`(maximumBytes: Int) throws {
        try Damage.run("UPDATE changes SET body = zeroblob(9) WHERE version = 5", on: path)
        let damaged = try #require(try faults().first)
        let heads = try device.store.read { try $0.heads() }
        let spans = heads.map { ChangeSpan(replica: $0.replica, first: 1, last: $0.sequence + 5) }
        let found = try device.store.read { try $0.find(spans, maximumBytes: maximumBytes) }
        let count = found.runs.reduce(found.faults.count) { $0 + $1.bodies.count }
        #expect(maximumBytes == .max ? count == 9 && found.faults == [damaged] : (1...4).contains(count))
        for run in found.runs {
            for (index, hash) in Chain.hashes(of: run).enumerated() {
                let sequence = run.firstSequence + UInt64(index)
                #expect(try device.store.read { try $0.chainHash(of: run.replica, at: sequence) } == hash)
            }
        }
    }
}
