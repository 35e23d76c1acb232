import Foundation
import GRDB
import Models

/// Statements that stay prepared: compiling one takes longer than most of them run.
extension Database {
    /// Runs one statement that returns nothing.
    func run(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// What `read` makes of the first row; nil if there is none. The row is gone when `read` returns.
    func first<Value>(
        _ sql: String,
        _ arguments: StatementArguments = StatementArguments(),
        read: (Columns) throws -> Value
    ) throws -> Value? {
        let rows = try rows(sql, arguments)
        return try withExtendedLifetime(rows) { try rows.next().map(read) }
    }

    /// What `read` makes of each row.
    func all<Value>(
        _ sql: String,
        _ arguments: StatementArguments = StatementArguments(),
        read: (Columns) throws -> Value
    ) throws -> [Value] {
        let rows = try rows(sql, arguments)
        var values: [Value] = []
        while let row = try rows.next() { values.append(try read(row)) }
        return values
    }

    /// The rows one by one, each until the next is asked for.
    func rows(
        _ sql: String,
        _ arguments: StatementArguments = StatementArguments()
    ) throws -> FastDatabaseValueCursor<Columns> {
        try Columns.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
    }

    /// The first column of the first row; nil if there is none, or NULL.
    func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ sql: String,
        _ arguments: StatementArguments = StatementArguments()
    ) throws -> Value? {
        try Value.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }

    /// The same of a hash; nil if there is no row.
    func hash(_ sql: String, _ arguments: StatementArguments) throws -> ContentHash? {
        guard let bytes: Data = try value(sql, arguments) else { return nil }
        return try ContentHash(stored: bytes)
    }

    /// Runs `body` between `begin` and a commit, or a rollback where it throws.
    func transaction<Result>(_ begin: String, _ body: () throws -> Result) throws -> Result {
        try run(begin)
        do {
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            // SQLite ends a transaction by itself where a disk is full or broken.
            if isInsideTransaction { try? run("ROLLBACK") }
            throw error
        }
    }
}
