import Foundation
import GRDB
import Models

/// One row as a statement stands on it, read by the number of a column; gone with the next step.
///
/// GRDB's `Row` makes a dictionary of the columns' names each time a statement runs, which takes longer than most of
/// ours do. A column of another kind than what is asked for reads as SQLite converts it, and NULL as nothing: 0, "",
/// no bytes. Only a first column that is NULL is an error, of GRDB's cursors of values.
///
/// SQLite's integers are signed and its blobs are bytes; our ids are unsigned words and arrays.
/// <https://www.sqlite.org/c3ref/column_blob.html>
struct Columns {
    private let statement: SQLiteStatement

    subscript(index: Int) -> Int64 { ifPresent(index) ?? 0 }
    subscript(index: Int) -> Int { ifPresent(index) ?? 0 }
    subscript(index: Int) -> Bool { ifPresent(index) ?? false }
    subscript(index: Int) -> String { ifPresent(index) ?? "" }
    subscript(index: Int) -> Data { ifPresent(index) ?? Data() }

    /// Nil for NULL.
    func ifPresent<Value: StatementColumnConvertible>(_ index: Int) -> Value? {
        Value.fromStatement(statement, atUncheckedIndex: CInt(index))
    }

    func isNull(_ index: Int) -> Bool { (ifPresent(index) as Int64?) == nil }

    func bytes(_ index: Int) -> [UInt8] { [UInt8](self[index] as Data) }

    func word(_ index: Int) -> UInt64 { UInt64(bitPattern: self[index]) }

    func contentHash(_ index: Int) throws -> ContentHash { try ContentHash(stored: self[index] as Data) }

    func record(_ index: Int) throws -> RecordID {
        guard let bits = UUIDBits(bytes: bytes(index)) else { throw StoreError.corrupt("an id is not 16 bytes") }
        return RecordID(bits)
    }
}

/// So that GRDB's cursor of values steps over rows. It is never written.
extension Columns: DatabaseValueConvertible, StatementColumnConvertible {
    init(sqliteStatement: SQLiteStatement, index: CInt) { statement = sqliteStatement }

    var databaseValue: DatabaseValue { .null }

    static func fromDatabaseValue(_ value: DatabaseValue) -> Columns? { nil }
}

extension UInt64 {
    /// As SQLite stores it.
    var stored: Int64 { Int64(bitPattern: self) }
}

extension RecordID {
    var stored: Data { Data(bits.bytes) }
}

extension ContentHash {
    var stored: Data { Data(bytes) }

    init(stored bytes: some Sequence<UInt8>) throws {
        guard let hash = ContentHash(bytes: Array(bytes)) else { throw StoreError.corrupt("a hash is not 32 bytes") }
        self = hash
    }
}
