import Foundation
import GRDB
public import Models
import Wire

/// A change as the log holds it.
public struct LoggedChange: Hashable, Sendable {
    /// Order of arrival; on a server, the version.
    public var version: UInt64
    public var change: Change
    /// The author's bytes.
    public var body: [UInt8]
    /// The hash of its replica's chain here; zero while a snapshot loads that it came with.
    public var hash: ContentHash
}

extension StoreReader {
    /// The newest version of the log, and the running hash there.
    public func logEnd() throws -> (version: UInt64, hash: ContentHash) {
        let sql = "SELECT version, log_hash FROM changes ORDER BY version DESC LIMIT 1"
        return try db.first(sql) { ($0.word(0), try $0.contentHash(1)) } ?? (0, .zero)
    }

    /// The running hash at `version`; nil if the log does not reach that far.
    public func logHash(at version: UInt64) throws -> ContentHash? {
        if version == 0 { return .zero }
        return try db.hash("SELECT log_hash FROM changes WHERE version = ?", [version.stored])
    }

    /// The end of `replica`'s log as this store holds it; what is still being loaded is not held.
    public func head(of replica: ReplicaID) throws -> Head {
        try headAndTime(of: replica).head
    }

    /// The same, with the time of the stamp there (0 if there is none).
    public func headAndTime(of replica: ReplicaID) throws -> (head: Head, time: UInt64) {
        let sql = """
            SELECT sequence, hash, time FROM changes WHERE replica = ? AND hash <> zeroblob(32)
            ORDER BY sequence DESC LIMIT 1
            """
        return try db.first(sql, [replica.rawValue.stored]) { row in
            (Head(replica: replica, sequence: row.word(0), hash: try row.contentHash(1)), row.word(2))
        } ?? (Head(replica: replica, sequence: 0, hash: .zero), 0)
    }

    /// The ends of all logs, by replica. Looks at one row for each replica, not at the whole log.
    public func heads() throws -> [Head] {
        let sql = """
            WITH RECURSIVE replicas (replica) AS (
                SELECT min(replica) FROM changes
                UNION ALL
                SELECT (SELECT min(replica) FROM changes WHERE replica > replicas.replica) FROM replicas
                WHERE replicas.replica IS NOT NULL
            )
            SELECT replica FROM replicas WHERE replica IS NOT NULL
            """
        return try db.all(sql) { ReplicaID($0.word(0)) }.map(head)
            .filter { $0.sequence > 0 }.sorted { $0.replica < $1.replica }
    }

    /// The chain's hash of `replica` at `sequence` (zero at 0); nil if it is not here.
    public func chainHash(of replica: ReplicaID, at sequence: UInt64) throws -> ContentHash? {
        if sequence == 0 { return .zero }
        let hash = try db.hash(
            "SELECT hash FROM changes WHERE replica = ? AND sequence = ?",
            [replica.rawValue.stored, sequence.stored]
        )
        return hash == .zero ? nil : hash
    }

    /// `replica`'s changes from `sequence` on, as many as fit into `maximumBytes` (at least one).
    public func run(of replica: ReplicaID, from sequence: UInt64, maximumBytes: Int) throws -> ChangeRun? {
        let limit = Limits.maximumExchangeChangeCount
        let rows = try db.rows(
            "SELECT body FROM changes WHERE replica = ? AND sequence >= ? ORDER BY sequence LIMIT ?",
            [replica.rawValue.stored, sequence.stored, limit]
        )
        var bodies: [[UInt8]] = []
        var byteCount = 0
        while let row = try rows.next() {
            let body = row.bytes(0)
            if !bodies.isEmpty, byteCount + body.count > maximumBytes { break }
            byteCount += body.count
            bodies.append(body)
        }
        guard !bodies.isEmpty, let previous = try chainHash(of: replica, at: sequence - 1) else { return nil }
        let run = ChangeRun(replica: replica, firstSequence: sequence, previous: previous, bodies: bodies)
        try checkHashes(of: run)
        return run
    }

