import CSQLite
import GRDB
import Models

/// One row as a statement stands on it, read by the number of a column; gone with the next step.
///
/// A column of another kind than what is asked for reads as SQLite converts it, and NULL as nothing: 0, "", no bytes.
///
/// SQLite's integers are signed; our ids are unsigned words.
/// <https://www.sqlite.org/c3ref/column_blob.html>
struct Columns {
    private let statement: SQLiteStatement

    init(_ statement: SQLiteStatement) { self.statement = statement }

    subscript(index: Int) -> Int64 { ifPresent(index) ?? 0 }
    subscript(index: Int) -> Int { ifPresent(index) ?? 0 }
    subscript(index: Int) -> Bool { ifPresent(index) ?? false }
    subscript(index: Int) -> String { ifPresent(index) ?? "" }

    /// Nil for NULL.
    func ifPresent<Value: StatementColumnConvertible>(_ index: Int) -> Value? {
        Value.fromStatement(statement, atUncheckedIndex: CInt(index))
    }

    func isNull(_ index: Int) -> Bool { (ifPresent(index) as Int64?) == nil }

    func bytes(_ index: Int) -> [UInt8] {
        let start = sqlite3_column_blob(statement, CInt(index))
        // In this order: <https://www.sqlite.org/c3ref/column_blob.html>
        let count = Int(sqlite3_column_bytes(statement, CInt(index)))
        return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }

    /// All of them, as they are.
    var values: [DatabaseValue] {
        (0..<sqlite3_column_count(statement)).map { DatabaseValue(sqliteStatement: statement, index: $0) }
    }

    func word(_ index: Int) -> UInt64 { UInt64(bitPattern: self[index]) }

    func contentHash(_ index: Int) throws -> ContentHash {
        guard let hash = ContentHash(bytes: bytes(index)) else { throw StoreError.corrupt("a hash is not 32 bytes") }
        return hash
    }

    func record(_ index: Int) throws -> RecordID {
        guard let bits = UUIDBits(bytes: bytes(index)) else { throw StoreError.corrupt("an id is not 16 bytes") }
        return RecordID(bits)
    }
}

/// Bytes as SQLite stores them.
struct Blob: StatementBinding {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func bind(to statement: SQLiteStatement, at index: CInt) -> CInt {
        bytes.withUnsafeBytes { webinar_sqlite3_bind_copied_blob(statement, index, $0.baseAddress, CInt($0.count)) }
    }
}

extension UInt64 {
    /// As SQLite stores it.
    var stored: Int64 { Int64(bitPattern: self) }
}

extension RecordID {
    var stored: Blob { Blob(bits.bytes) }
}

extension ContentHash {
    var stored: Blob { Blob(bytes) }
}
