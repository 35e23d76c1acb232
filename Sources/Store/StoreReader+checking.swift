import Foundation
import GRDB
public import Models
import Wire

/// What a check of a notebook found wrong, and how much was looked at.
public struct StoreCheck: Hashable, Sendable {
    public enum Part: String, CaseIterable, Sendable {
        /// SQLite's own check of its pages and indexes.
        case integrity
        /// Rows that name rows which are not there.
        case foreignKeys
        /// The hashes that hold each replica's log and the whole log together.
        case chain
        /// The current state against what the log adds up to.
        case state
    }

    public struct Finding: Hashable, Sendable {
        public var part: Part
        public var text: String
    }

    public var findings: [Finding] = []
    /// What is wrong with the log, change by change. Each is told in ``findings`` as well, as far as there is room.
    public var logFaults: [LogFault] = []
    public var changeCount = 0
    public var recordCount = 0
    /// Changes that wait for one that has not come yet. No fault.
    public var waitingCount = 0

    /// A damaged file may yield a finding for each of its pages.
    static let maximumFindingCount = 20

    mutating func note(_ part: Part, _ text: String) {
        if findings.count < Self.maximumFindingCount { findings.append(Finding(part: part, text: text)) }
    }
}

extension NotebookStore {
    /// Looks at everything in the file and changes nothing. `step` is called before each part.
    public func check(_ step: (StoreCheck.Part) -> Void = { _ in }) throws -> StoreCheck {
        var check = StoreCheck()
        try StoreError.translating {
            for part in StoreCheck.Part.allCases {
                step(part)
                do {
                    try look(at: part, &check)
                } catch StoreError.corrupt(let text) {
                    check.note(part, text)
                } catch let error as StoreError {
                    check.note(part, "\(error)")
                } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
                    check.note(part, error.message ?? "damaged")
                }
            }
        }
        return check
    }

    private func look(at part: StoreCheck.Part, _ check: inout StoreCheck) throws {
        switch part {
        case .integrity: try database.read { try StoreReader(db: $0).checkIntegrity(&check) }
        case .foreignKeys: try database.read { try StoreReader(db: $0).checkForeignKeys(&check) }
        case .chain: try database.read { try StoreReader(db: $0).checkChain(&check) }
        case .state: try checkState(&check)
        }
    }

    /// Replays the log in a private copy, a temporary file that SQLite removes by itself, so that nobody who saves
    /// meanwhile has to wait.
    private func checkState(_ check: inout StoreCheck) throws {
        let copy = try DatabaseQueue(path: "")
        try database.backup(to: copy)
        try copy.writeWithoutTransaction { db in
            try db.inTransaction {
                try db.execute(
                    sql: """
                        CREATE TEMP TABLE old_records AS
                        SELECT id, kind, handle, parent, deleted, conflicts, state FROM records;
                        CREATE TEMP TABLE old_texts AS
                        SELECT records.id, texts.field, texts.text, texts.conflicts FROM texts
                        JOIN records ON records.row = texts.record;
                        CREATE TEMP TABLE old_buckets AS SELECT bucket, digest FROM buckets;
                        """
                )
                let writer = StoreWriter(db: db, surroundings: surroundings)
                try writer.rebuildState()
                try StoreReader(db: db).compareRebuilt(&check)
                return .rollback
            }
        }
    }
}

extension StoreReader {
    fileprivate func checkIntegrity(_ check: inout StoreCheck) throws {
        let limit = StoreCheck.maximumFindingCount
        for text in try String.fetchAll(db, sql: "PRAGMA integrity_check(\(limit))") where text != "ok" {
            check.note(.integrity, text)
        }
    }

    fileprivate func checkForeignKeys(_ check: inout StoreCheck) throws {
        let rows = try db.rows("PRAGMA foreign_key_check")
        while let row = try rows.next() {
            let table: String = row[0]
            let row: Int64 = row[1]
            check.note(.foreignKeys, "row \(row) of \(table) names a row that is not there")
        }
    }

    fileprivate func checkChain(_ check: inout StoreCheck) throws {
        let waiting = "SELECT count(*) FROM changes WHERE applied IS NULL"
        check.waitingCount = try Int.fetchOne(db, sql: waiting) ?? 0
        try inspectLog { _, verdict in
            check.changeCount += 1
            for fault in verdict.faults {
                check.note(.chain, fault.description)
                if check.logFaults.count < Limits.maximumLogFaultCount { check.logFaults.append(fault) }
            }
            return true
        }
    }

    fileprivate func compareRebuilt(_ check: inout StoreCheck) throws {
        check.recordCount = try Int.fetchOne(db, sql: "SELECT count(*) FROM records") ?? 0
        let record = "id, kind, handle, parent, deleted, conflicts, state"
        let newTexts = """
            SELECT records.id, texts.field, texts.text, texts.conflicts FROM texts
            JOIN records ON records.row = texts.record
            """
        let comparisons = [
            ("the state of record", "SELECT \(record) FROM old_records", "SELECT \(record) FROM records"),
            ("the text of record", "SELECT * FROM old_texts", newTexts),
        ]
        for (what, old, new) in comparisons {
            let sql = """
                SELECT DISTINCT id FROM (SELECT * FROM (\(old) EXCEPT \(new))
                UNION ALL SELECT * FROM (\(new) EXCEPT \(old))) LIMIT \(StoreCheck.maximumFindingCount)
                """
            for id in try db.all(sql, read: { try $0.record(0) }) {
                check.note(.state, "\(what) \(id) is not what its changes add up to")
            }
        }
        let buckets = """
            SELECT count(*) FROM (SELECT bucket, digest FROM old_buckets EXCEPT SELECT bucket, digest FROM buckets)
            """
        if try Int.fetchOne(db, sql: buckets) != 0 { check.note(.state, "the digest of the state is wrong") }
    }
}

extension LogFault: CustomStringConvertible {
    /// For people.
    public var description: String {
        let name = "change \(sequence) of replica \(replica)"
        return switch part {
        case .body: "\(name) does not have its hash"
        case .hash: "the hash of \(name) is not what its bytes and the log say"
        case .logHash: "the log does not have its hash at \(name)"
        case .filing: "\(name) is filed under another time or record"
        case .missing: "what comes before \(name) is missing"
        case .order: "\(name) is not later than the one before"
        }
    }
}
