import EgWalker
import Models
import Store
import SyncClient
import SyncServer
import Synchronization
import TestSupport
import Testing
import Wire

/// The server's side of an exchange, asked for things that no device of ours asks.
@Suite struct ExchangeHandlerTests {
    private func change(_ sequence: UInt64, _ operations: [Models.Operation], time: UInt64? = nil) -> [UInt8] {
        ChangeCodec.encode(
            Change(
                replica: ReplicaID(7),
                sequence: sequence,
                time: time ?? (TestMachine.start << 16 + sequence),
                record: RecordID(milliseconds: 1, random: (2, 3)),
                kind: .note,
                operations: operations
            )
        )
    }

    private func request(_ bodies: [[UInt8]], first: UInt64 = 1, previous: ContentHash = .zero) -> SyncRequest {
        let run = ChangeRun(replica: ReplicaID(7), firstSequence: first, previous: previous, bodies: bodies)
        let end = Chain.hashes(of: run).last ?? .zero
        return SyncRequest(
            cursor: .start,
            heads: [Head(replica: ReplicaID(7), sequence: first + UInt64(bodies.count) - 1, hash: end)],
            runs: [run],
            maximumBytes: 1 << 20
        )
    }

    @Test func `a replica that the device may not write is refused, with nothing stored`() throws {
        let server = try TestServer()
        var request = request([change(1, [.unknown])])
        let refused = SyncOutcome.replicaForked(ReplicaID(7), common: 0)
        #expect(try server.handler.answer(request, rights: .none).outcome == refused)
        request.known = request.heads
        request.heads = [Head(replica: ReplicaID(8), sequence: 0, hash: .zero)]
        #expect(try server.handler.answer(request, rights: .none).outcome == refused)
        request.known = []
        var unnamed = request
        unnamed.heads = [Head(replica: ReplicaID(8), sequence: 0, hash: .zero)]
        #expect(throws: ExchangeError.forbidden(ReplicaID(7))) { try server.handler.answer(unnamed) }
        #expect(try server.store.read { try $0.logEnd().version } == 0)
    }

    @Test func `what nobody here writes is taken from anyone, by a server that was put back from its oldest device`()
        throws
    {
        let server = try TestServer()
        func rights(isOldest: Bool) -> WritingRights {
            WritingRights(
                mayWrite: { _ in false },
                mayFinish: { _ in false },
                mayCarry: { $0 == ReplicaID(7) && (isOldest || !$1) }
            )
        }
        func carried(_ sequence: UInt64, _ previous: ContentHash = .zero) -> SyncRequest {
            var request = request([change(sequence, [.unknown])], first: sequence, previous: previous)
            (request.known, request.heads) = (request.heads, [])
            return request
        }
        let first = carried(1)
        #expect(try server.handler.answer(first, rights: rights(isOldest: false)).outcome == .accepted)
        let epoch = try server.store.read { try $0.notebook().epoch }
        try server.store.write { try $0.notePutBack(readIn: epoch) }
        let second = carried(2, first.known[0].hash)
        let refused = SyncOutcome.replicaForked(ReplicaID(7), common: 0)
        #expect(try server.handler.answer(second, rights: rights(isOldest: false)).outcome == refused)
        #expect(try server.handler.answer(second, rights: rights(isOldest: true)).outcome == .accepted)
    }

    /// A device that has nothing to send under its new replica no longer writes under the one before: others may bring
    /// what they have of that.
    @Test func `who only reads says under which replica it writes`() throws {
        let server = try TestServer()
        let claimed = Mutex<[ReplicaID]>([])
        var reading = request([change(1, [.unknown])])
        (reading.heads[0].sequence, reading.heads[0].hash, reading.runs) = (0, .zero, [])
        let rights = WritingRights(
            mayWrite: { replica in
                claimed.withLock { $0.append(replica) }
                return true
            },
            mayFinish: { _ in true },
            mayCarry: { _, _ in true }
        )
        #expect(try server.handler.answer(reading, rights: rights).outcome == .accepted)
        #expect(claimed.withLock { $0 } == [ReplicaID(7)])
        reading.isTrial = true
        #expect(try server.handler.answer(reading, rights: rights).outcome == .accepted)
        #expect(claimed.withLock { $0 } == [ReplicaID(7)], "who only looks writes nothing")
    }

