import GRDB

extension Database {
    /// Runs `body` between `begin` and a commit, or a rollback where it throws.
    ///
    /// Both statements are kept prepared; GRDB's own compiles them anew each time.
    func transaction<Result>(_ begin: String, _ body: () throws -> Result) throws -> Result {
        try cachedStatement(sql: begin).execute()
        do {
            let result = try body()
            try cachedStatement(sql: "COMMIT").execute()
            return result
        } catch {
            // SQLite ends a transaction by itself where a disk is full or broken.
            if isInsideTransaction { try? cachedStatement(sql: "ROLLBACK").execute() }
            throw error
        }
    }
}
