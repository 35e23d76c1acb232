import GRDB

/// Copies the write-ahead log into the database, where a test can damage it or copy it.
enum Checkpoint {
    static func run(_ path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        try queue.close()
    }
}
