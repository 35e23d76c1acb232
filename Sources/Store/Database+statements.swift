import CSQLite
import GRDB
import Models

/// What a statement's parameters stand for, in their order.
typealias Arguments = [any StatementBinding]

/// Statements that stay prepared: compiling one takes longer than most of them run.
extension Database {
    /// Runs one statement that returns nothing.
    func run(_ sql: String, _ arguments: Arguments = []) throws {
        let rows = try rows(sql, arguments)
        try withExtendedLifetime(rows) { while try rows.next() != nil {} }
    }

    /// What `read` makes of the first row; nil if there is none. The row is gone when `read` returns.
    func first<Value>(_ sql: String, _ arguments: Arguments = [], read: (Columns) throws -> Value) throws -> Value? {
        let rows = try rows(sql, arguments)
        return try withExtendedLifetime(rows) { try rows.next().map(read) }
    }

    /// What `read` makes of each row.
    func all<Value>(_ sql: String, _ arguments: Arguments = [], read: (Columns) throws -> Value) throws -> [Value] {
        let rows = try rows(sql, arguments)
        var values: [Value] = []
        while let row = try rows.next() { values.append(try read(row)) }
        return values
    }

    /// The rows one by one, each until the next is asked for.
    func rows(_ sql: String, _ arguments: Arguments = []) throws -> Rows {
        try Rows(of: cachedStatement(sql: sql), arguments, in: self)
    }

    /// The first column of the first row; nil if there is none, or NULL.
    func value<Value: StatementColumnConvertible>(_ sql: String, _ arguments: Arguments = []) throws -> Value? {
        try first(sql, arguments) { $0.ifPresent(0) } ?? nil
    }

    /// The same of a hash; nil if there is no row.
    func hash(_ sql: String, _ arguments: Arguments) throws -> ContentHash? {
        try first(sql, arguments) { try $0.contentHash(0) }
    }

    /// Runs `body` between `begin` and a commit, or a rollback where it throws.
    func transaction<Result>(_ begin: String, _ body: () throws -> Result) throws -> Result {
        try control(begin)
        do {
            let result = try body()
            try control("COMMIT")
            return result
        } catch {
            // SQLite ends a transaction by itself where a disk is full or broken.
            if isInsideTransaction { try? control("ROLLBACK") }
            throw error
        }
    }

    /// GRDB keeps an eye on where transactions begin and end.
    private func control(_ sql: String) throws { try cachedStatement(sql: sql).execute() }
}

/// The rows of a statement that runs.
///
/// GRDB looks at each run of a statement for observers, which we have none of, and boxes each of its arguments. That
/// takes longer than most of our statements.
/// <https://www.sqlite.org/cintro.html>
final class Rows {
    private let statement: Statement
    private let db: Database

    fileprivate init(of statement: Statement, _ arguments: Arguments, in db: Database) throws {
        (self.statement, self.db) = (statement, db)
        let pointer = statement.sqliteStatement
        precondition(sqlite3_bind_parameter_count(pointer) == arguments.count, "each parameter needs an argument")
        sqlite3_reset(pointer)
        for index in arguments.indices {
            let code = arguments[index].bind(to: pointer, at: CInt(index + 1))
            guard code == SQLITE_OK else { throw error(code) }
        }
    }

    /// What it read it holds no longer, and others may write.
    deinit { sqlite3_reset(statement.sqliteStatement) }

    /// The next row; nil behind the last, after which it is not to be asked again.
    func next() throws -> Columns? {
        switch sqlite3_step(statement.sqliteStatement) {
        case SQLITE_ROW: return Columns(statement.sqliteStatement)
        case SQLITE_DONE: return nil
        case let code: throw error(code)
        }
    }

    private func error(_ code: CInt) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage, sql: statement.sql)
    }
}
