import Digest
import Foundation
import GRDB
public import Models

/// Who may sync what with a server: people, their devices, the links that wait to be redeemed, notebooks and who
/// belongs to them. A file of its own beside the notebooks.
///
/// What a caller does inside ``write(_:)`` happens whole or not at all, and is on disk when it returns. Calls block:
/// keep them off event loops.
public final class AccountStore: Sendable {
    private let database: DatabaseQueue
    private let surroundings: Surroundings

    /// Opens the accounts at `path`, made if there are none: one person, the owner, with one notebook.
    ///
    /// - Throws: ``StoreError``: a newer program's file is refused unharmed.
    public init(path: String, surroundings: Surroundings) throws {
        self.surroundings = surroundings
        database = try StoreError.translating {
            var configuration = Configuration()
            configuration.journalMode = .wal
            configuration.busyMode = .timeout(5)
            configuration.foreignKeysEnabled = true
            configuration.prepareDatabase { db in
                try db.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
            }
            let database = try DatabaseQueue(path: path, configuration: configuration)
            // A credential that a device was given must survive a power cut. This comes last: see NotebookStore.
            try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            try AccountSchema.migrate(database)
            return database
        }
        try write { try $0.beginIfEmpty() }
    }

    /// Runs `body` in one transaction that sees and changes everything.
    public func write<Result>(_ body: (AccountWriter) throws -> Result) throws -> Result {
        try StoreError.translating {
            var result: Result?
            try database.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    result = try body(AccountWriter(db: db, surroundings: surroundings))
                    return .commit
                }
            }
            guard let result else { throw StoreError.inputOutput("the transaction ended without a result") }
            return result
        }
    }

    /// Runs `body` on one unchanging view.
    public func read<Result>(_ body: (AccountReader) throws -> Result) throws -> Result {
        try StoreError.translating { try database.read { try body(AccountReader(db: $0)) } }
    }

    /// Whether something can be written to the disk, shown by doing it.
    public func checkWritable() throws {
        try write { try $0.touch() }
    }

    /// Closes the file.
    public func close() throws {
        try StoreError.translating { try database.close() }
    }
}