    /// A disk that changed a byte of a change does not get that change sent anywhere.
    private func checkHashes(of run: ChangeRun) throws {
        let hashes = Chain.hashes(of: run)
        let last = run.firstSequence + UInt64(run.bodies.count) - 1
        if try hashes.last == chainHash(of: run.replica, at: last) { return }
        let offender = try hashes.indices.first {
            try hashes[$0] != chainHash(of: run.replica, at: run.firstSequence + UInt64($0))
        }
        let sequence = run.firstSequence + UInt64(offender ?? 0)
        throw StoreError.corrupt("change \(sequence) of replica \(run.replica) does not have its hash")
    }

    /// What came after `version`, as runs in order of arrival, as many as fit into `maximumBytes`
    /// (at least one); and the version reached. `known` is left out: what the asker has,
    /// up to these heads.
    ///
    /// - Throws: ``StoreError/corrupt(_:)`` where a body does not have its hash.
    public func changes(
        after version: UInt64,
        through end: UInt64 = UInt64(Int64.max),
        known: [Head] = [],
        maximumBytes: Int
    ) throws -> (runs: [ChangeRun], through: UInt64) {
        let limit = Limits.maximumExchangeChangeCount
        let rows = try db.rows(
            """
            SELECT version, replica, sequence, body FROM changes WHERE version > ? AND version <= ?
            ORDER BY version LIMIT ?
            """,
            [version.stored, end.stored, limit]
        )
        let knownThrough = Dictionary(known.map { ($0.replica, $0.sequence) }, uniquingKeysWith: max)
        var runs: [ChangeRun] = []
        var through = version
        var byteCount = 0
        while let row = try rows.next() {
            let replica = ReplicaID(row.word(1))
            let sequence = row.word(2)
            if sequence <= knownThrough[replica] ?? 0 {
                through = row.word(0)
                continue
            }
            let body = row.bytes(3)
            if byteCount > 0, byteCount + body.count > maximumBytes { break }
            byteCount += body.count + 1
            through = row.word(0)
            if let last = runs.last, last.replica == replica,
                last.firstSequence + UInt64(last.bodies.count) == sequence
            {
                runs[runs.count - 1].bodies.append(body)
            } else {
                let previous = try chainHash(of: replica, at: sequence - 1) ?? .zero
                runs.append(
                    ChangeRun(replica: replica, firstSequence: sequence, previous: previous, bodies: [body])
                )
            }
        }
        for run in runs { try checkHashes(of: run) }
        return (runs, through)
    }

    /// One change of the log.
    public func change(_ replica: ReplicaID, _ sequence: UInt64) throws -> LoggedChange? {
        try db.first(
            "SELECT version, replica, sequence, body, hash FROM changes WHERE replica = ? AND sequence = ?",
            [replica.rawValue.stored, sequence.stored],
            read: Self.loggedChange
        )
    }

    /// All changes to one record in order of arrival. Reads the whole log: for history and undo.
    public func changes(to record: RecordID) throws -> [LoggedChange] {
        let sql = "SELECT version, replica, sequence, body, hash FROM changes WHERE record = ? ORDER BY version"
        return try db.all(sql, [record.stored], read: Self.loggedChange)
    }

    /// The changes to `records` that took effect, in that order. Looks once at each change of the log.
    func changes(to records: Set<RecordID>) throws -> [LoggedChange] {
        let wanted = Set(records.map(\.bits.bytes))
        let found = try db.rows("SELECT version, record FROM changes WHERE applied IS NOT NULL")
        var versions: [Int64] = []
        while let row = try found.next() {
            if wanted.contains(row.bytes(1)) { versions.append(row[0]) }
        }
        let sql = "SELECT version, replica, sequence, body, hash, abs(applied) FROM changes WHERE version = ?"
        return try versions.compactMap { version -> (order: Int64, change: LoggedChange)? in
            try db.first(sql, [version]) { (order: $0[5], change: try Self.loggedChange($0)) }
        }.sorted { $0.order < $1.order }.map(\.change)
    }

    static func loggedChange(_ row: Columns) throws -> LoggedChange {
        let body = row.bytes(3)
        do {
            let change = try ChangeCodec.decode(body, replica: ReplicaID(row.word(1)), sequence: row.word(2))
            return LoggedChange(version: row.word(0), change: change, body: body, hash: try row.contentHash(4))
        } catch let error as InvalidChange {
            throw StoreError.corrupt("change \(row.word(2)) of replica \(ReplicaID(row.word(1))): \(error)")
        }
    }
}
