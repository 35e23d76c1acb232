import CSQLite
import Foundation
import GRDB
import Glibc
public import Models
import Wire

/// One replica of a notebook in one SQLite file: the change log, the state it adds up to,
/// conflicts, and what is known of the server. Log and state change in one transaction.
///
/// The store is the only room that knows SQL. What a caller does inside ``write(_:)`` happens
/// whole or not at all, and is on disk when it returns: an acknowledged save survives a power cut.
///
/// Safe to use from any thread: all mutable state is in SQLite, and GRDB serialises writers.
public final class NotebookStore: Sendable {
    let database: any DatabaseWriter
    let surroundings: Surroundings
    /// The write-ahead log of a command's notebook; nil where SQLite looks after it by itself.
    private let logPath: String?
    /// Nobody else can change what is being read.
    private let isInMemory: Bool
    /// Called inside each transaction right before it commits; what it throws rolls it back.
    /// Tests put their crashes and full disks here.
    let willCommit: @Sendable () throws -> Void

    /// Who uses an open notebook.
    public enum Use: Sendable {
        /// Readers that do not wait for the writer: a server.
        case manyAtOnce
        /// One thing after the other: a command. One connection instead of two opens in half the
        /// time. A read inside a read or a write would wait for itself, and traps.
        case oneAfterTheOther
    }

    /// Opens the notebook at `path`, made if there is none: an empty one with a fresh notebook
    /// id, replica and epoch.
    ///
    /// - Throws: ``StoreError``: a newer program's file is refused unharmed.
    public convenience init(
        path: String,
        for use: Use = .manyAtOnce,
        surroundings: Surroundings,
        willCommit: @escaping @Sendable () throws -> Void = {}
    ) throws {
        let database: any DatabaseWriter = try StoreError.translating {
            try StoreSchema.refuseForeign(path)
            return switch use {
            case .manyAtOnce: try Self.pool(path)
            case .oneAfterTheOther: try DatabaseQueue(path: path, configuration: Self.queueConfiguration)
            }
        }
        try self.init(
            database: database,
            logPath: use == .oneAfterTheOther ? path + "-wal" : nil,
            surroundings: surroundings,
            willCommit: willCommit
        )
    }

    /// A notebook in memory, for simulations.
    ///
    /// - Parameter old: one that is used no longer, whose connection is taken and emptied.
    public convenience init(
        inMemoryWith surroundings: Surroundings,
        reusing old: NotebookStore? = nil,
        willCommit: @escaping @Sendable () throws -> Void = {}
    ) throws {
        let database = try Self.emptyMemory(reusing: old)
        try self.init(database: database, surroundings: surroundings, willCommit: willCommit)
    }

    init(
        database: any DatabaseWriter,
        logPath: String? = nil,
        surroundings: Surroundings,
        willCommit: @escaping @Sendable () throws -> Void = {}
    ) throws {
        self.database = database
        self.logPath = logPath
        isInMemory = database.path == ":memory:"
        self.surroundings = surroundings
        self.willCommit = willCommit
        try StoreError.translating { try StoreSchema.migrate(database) }
        let identity = try read { try $0.identity() }
        if identity == nil {
            try write { writer in
                if try writer.identity() == nil { try writer.beginNotebook() }
            }
        } else if identity?.stateVersion != Int(StateCodec.version) {
            try rebuild()
        }
    }

    static var configuration: Configuration {
        countNoMemory
        var configuration = Configuration()
        configuration.busyMode = .timeout(TimeInterval(busySeconds))
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { db in
            // A file from a stranger gets no say in what our queries do, and damage is noticed early.
            // <https://www.sqlite.org/pragma.html#pragma_trusted_schema>
            try db.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
        }
        return configuration
    }

    /// SQLite counts each allocation under a lock, for statistics that nobody asks for. To be said before the first
    /// connection, and without effect after it. <https://www.sqlite.org/c3ref/c_config_covering_index_scan.html>
    private static let countNoMemory: Void = { _ = webinar_sqlite3_config_memstatus(0) }()

    /// A commit we acknowledge must survive a power cut. `DatabasePool` sets NORMAL when it turns
    /// on WAL, after `prepareDatabase` has run, so this comes last.
    /// <https://www.sqlite.org/pragma.html#pragma_synchronous>
    private static func pool(_ path: String) throws -> DatabasePool {
        let pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        return pool
    }

    /// The same modes for one connection. GRDB's own way to WAL looks at the log's file as well, which
    /// only a pool needs, and which takes longer than the rest of the opening.
    private static var queueConfiguration: Configuration {
        var configuration = configuration
        configuration.prepareDatabase { db in
            guard try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL") == "wal" else {
                throw StoreError.inputOutput("SQLite keeps no write-ahead log here")
            }
            try db.execute(sql: "PRAGMA synchronous = FULL")
        }
        return configuration
    }

    /// Runs `body` in one transaction that sees and changes everything.
    public func write<Result>(_ body: (StoreWriter) throws -> Result) throws -> Result {
        try StoreError.translating {
            try database.writeWithoutTransaction { db in
                let result = try db.transaction("BEGIN IMMEDIATE") {
                    let writer = StoreWriter(db: db, surroundings: surroundings)
                    let result = try body(writer)
                    try writer.finish()
                    try willCommit()
                    return result
                }
                shortenLog(db)
                return result
            }
        }
    }

    /// Copies a long write-ahead log into the database and empties it.
    ///
    /// A command does not close its database, so how much of the log SQLite has copied is forgotten when
    /// the process ends: left alone, the log would only grow, and each command would read all of it and
    /// copy it once more. Somebody else's reading is not waited for; the next save tries again.
    private func shortenLog(_ db: Database) {
        guard let logPath else { return }
        var status = stat()
        guard stat(logPath, &status) == 0, status.st_size > Self.maximumLogBytes else { return }
        try? db.execute(
            sql: """
                PRAGMA busy_timeout = 0;
                PRAGMA wal_checkpoint(TRUNCATE);
                PRAGMA busy_timeout = \(Self.busySeconds * 1000);
                """
        )
    }

    /// Some thirty saves: reading as much takes less than a millisecond, and emptying it a few.
    private static let maximumLogBytes = 1 << 20

    private static let busySeconds = 5

    /// Runs `body` on one unchanging view of the notebook.
    ///
    /// Where one connection reads and writes, GRDB's own `read` forbids it to write meanwhile by a pragma, which
    /// makes SQLite compile every statement anew (<https://www.sqlite.org/pragma.html#pragma_query_only>). A
    /// ``StoreReader`` cannot write anyway.
    public func read<Result>(_ body: (StoreReader) throws -> Result) throws -> Result {
        try StoreError.translating {
            guard let queue = database as? DatabaseQueue else {
                return try database.read { try body(StoreReader(db: $0)) }
            }
            return try queue.unsafeRead { db in
                let reader = StoreReader(db: db)
                return try isInMemory ? body(reader) : db.transaction("BEGIN") { try body(reader) }
            }
        }
    }

    /// Closes the file. Without it the file stays as safe as it is: SQLite recovers the
    /// write-ahead log at the next opening, and a short-lived command saves a checkpoint
    /// (docs/decisions/0009).
    public func close() throws {
        try StoreError.translating { try database.close() }
    }
}
