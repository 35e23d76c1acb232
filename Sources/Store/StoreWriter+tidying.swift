import Foundation
import GRDB
import Models

/// A device and its server were level, and this is what the server said.
public struct LevelMoment: Hashable, Sendable {
    /// The newest version of the server's log.
    public var serverVersion: UInt64
    public var serverMilliseconds: UInt64
    /// Everybody who was seen lately has read the server's log up to here.
    public var floor: UInt64

    public init(serverVersion: UInt64, serverMilliseconds: UInt64, floor: UInt64) {
        self.serverVersion = serverVersion
        self.serverMilliseconds = serverMilliseconds
        self.floor = floor
    }
}

/// What a device does once a day, when it is level with its server: purges what has been in the trash for long, and
/// folds what everybody has read.
///
/// How long ago something was nobody's clock alone decides: both the device's and the server's have to say so.
extension StoreWriter {
    /// - Returns: how many records it purged.
    public func tidy(at moment: LevelMoment) throws -> Int {
        guard try mark(moment) else { return 0 }
        let purgedCount = try oldMark(moment).map(purgeTrash(deletedThrough:)) ?? 0
        if let old = try oldMark(moment, readThrough: moment.floor) { try fold(through: old) }
        return purgedCount
    }

    /// Notes how far both logs are; false if that was done today already.
    private func mark(_ moment: LevelMoment) throws -> Bool {
        let (own, server) = (surroundings.now(), moment.serverMilliseconds)
        // Marks from the future were set by a clock that was wrong.
        try db.run(
            "DELETE FROM marks WHERE own > ? OR server > ? OR server_version > ?",
            [own.stored, server.stored, moment.serverVersion.stored]
        )
        let wait = Limits.markMilliseconds
        let last =
            "SELECT own, server FROM (SELECT max(own) AS own, max(server) AS server FROM marks) WHERE own IS NOT NULL"
        let isMarked = try db.first(last) { $0.word(0) + wait > own || $0.word(1) + wait > server }
        if isMarked == true { return false }
        try db.run(
            """
            INSERT INTO marks (version, server_version, own, server) VALUES (?, ?, ?, ?)
            ON CONFLICT (version) DO NOTHING
            """,
            [
                try reader.logEnd().version.stored, moment.serverVersion.stored, own.stored, server.stored,
            ]
        )
        return true
    }

    /// The end of this log at the last mark that is as old as the trash keeps things, by both clocks.
    private func oldMark(_ moment: LevelMoment, readThrough floor: UInt64? = nil) throws -> UInt64? {
        let age = Limits.trashMilliseconds
        guard surroundings.now() > age, moment.serverMilliseconds > age else { return nil }
        let version: Int64? = try db.value(
            "SELECT max(version) FROM marks WHERE own <= ? AND server <= ? AND server_version <= ?",
            [
                (surroundings.now() - age).stored, (moment.serverMilliseconds - age).stored,
                min(floor ?? .max, UInt64(Int64.max)).stored,
            ]
        )
        return version.map { UInt64(bitPattern: $0) }
    }

    /// Purges what was deleted in the first `version` changes of this log.
    private func purgeTrash(deletedThrough version: UInt64) throws -> Int {
        let old = try reader.trash().filter { record in
            try record.state.deletes.heads.allSatisfy {
                try (reader.change(at: $0.stamp)?.version).map { $0 <= version } ?? false
            }
        }.prefix(Limits.maximumTidiedCount)
        return try old.count { record in try attempt { try change(record.id) { [$0.purging()].compactMap { $0 } } } }
    }

    /// What the marks count is not the order of this log any more.
    func forgetMarks() throws {
        try db.run("DELETE FROM marks")
        try db.run("UPDATE notebook SET folded = 0")
    }
}
