import GRDB
import Models

/// How far the devices of a server's notebook have read its log: below the lowest of those seen lately nobody needs
/// what was replaced.
extension StoreReader {
    /// Whether it is time to note how far `device` has read: once a day.
    public func isDue(_ device: UInt64, at now: UInt64) throws -> Bool {
        let seen = try db.first("SELECT seen FROM readers WHERE device = ?", [device.stored]) { $0.word(0) }
        guard let seen else { return true }
        return max(seen, now) - min(seen, now) >= Limits.markMilliseconds
    }

    /// The version that every device seen lately has read.
    public func floor(at now: UInt64) throws -> UInt64 {
        let since = now - min(now, Limits.absentDeviceMilliseconds)
        return try db.value("SELECT min(version) FROM readers WHERE seen >= ?", [since.stored]) ?? 0
    }
}

extension StoreWriter {
    /// `device` has read this log up to `version`; nobody needs the values that were replaced below what all have read.
    public func note(_ device: UInt64, readThrough version: UInt64, at now: UInt64) throws {
        try db.run(
            "INSERT OR REPLACE INTO readers (device, version, seen) VALUES (?, ?, ?)",
            [device.stored, version.stored, now.stored]
        )
        try fold(through: reader.floor(at: now))
    }
}
