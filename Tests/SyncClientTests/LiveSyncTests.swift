import Models
import Store
import SyncClient
import SyncServer
import SyncTLS
import Synchronization
import TestSupport
import Testing

/// The engine against a real server over TLS, through a proxy that cuts.
@Suite(.serialized) struct LiveSyncTests {
    /// Ids that are not random and a clock that stands still make changes that deflate to a few bytes each.
    private static func plainSurroundings(_ number: UInt64) -> Surroundings {
        let count = Mutex<UInt64>(number << 32)
        return Surroundings(
            now: Surroundings.ofThisMachine.now,
            uptime: Surroundings.ofThisMachine.uptime,
            random: {
                count.withLock { count in
                    count += 1
                    return count
                }
            }
        )
    }

    private static let noteCount = 2000

    private func add(_ count: Int, to device: LiveDevice) throws {
        try device.store.write { writer in
            for number in 0..<count { _ = try writer.create(.note, [StoreWriter.firstEdit(.body, "note \(number)")]) }
        }
    }

    private var expected: [String] { (0..<Self.noteCount).map { "note \($0)" }.sorted() }

    private func expectCut(_ body: () async throws -> LiveDevice.Sync) async throws -> Bool {
        do {
            _ = try await body()
            return false
        } catch let error as ConnectionError {
            switch error {
            case .interrupted, .unreachable, .notSecure: return true
            case .wrongKey, .refused, .notOurServer: throw error
            }
        }
    }

    @Test func `a cut at every 1,000th byte of a push of 2,000 notes is settled by the next sync`() async throws {
        try await withLiveServer { server, proxy in
            let device = try await LiveDevice("one", server, proxy, surroundings: Self.plainSurroundings(1))
            let reader = try await LiveDevice("two", server, proxy, surroundings: Self.plainSurroundings(2))
            try add(Self.noteCount, to: device)
            var cutCount = 0
            // Whole pushes of one exchange: what was cut stored nothing, so each begins anew.
            while try await expectCut({
                try device.setBatch(.max)
                return try await device.sync(.init(up: (cutCount + 1) * 1000))
            }) {
                cutCount += 1
                #expect(try device.unsentCount > 0)
                try #require(cutCount < 1000)
            }
            #expect(cutCount > 20, "the push had only \(cutCount) thousand bytes")
            #expect(try await device.sync().report.isLevel)
            #expect(try await reader.sync().report.isLevel)
            #expect(try reader.store.texts() == expected)
            #expect(try device.store.texts() == expected)
        }
    }

    @Test func `a cut at every 1,000th byte of a push in small batches is settled by the next sync`() async throws {
        try await withLiveServer { server, proxy in
            let device = try await LiveDevice("one", server, proxy, surroundings: Self.plainSurroundings(1))
            let reader = try await LiveDevice("two", server, proxy, surroundings: Self.plainSurroundings(2))
            try add(Self.noteCount, to: device)
            var cutCount = 0
            var last = try device.unsentCount
            while try await expectCut({
                try device.setBatch(0)
                return try await device.sync(.init(up: 1000 + (cutCount + 1) * 1000))
            }) {
                cutCount += 1
                let left = try device.unsentCount
                #expect(left <= last, "nothing that was acknowledged is unsent again")
                last = left
                try #require(cutCount < 1000)
            }
            #expect(cutCount > 2)
            #expect(try await device.sync().report.isLevel)
            #expect(try await reader.sync().report.isLevel)
            #expect(try reader.store.texts() == expected)
        }
    }

    @Test(arguments: [0, Int.max])
    func `a cut at every 1,000th byte of a pull of 2,000 notes is settled by the next sync`(batch: Int) async throws {
        try await withLiveServer { server, proxy in
            let device = try await LiveDevice("one", server, proxy, surroundings: Self.plainSurroundings(1))
            try add(Self.noteCount, to: device)
            #expect(try await device.sync().report.isLevel)
            let reader = try await LiveDevice("two", server, proxy, surroundings: Self.plainSurroundings(2))
            var cutCount = 0
            var last = 0
            while try await expectCut({
                try reader.setBatch(batch)
                return try await reader.sync(.init(down: (batch == 0 ? 2000 : 0) + (cutCount + 1) * 1000))
            }) {
                cutCount += 1
                let count = try reader.store.texts().count
                #expect(count >= last)
                last = count
                try #require(cutCount < 1000)
            }
            #expect(cutCount > 2)
            let next = try await reader.sync()
            #expect(next.report.isLevel)
            #expect(try reader.store.texts() == expected)
            #expect(try reader.store.check().findings == [])
        }
    }

