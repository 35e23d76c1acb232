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
        let copy = try NotebookStore(inMemoryWith: surroundings, reusing: old, willCommit: willCommit)
        let rows = try StoreError.translating {
            try database.read { db in
                try StoreSchema.tables.map { ($0, try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM \($0)"))) }
            }
        }
        try StoreError.translating {
            try copy.database.write { db in
                try StoreSchema.removeAll(db)
                for (table, rows) in rows {
                    guard let first = rows.first else { continue }
                    let places = Array(repeating: "?", count: first.count).joined(separator: ",")
                    let insert = try db.cachedStatement(sql: "INSERT INTO \(table) VALUES (\(places))")
                    for row in rows { try insert.execute(arguments: StatementArguments(row.databaseValues)) }
                }
            }
        }
        return copy
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
