import Foundation
import GRDB
import Models
@testable import Store
import TestSupport
import Testing

/// The file itself: how durable it is, and what becomes of one that is not ours.
@Suite struct FileTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("notes.webinar") }

    init() throws { folder = try TemporaryFolder() }

    static let uses = [NotebookStore.Use.manyAtOnce, .oneAfterTheOther]

    private func open(for use: NotebookStore.Use = .manyAtOnce) throws -> NotebookStore {
        try NotebookStore(path: path, for: use, surroundings: TestMachine(seed: 9).surroundings)
    }

    /// Changes the file behind the store's back.
    private func tamper(_ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    @Test(arguments: uses)
    func `the file is a write-ahead log that is synced at each commit`(use: NotebookStore.Use) throws {
        let store = try open(for: use)
        let pragmas = try store.write { writer in
            try ["journal_mode", "synchronous", "foreign_keys", "trusted_schema"].map { name in
                try String.fetchOne(writer.db, sql: "PRAGMA \(name)")
            }
        }
        #expect(pragmas == ["wal", "2", "1", "0"])
    }

    @Test(arguments: uses)
    func `a copy to try something out on goes its own way`(use: NotebookStore.Use) throws {
        let store = try open(for: use)
        let id = try store.write { try $0.create(.note, [StoreWriter.firstEdit(.body, "kept")]) }
        let copy = try store.temporaryCopy()
        #expect(try copy.read { try $0.digest() } == store.read { try $0.digest() })
        try copy.write { writer in try writer.change(id) { [$0.deleting()].compactMap { $0 } } }
        #expect(try store.read { try $0.record(id)?.text } == "kept")
        #expect(try store.read { try $0.trash().isEmpty } && copy.read { try $0.trash().count } == 1)
    }

    @Test(arguments: uses)
    func `a file of a newer program is refused unharmed`(use: NotebookStore.Use) throws {
        do {
            let device = try Device(seed: 1, path: path)
            _ = try device.add("of today")
            try device.store.close()
        }
        try tamper("PRAGMA user_version = 99")
        let before = try folder.contents()
        #expect(throws: StoreError.newerProgram(found: 99, known: 1)) { try open(for: use) }
        let after = try folder.contents()
        #expect(after == before, "not a byte was changed")
    }

    @Test func `a change with a turned bit is named and goes nowhere`() throws {
        let device = try Device(seed: 1, path: path)
        for number in 1...3 { _ = try device.add("note \(number)") }
        let replica = try device.replica
        try device.store.close()
        try tamper(
            "UPDATE changes SET body = CAST(substr(body, 1, length(body) - 1) || x'7A' AS BLOB) WHERE sequence = 2"
        )
        let store = try open()
        let error = StoreError.corrupt("change 2 of replica \(replica) does not have its hash")
        #expect(throws: error) { try store.read { try $0.run(of: replica, from: 1, maximumBytes: .max) } }
        #expect(throws: error) { try store.read { try $0.changes(after: 0, maximumBytes: .max) } }
        #expect(try store.read { try $0.run(of: replica, from: 3, maximumBytes: .max) } != nil)
        #expect(try store.check().findings.contains { $0.part == .chain && $0.text.contains("change 2") })
    }

    @Test(arguments: [0, 1, 0x1234_5678], uses)
    func `another program's database is refused unharmed`(applicationID: Int, use: NotebookStore.Use) throws {
        try tamper(
            "CREATE TABLE theirs (x); INSERT INTO theirs VALUES ('kept'); PRAGMA application_id = \(applicationID)"
        )
        let before = try folder.contents()["notes.webinar"]
        #expect(throws: StoreError.corrupt("it is another program's database")) { try open(for: use) }
        if applicationID != 0 { #expect(try folder.contents()["notes.webinar"] == before) }
        let queue = try DatabaseQueue(path: path)
        #expect(try queue.read { try String.fetchAll($0, sql: "SELECT name FROM sqlite_schema") } == ["theirs"])
    }

    @Test(arguments: [
        [UInt8](
            "not a database, but long enough to be taken for one by its size alone: \(String(repeating: "x", count: 4000))"
                .utf8
        ),
        [UInt8]("SQLite format 3\0".utf8) + [UInt8](repeating: 7, count: 4080),
    ])
    func `a file that is no notebook is refused unharmed`(bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: StoreError.self) { try open() }
        guard case .corrupt = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try folder.contents()["notes.webinar"] == bytes)
    }

    @Test func `a damaged page is an error, not a trap and not an answer`() throws {
        do {
            let device = try Device(seed: 1, path: path)
            for number in 0..<200 {
                _ = try device.add("note \(number) with enough words to fill some pages of the file")
            }
            try device.store.close()
        }
        var bytes = try #require(folder.contents()["notes.webinar"])
        for page in 2..<bytes.count / 4096 { for index in 0..<64 { bytes[page * 4096 + index] = 0xA5 } }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect(throws: StoreError.self) {
            let store = try open()
            try store.read { reader in try reader.forEach([.note]) { _ in } }
        }
    }

    @Test func `a flipped byte in a change is found by the check`() throws {
        let device = try Device(seed: 1, path: path)
        _ = try device.add("the word before")
        _ = try device.add("the word after")
        #expect(try device.store.check().findings == [])
        try device.store.close()
        try tamper("UPDATE changes SET body = CAST(replace(body, 'before', 'beforf') AS BLOB) WHERE version = 1")
        let check = try open().check()
        #expect(check.findings.contains { $0.part == .chain })
        #expect(check.findings.contains { $0.part == .state })
    }

    @Test(arguments: [
        ("DELETE FROM changes WHERE version = 1", StoreCheck.Part.chain),
        ("UPDATE changes SET log_hash = zeroblob(32) WHERE version = 2", .chain),
        ("UPDATE changes SET time = time + 1 WHERE version = 2", .chain),
        ("UPDATE texts SET text = text || ' and more'", .state),
        ("UPDATE buckets SET digest = zeroblob(32)", .state),
        ("PRAGMA foreign_keys = OFF; UPDATE texts SET record = record + 1000", .foreignKeys),
    ])
    func `what somebody changed in the tables is found by the check`(sql: String, part: StoreCheck.Part) throws {
        let device = try Device(seed: 1, path: path)
        for number in 0..<3 { _ = try device.add("note \(number)") }
        try device.store.close()
        try tamper(sql)
        #expect(try open().check().findings.contains { $0.part == part })
    }

    @Test(arguments: [
        ("UPDATE texts SET text = 'kePt as typed'", "kept as typed, and more"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM texts", ", and morekept as typed"),
    ])
    func `an edit of a text that the disk kept as another builds upon what was typed`(
        sql: String,
        expected: String
    ) throws {
        let device = try Device(seed: 1, path: path)
        let id = try device.add("kept as typed")
        try device.store.close()
        try tamper(sql)
        let store = try open()
        try store.write { writer in
            let shown = try writer.reader.record(id)?.text ?? ""
            try writer.change(id) { [try writer.edit(.body, of: $0, to: shown + ", and more")].compactMap(\.self) }
        }
        let text = try store.read { try $0.record(id)?.text }
        #expect(text == expected)
        #expect(try store.check().findings == [])
    }

    @Test func `rows of an older form of state are built anew at the opening`() throws {
        let device = try Device(seed: 1, path: path)
        let id = try device.add("kept")
        let digest = try device.digest
        try device.store.close()
        try tamper("UPDATE notebook SET state_version = 0; UPDATE records SET state = zeroblob(4); DELETE FROM texts")
        let store = try open()
        #expect(try store.read { try $0.record(id)?.text } == "kept")
        #expect(try store.read { try $0.digest() } == digest)
    }

    @Test func `a folder that cannot be written is said to be so`() throws {
        #expect(throws: StoreError.self) {
            try NotebookStore(path: folder.file("none/notes.webinar"), surroundings: TestMachine().surroundings)
        }
    }

    @Test func `two openings of one file are one notebook`() throws {
        let one = try Device(seed: 1, path: path)
        let two = try Device(seed: 2, path: path)
        let id = try one.add("from one")
        try two.edit(id, "from one and two")
        try one.edit(id, "from one and two and one")
        #expect(try two.text(id) == "from one and two and one")
        #expect(try one.replica == two.replica)
        #expect(try two.store.check().findings == [])
    }

    @Test func `readers go on while somebody writes`() throws {
        let device = try Device(seed: 1, path: path)
        let id = try device.add("before")
        let other = try open()
        try device.store.write { writer in
            try writer.change(id) { state in try writer.edit(.body, of: state, to: "after").map { [$0] } ?? [] }
            #expect(try other.read { try $0.record(id)?.text } == "before")
        }
        #expect(try device.text(id) == "after")
    }
}
