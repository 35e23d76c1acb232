import Models
import Store
import SyncClient
import SyncServer
import Synchronization
import TestSupport
import Testing
import Wire

/// Damage of every kind on either side: found, never sent, and repaired with what the other has.
@Suite struct VerifyEngineTests {
    /// What a disk may do, and the part of a check that finds it.
    struct Kind: Sendable, CustomTestStringConvertible {
        var name: String
        var sql: String
        var testDescription: String { name }

        static let all = [
            Kind(name: "lost bytes", sql: "UPDATE changes SET body = zeroblob(30) WHERE version IN (3, 4, 9)"),
            Kind(
                name: "a turned byte",
                sql: "UPDATE changes SET body = CAST(substr(body, 1, 20) || x'7A' || substr(body, 22) AS BLOB) "
                    + "WHERE version = 5"
            ),
            Kind(name: "hashes", sql: "UPDATE changes SET hash = zeroblob(32) WHERE version IN (2, 8)"),
            Kind(name: "running hashes", sql: "UPDATE changes SET log_hash = zeroblob(32) WHERE version IN (1, 6, 7)"),
            Kind(name: "filing", sql: "UPDATE changes SET time = 1, record = zeroblob(16) WHERE version = 6"),
            Kind(
                name: "a state",
                sql: "UPDATE records SET state = CAST(substr(state, 1, length(state) - 1) || x'7A' AS BLOB) "
                    + "WHERE row = 2"
            ),
            Kind(name: "a text", sql: "UPDATE texts SET text = text || '!' WHERE record = 3"),
            Kind(
                name: "much at once",
                sql: "UPDATE changes SET body = zeroblob(30) WHERE version > 2; UPDATE records SET state = zeroblob(9)"
            ),
        ]
    }