    @Test func `an answer cut at every 100th byte is settled by the next sync`() async throws {
        try await withLiveServer { server, proxy in
            let device = try await LiveDevice("one", server, proxy)
            let reader = try await LiveDevice("two", server, proxy)
            var count = 0
            for offset in stride(from: 100, through: 2600, by: 100) {
                try device.add("note \(count)")
                count += 1
                _ = try await expectCut { try await device.sync(.init(down: offset)) }
                let next = try await device.sync()
                #expect(next.report.isLevel && !next.report.tookNewReplica)
                #expect(try device.unsentCount == 0)
            }
            try await reader.sync()
            #expect(try reader.store.texts() == (0..<count).map { "note \($0)" }.sorted())
            // Each note is one change; the two devices' names are two more.
            #expect(try reader.store.read { try $0.logEnd().version } == UInt64(count + 2))
        }
    }

    @Test func `a cold sync is one connection and one request, and small from the second on`() async throws {
        try await withLiveServer { server, proxy in
            let device = try await LiveDevice("one", server, proxy)
            try await device.sync()
            for round in 1...4 {
                #expect(device.hasTicket)
                try device.add("The mission statement of the day, note \(round).")
                let sync = try await device.sync()
                #expect(sync.report.exchangeCount == 1 && sync.report.isLevel && sync.report.sentCount == 1)
                let seen = proxy.traffic
                #expect(seen.connectionCount == 1)
                #expect(sync.traffic.up <= seen.up && sync.traffic.down <= seen.down)
                #expect(seen.up < 1400, "\(seen.up) bytes up")
                #expect(seen.down < 1400, "\(seen.down) bytes down")
            }
        }
    }

    @Test func `a server with another key gets nothing but a hello`() async throws {
        try await withLiveServer { server, proxy in
            let device = try await LiveDevice("one", server, proxy)
            try device.add("secret")
            var other = device.server
            other.pins = [try #require(KeyPin(String(repeating: "A", count: 52)))]
            do {
                try await device.sync(from: other)
                Issue.record("it synced with a key it was not linked to")
            } catch ConnectionError.wrongKey {
            }
            let seen = proxy.traffic
            let records = tlsRecords(seen.firstBytesUp)
            #expect(seen.up < 1000)
            #expect(records.first?.type == 22, "a handshake: the hello")
            #expect(records.dropFirst().allSatisfy { $0.count < 40 }, "no more than an alert: \(records)")
            #expect(try device.unsentCount == 2)
            #expect(try await device.sync().report.isLevel)
        }
    }

    /// Type and length of each record (RFC 8446, section 5.1).
    private func tlsRecords(_ bytes: [UInt8]) -> [(type: UInt8, count: Int)] {
        var rest = bytes[...]
        var records: [(type: UInt8, count: Int)] = []
        while rest.count >= 5 {
            let start = rest.startIndex
            let count = Int(rest[start + 3]) << 8 | Int(rest[start + 4])
            records.append((rest[start], count))
            rest = rest.dropFirst(5 + count)
        }
        return records
    }

    @Test func `a server that is not there is said to be out of reach, and notes are safe`() async throws {
        try await withLiveServer { server, proxy in
            let device = try await LiveDevice("one", server, proxy)
            try device.add("safe")
            await server.stop()
            do {
                while true { try await device.sync() }
            } catch is ConnectionError {
            }
            #expect(try device.store.texts() == ["safe"])
        }
    }

    @Test func `two devices that sync at the same time both end level`() async throws {
        try await withLiveServer { server, proxy in
            let devices = [
                try await LiveDevice("one", server, proxy), try await LiveDevice("two", server, proxy),
                try await LiveDevice("three", server, proxy),
            ]
            for round in 0..<5 {
                for (number, device) in devices.enumerated() { try device.add("\(number) in round \(round)") }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for device in devices { group.addTask { try await device.sync() } }
                    try await group.waitForAll()
                }
            }
            for device in devices { #expect(try await device.sync().report.isLevel) }
            for device in devices { try await device.sync() }
            #expect(try devices[0].store.texts().count == 15)
            #expect(try Set(devices.map { try $0.store.texts() }).count == 1)
        }
    }
}
