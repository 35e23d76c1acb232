import Foundation
import GRDB

/// What a bad disk, or somebody with a tool, does to a notebook's file behind our back.
public enum Damage {
    /// Runs `sql` on the file, which may be open.
    public static func run(_ sql: String, on path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    /// The bytes that `sql` finds.
    public static func bytes(_ sql: String, in path: String) throws -> [UInt8] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { [UInt8](try Data.fetchOne($0, sql: sql) ?? Data()) }
    }

    /// Everything in `table`, a line each row.
    public static func contents(of table: String, in path: String) throws -> [String] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { try Row.fetchAll($0, sql: "SELECT * FROM \(table) ORDER BY 1").map(\.description) }
    }

    /// Turns bits of the file itself: in the last `count` bytes of the value that `sql` finds, wherever it stands.
    /// SQLite leaves copies in the free space of its pages.
    ///
    /// Nobody may have the file open. Its write-ahead log is copied into it first.
    public static func turn(_ count: Int, ofValue sql: String, in path: String, by mask: UInt8 = 0x10) throws {
        try run("PRAGMA wal_checkpoint(TRUNCATE)", on: path)
        let value = Data(try bytes(sql, in: path))
        var file = try Data(contentsOf: URL(fileURLWithPath: path))
        guard !value.isEmpty, file.range(of: value) != nil else { throw DamageError() }
        while let place = file.range(of: value) {
            for index in place.upperBound - count..<place.upperBound { file[index] ^= mask }
        }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.write(contentsOf: file)
        try handle.close()
    }
}

/// The value is not in the file as it is in the table.
public struct DamageError: Error {
    public init() {}
}