    @Test(arguments: Kind.all, VerifyPair.Side.allCases)
    func `damage is found, and repaired with the other side's bytes`(kind: Kind, side: VerifyPair.Side) async throws {
        let pair = try VerifyPair()
        let digest = try pair.server.store.read { try $0.digest() }
        let texts = try pair.device.texts()
        try Damage.run(kind.sql, on: pair.path(side))

        let found = try await pair.verify(repairs: false)
        #expect(!found.isSound)
        #expect(found.here.findings.isEmpty == (side == .server))
        if side == .server { #expect(found.server?.isSound == false) }
        #expect(found.repairs.isEmpty)

        let repaired = try await pair.verify(repairs: true)
        #expect(repaired.isSound && repaired.server?.isEqual == true, "\(repaired)")
        #expect(!repaired.repairs.isEmpty)
        #expect(try pair.isLevel())
        #expect(try pair.device.texts() == texts && pair.server.store.texts() == texts)
        #expect(try pair.server.store.read { try $0.digest() } == digest)
        #expect(try await pair.verify(repairs: true).repairs.isEmpty, "nothing is left to do")
    }

    @Test(arguments: Kind.all)
    func `two sides that are damaged in other places heal each other`(kind: Kind) async throws {
        let pair = try VerifyPair()
        try Damage.run(kind.sql, on: pair.devicePath)
        try Damage.run("UPDATE changes SET body = zeroblob(30) WHERE version IN (1, 2)", on: pair.serverPath)
        let report = try await pair.verify(repairs: true)
        // "Much at once" has taken all that the server has not.
        #expect(report.isSound, "\(report)")
        #expect(try pair.isLevel())
    }

    @Test func `verifying changes nothing on either side`() async throws {
        let pair = try VerifyPair()
        for side in VerifyPair.Side.allCases { for kind in Kind.all { try Damage.run(kind.sql, on: pair.path(side)) } }
        func contents() throws -> [[String]] {
            try ["changes", "records", "texts", "buckets", "peers", "outgoing"].flatMap { table in
                try [pair.devicePath, pair.serverPath].map { try Damage.contents(of: table, in: $0) }
            }
        }
        let before = try contents()
        #expect(try await !pair.verify(repairs: false).isSound)
        #expect(try contents() == before)
    }

    // MARK: What is no damage

    @Test func `equal sides are equal, and what waits is no damage`() async throws {
        let pair = try VerifyPair()
        #expect(try await pair.verify(repairs: false).server?.isEqual == true)
        let other = try TestDevice(seed: 9)
        try other.sync(pair.server)
        _ = try other.add("unread")
        try other.sync(pair.server)
        _ = try pair.device.add("unsent")
        _ = try pair.device.add("unsent, too")
        for repairs in [false, true] {
            let report = try await pair.verify(repairs: repairs)
            let server = try #require(report.server)
            #expect(report.isSound && !server.isEqual && report.repairs.isEmpty)
            #expect(server.unsentCount == 2 && server.unreadCount == 1)
        }
        try pair.device.sync(pair.server)
        #expect(try await pair.verify(repairs: false).server?.isEqual == true)
    }

    @Test func `damage is told from what waits`() async throws {
        let pair = try VerifyPair()
        let other = try TestDevice(seed: 9)
        try other.sync(pair.server)
        _ = try other.add("unread")
        try other.sync(pair.server)
        let unsent = try pair.device.add("unsent")
        let damaged = try #require(try pair.device.store.read { try $0.recordDigests() }.first { $0.record != unsent })
        let id = damaged.record.bits.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        try Damage.run(
            "UPDATE records SET state = CAST(state || x'00' AS BLOB) WHERE id = x'\(id)'",
            on: pair.serverPath
        )
        #expect(try await pair.verify(repairs: false).server?.damaged == [damaged.record])
        let report = try await pair.verify(repairs: true)
        #expect(report.isSound && report.repairs.isRebuiltThere && report.server?.unsentCount == 1)
        #expect(try pair.isLevel())
    }

    @Test func `what this device had read and lost it gets again`() async throws {
        let pair = try VerifyPair()
        let other = try TestDevice(seed: 9)
        try other.sync(pair.server)
        let id = try other.add("read and lost")
        try other.sync(pair.server)
        try pair.device.sync(pair.server)
        try Damage.run("DELETE FROM changes WHERE version = (SELECT max(version) FROM changes)", on: pair.devicePath)
        #expect(try await pair.verify(repairs: false).server?.lost.count == 1)
        let report = try await pair.verify(repairs: true)
        #expect(report.isSound && report.repairs.regainedCount == 1, "\(report)")
        #expect(try pair.device.text(id) == "read and lost")
        #expect(try pair.isLevel())
    }

    // MARK: Never sent

    @Test(arguments: VerifyPair.Side.allCases)
    func `a change with a turned bit is never synced`(side: VerifyPair.Side) async throws {
        let pair = try VerifyPair()
        let id = try pair.device.add("not sent yet")
        let new = try TestDevice(seed: 9)
        let last = "WHERE version = (SELECT max(version) FROM changes)"
        try Damage.run(
            "UPDATE changes SET body = CAST(substr(body, 1, length(body) - 1) || x'7A' AS BLOB) \(last)",
            on: pair.path(side)
        )
        let before = try pair.server.store.read { try $0.logEnd().version }
        switch side {
        case .device:
            #expect(throws: StoreError.self) { try pair.device.sync(pair.server) }
            #expect(try pair.server.store.read { try $0.logEnd().version } == before)
            // The bytes are nowhere else; the turned one is found by its hash.
            let report = try await pair.verify(repairs: true)
            #expect(report.isSound && report.repairs.healedHereCount == 1)
        case .server:
            #expect(throws: StoreError.self) { try new.sync(pair.server) }
            #expect(try new.texts() == [])
            let report = try await pair.verify(repairs: true)
            #expect(report.isSound && report.repairs.healedThereCount == 1)
        }
        try pair.device.sync(pair.server)
        try new.sync(pair.server)
        #expect(try new.texts() == pair.device.texts())
        #expect(try new.text(id) == "not sent yet")
    }

    @Test func `bytes that nobody has are said to be lost, and everything else is kept`() async throws {
        let pair = try VerifyPair()
        _ = try pair.device.add("only here")
        let texts = try pair.device.texts()
        try Damage.run(
            "UPDATE changes SET body = zeroblob(9) WHERE version = (SELECT max(version) FROM changes)",
            on: pair.devicePath
        )
        let report = try await pair.verify(repairs: true)
        #expect(!report.isSound && report.here.logFaults.map(\.part) == [.body])
        #expect(try pair.device.texts() == texts, "the state is not built from a damaged log")
    }

    // MARK: Cut off

    /// Fails each commit in turn: what was done before stays, and the next repair goes on.
    @Test func `a repair that is cut off anywhere goes on when it is asked again`() async throws {
        for failing in 1... {
            var pair = try VerifyPair()
            // All but the last, which takes bytes whose hashes others take.
            for kind in Kind.all.dropLast() { try Damage.run(kind.sql, on: pair.devicePath) }
            let count = Mutex(0)
            try pair.reopenDevice {
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                if number == failing { throw PowerCut() }
            }
            do {
                #expect(try await pair.verify(repairs: true).isSound)
                #expect(failing > 4, "several transactions make a repair")
                break
            } catch is PowerCut {
            }
            try pair.reopenDevice()
            #expect(try await pair.verify(repairs: true).isSound, "cut off at commit \(failing)")
            #expect(try pair.isLevel())
        }
    }

    struct PowerCut: Error {}

    // MARK: Servers that are none of ours

    @Test func `bytes that do not fit are not taken, whoever offers them`() async throws {
        let pair = try VerifyPair()
        try Damage.run("UPDATE changes SET body = zeroblob(30) WHERE version IN (3, 4)", on: pair.devicePath)
        let before = try Damage.contents(of: "changes", in: pair.devicePath)
        var server = pair.asked
        server.twist = { answer in
            guard case .changes(var found) = answer.content else { return }
            for run in found.runs.indices {
                for body in found.runs[run].bodies.indices { found.runs[run].bodies[body].append(0) }
            }
            answer.content = .changes(found)
        }
        let report = try await pair.verify(repairs: true, with: server)
        #expect(!report.isSound && report.repairs.isEmpty)
        #expect(try Damage.contents(of: "changes", in: pair.devicePath) == before)
    }

    @Test func `a server whose answers go in circles is given up on`() async throws {
        let pair = try VerifyPair()
        let twists: [@Sendable (inout VerifyAnswer) -> Void] = [
            { if case .log(var look) = $0.content { look.hasMore = true; look.through = 0; $0.content = .log(look) } },
            { if case .state(var look) = $0.content { look.hasMore = true; $0.content = .state(look) } },
            { $0.content = .changes(FoundChanges(runs: [], faults: [])) },
            { $0.at.version = .random(in: 1...9_000_000) },
        ]
        for twist in twists {
            var server = pair.asked
            server.twist = twist
            await #expect(throws: VerifyError.self) { try await pair.verify(repairs: true, with: server) }
            #expect(try pair.isLevel())
        }
    }

    @Test func `a server of another version says so, and nothing is rebuilt`() async throws {
        let pair = try VerifyPair()
        var server = pair.asked
        server.twist = { $0.stateVersion += 1 }
        let report = try await pair.verify(repairs: true, with: server)
        #expect(!report.isSound && report.server?.isComparable == false && report.repairs.isEmpty)
    }
}
