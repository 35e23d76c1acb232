import GRDB
public import Models

/// Notebooks in memory, for simulations.
extension NotebookStore {
    /// A copy in memory of this notebook as it is now: what a cloned or restored disk holds.
    ///
    /// - Parameter old: a notebook in memory that is used no longer; its connection saves making one, with its
    ///   tables and statements.
    public func copyInMemory(
        surroundings: Surroundings,
        reusing old: NotebookStore? = nil,
        willCommit: @escaping @Sendable () throws -> Void = {}
    ) throws -> NotebookStore {
        let empty = try Self.emptyMemory(reusing: old)
        let rows = try read { reader in
            try StoreSchema.tables.map { table in
                (table, try reader.db.all("SELECT * FROM \(table)") { $0.values })
            }
        }
        try StoreError.translating {
            try empty.writeWithoutTransaction { db in
                try db.transaction("BEGIN") { try Self.insert(rows, db) }
            }
        }
        return try NotebookStore(database: empty, surroundings: surroundings, willCommit: willCommit)
    }

    private static func insert(_ tables: [(name: String, rows: [[DatabaseValue]])], _ db: Database) throws {
        for (name, rows) in tables {
            guard let first = rows.first else { continue }
            let places = Array(repeating: "?", count: first.count).joined(separator: ",")
            let insert = "INSERT INTO \(name) VALUES (\(places))"
            for row in rows { try db.run(insert, row) }
        }
    }

    /// - Returns: a database in memory with all tables and nothing in them.
    static func emptyMemory(reusing old: NotebookStore?) throws -> any DatabaseWriter {
        try StoreError.translating {
            guard let old else {
                let database = try DatabaseQueue(configuration: configuration)
                // What is written is copied for a rollback page by page, and most rows are short.
                try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA page_size = 1024") }
                try StoreSchema.migrate(database)
                return database
            }
            try old.database.writeWithoutTransaction { db in
                try db.transaction("BEGIN") { try StoreSchema.removeAll(db) }
            }
            return old.database
        }
    }

    /// A copy to try something out on: a temporary file that SQLite removes by itself.
    /// <https://www.sqlite.org/inmemorydb.html#temp_db>
    public func temporaryCopy() throws -> NotebookStore {
        let queue = try StoreError.translating {
            let queue = try DatabaseQueue(path: "", configuration: Self.configuration)
            try database.backup(to: queue)
            return queue
        }
        return try NotebookStore(database: queue, surroundings: surroundings)
    }
}