    @Test func `who read another life of the log shows as well that it was put back`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        _ = try device.add("Words.")
        try device.sync(server)
        let old = try server.store.copyInMemory(surroundings: server.machine.surroundings)
        var restored = server
        for _ in 0..<2 {
            // Twice the same copy, which knows nothing of the life after the first.
            restored.store = try old.copyInMemory(surroundings: server.machine.surroundings)
            #expect(try !restored.store.read { try $0.notebook().wasPutBack })
            _ = try device.add("More words.")
            try device.sync(restored)
            _ = try device.add("And more.")
            try device.sync(restored)
        }
        restored.store = old
        #expect(try device.sync(restored).isLevel)
        #expect(try old.read { try $0.notebook().wasPutBack })
    }

    @Test func `one change that cannot be accepted keeps the whole request out, and is named`() throws {
        let server = try TestServer()
        let good = change(1, [.set(.title, .text("x"), replaces: [])])
        let far = Models.Operation.edit(.body, TextEdit(parents: [], spans: [.insert(at: 9, text: "far")]))
        let cases: [([UInt8], any Error)] = [
            ([0xFF], RunError.invalid(replica: ReplicaID(7), sequence: 2, InvalidChange(.undecodable))),
            (
                change(2, [.set(.title, .text("a\0"), replaces: [])]),
                RunError.invalid(replica: ReplicaID(7), sequence: 2, InvalidChange(.textHasNull))
            ),
            (change(2, [.unknown], time: 5), ExchangeError.timeNotRising(ReplicaID(7), sequence: 2)),
            (change(2, [far]), ExchangeError.textDoesNotFit(ReplicaID(7), sequence: 2)),
        ]
        for (body, expected) in cases {
            do {
                _ = try server.handler.answer(request([good, body]))
                Issue.record("accepted: \(expected)")
            } catch {
                #expect("\(error)" == "\(expected)")
            }
            #expect(try server.store.read { try $0.logEnd().version } == 0)
        }
        #expect(try server.handler.answer(request([good])).outcome == .accepted)
    }

    @Test func `a pull hands out no more than was asked for, and at least one change`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        for number in 0..<20 { _ = try device.add("note \(number)") }
        try device.sync(server)
        var cursor = Cursor.start
        var count = 0
        while true {
            let request = SyncRequest(
                cursor: cursor,
                heads: [Head(replica: ReplicaID(99), sequence: 0, hash: .zero)],
                runs: [],
                maximumBytes: 1
            )
            let answer = try server.answer(request)
            let got = answer.runs.reduce(0) { $0 + $1.bodies.count }
            #expect(got == 1)
            count += got
            cursor = answer.next
            #expect(answer.hasMore == (answer.digest == nil))
            if !answer.hasMore { break }
        }
        #expect(count == 20)
    }

    @Test func `probes are answered with the last one alike, and nothing is stored`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        for number in 0..<9 { _ = try device.add("note \(number)") }
        try device.sync(server)
        let replica = try device.replica
        let hashes = try device.store.read { reader in
            try (1...9).map { try reader.chainHash(of: replica, at: $0) ?? .zero }
        }
        for common in 0...9 {
            let probes = (1...9).map { number in
                Head(replica: replica, sequence: UInt64(number), hash: number <= common ? hashes[number - 1] : .zero)
            }
            let request = SyncRequest(
                cursor: .start,
                heads: [Head(replica: replica, sequence: 9, hash: hashes[8])],
                runs: [],
                probes: probes,
                maximumBytes: 0
            )
            #expect(try server.answer(request).outcome == .replicaForked(replica, common: UInt64(common)))
        }
    }

    @Test func `a cursor from another log or another life of this one is history lost`() throws {
        let server = try TestServer()
        let device = try TestDevice(seed: 1)
        _ = try device.add("x")
        try device.sync(server)
        let epoch = try server.store.read { try $0.notebook().epoch }
        let hash = try server.store.read { try $0.logHash(at: 1) ?? .zero }
        for cursor in [
            Cursor(epoch: epoch, version: 1, hash: .zero), Cursor(epoch: epoch, version: 2, hash: hash),
            Cursor(epoch: epoch &+ 1, version: 1, hash: hash), Cursor(epoch: epoch &+ 1, version: 0, hash: .zero),
        ] {
            let request = SyncRequest(
                cursor: cursor,
                heads: [Head(replica: ReplicaID(9), sequence: 0, hash: .zero)],
                runs: [],
                maximumBytes: 9
            )
            let answer = try server.answer(request)
            #expect(answer.outcome == .historyLost)
            #expect(answer.next.version == 0)
        }
    }
}
