import Foundation
import GRDB
import Models
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
        let rows = try Row.fetchCursor(db, sql: "PRAGMA foreign_key_check")
        while let row = try rows.next() {
            let table: String = row[0]
            let row: Int64? = row[1]
            check.note(.foreignKeys, "row \(row ?? 0) of \(table) names a row that is not there")
        }
    }

    fileprivate func checkChain(_ check: inout StoreCheck) throws {
        var ends: [ReplicaID: (sequence: UInt64, time: UInt64, hash: ContentHash)] = [:]
        var version: UInt64 = 0
        var logHash = ContentHash.zero
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT version, replica, sequence, body, hash, time, record, log_hash, applied IS NULL
                FROM changes ORDER BY version
                """
        )
        let isLoading = try loading() != nil
        while let row = try rows.next() {
            let logged = try Self.loggedChange(row)
            let change = logged.change
            if isLoading, logged.hash == .zero {
                // Its chain shows when all is here.
                (version, logHash) = (logged.version, try row.contentHash(7))
                check.changeCount += 1
                continue
            }
            let end = ends[change.replica] ?? (0, 0, .zero)
            let name = "change \(change.sequence) of replica \(change.replica)"
            let hash = Chain.hash(
                replica: change.replica,
                sequence: change.sequence,
                previous: end.hash,
                body: logged.body
            )
            version += 1
            logHash = Chain.logHash(previous: logHash, change: logged.hash)
            if logged.version != version { check.note(.chain, "version \(version) of the log is missing") }
            if change.sequence != end.sequence + 1 { check.note(.chain, "\(name) follows \(end.sequence)") }
            if hash != logged.hash { check.note(.chain, "\(name) does not have its hash") }
            if try row.contentHash(7) != logHash { check.note(.chain, "the log does not have its hash at \(version)") }
            if change.time <= end.time { check.note(.chain, "\(name) is not later than the one before") }
            if try row.word(5) != change.time || row.record(6) != change.record {
                check.note(.chain, "\(name) is filed under another time or record")
            }
            ends[change.replica] = (change.sequence, change.time, logged.hash)
            // Each fault is told once: the check goes on from what is there.
            version = logged.version
            logHash = try row.contentHash(7)
            check.changeCount += 1
            if row[8] as Bool { check.waitingCount += 1 }
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
            for row in try Row.fetchAll(db, sql: sql) {
                check.note(.state, "\(what) \(try row.record(0)) is not what its changes add up to")
            }
        }
        let buckets = """
            SELECT count(*) FROM (SELECT bucket, digest FROM old_buckets EXCEPT SELECT bucket, digest FROM buckets)
            """
        if try Int.fetchOne(db, sql: buckets) != 0 { check.note(.state, "the digest of the state is wrong") }
    }
}
