import Glibc
import Models
import SyncClient

/// The last syncs of this device, in the file `synclog`, an object a line: a sync that failed is in it as well, which
/// a transaction of the notebook could not promise.
struct SyncLog {
    struct Entry: Equatable {
        /// When it ended, milliseconds since 1970 UTC.
        var ended: Int64
        /// The server's address or the file's path.
        var partner: String
        var isFile: Bool
        var sentCount = 0
        var receivedCount = 0
        /// Records that it put into the trash here.
        var deletedCount = 0
        /// Records that it took out of the trash for good.
        var purgedCount = 0
        /// Records purged elsewhere and changed here that it wrote again.
        var revivedCount = 0
        /// Records deleted elsewhere that kept what others wrote from being taken in without a yes; nil where nobody
        /// counted: by file, in a sync that failed, in a line of an older program.
        var heldCount: Int?
        /// Records deleted here that kept what was written here from being sent without a yes; nil as above.
        var withheldCount: Int?
        /// It found that this copy of the notebook was not the only one that wrote under its number.
        var tookNewReplica = false
        var serverWasRestored = false
        var isLevel = false
        /// What the person was told where it did not go through.
        var error: String?

        /// Whether the server held another state though nothing waited. Where nobody counted, nobody knows.
        var foundOtherState: Bool { !isLevel && heldCount == 0 && withheldCount == 0 }
    }

    let path: String

    /// The oldest first. A line that cannot be read is left out: the log explains, and nothing depends on it.
    func entries() throws -> [Entry] {
        guard let text = try SmallFile.read(path) else { return [] }
        return text.split(separator: "\n").compactMap { line in
            (try? JSONParser.parse(line.utf8)).flatMap(Entry.init)
        }
    }

    /// Adds an entry, and lets the oldest go. Where that fails, the sync itself went as it went.
    func append(_ entry: Entry) {
        let kept = ((try? entries()) ?? []).suffix(Limits.maximumSyncLogCount - 1) + [entry]
        try? SmallFile.writeBytes(Self.latestThatFit(Array(kept)), to: path)
    }

    /// The lines of the latest entries, as many as a small file holds: a hundred long paths are too much for it, and it
    /// could not be read again.
    private static func latestThatFit(_ entries: [Entry]) -> [UInt8] {
        var lines: [[UInt8]] = []
        var room = Limits.maximumSmallFileBytes
        for entry in entries.reversed() {
            let line = entry.json.bytes + [UInt8(ascii: "\n")]
            guard line.count <= room else { break }
            room -= line.count
            lines.append(line)
        }
        return Array(lines.reversed().joined())
    }
}

extension SyncLog.Entry {
    init?(_ value: JSONValue) {
        guard let ended = value["ended"]?.integer, let partner = value["with"]?.string else { return nil }
        func known(_ key: String) -> Int? { value[key]?.integer.map { Int(clamping: $0) } }
        func count(_ key: String) -> Int { known(key) ?? 0 }
        func flag(_ key: String) -> Bool { value[key]?.bool ?? false }
        self.init(
            ended: ended,
            partner: partner,
            isFile: flag("file"),
            sentCount: count("sent"),
            receivedCount: count("received"),
            deletedCount: count("deleted"),
            purgedCount: count("purged"),
            revivedCount: count("revived"),
            heldCount: known("held"),
            withheldCount: known("withheld"),
            tookNewReplica: flag("new_replica"),
            serverWasRestored: flag("server_restored"),
            isLevel: flag("level"),
            error: value["error"]?.string
        )
    }

    var json: JSONValue {
        [
            "ended": .integer(ended), "with": .string(partner), "file": .bool(isFile),
            "sent": .integer(Int64(sentCount)), "received": .integer(Int64(receivedCount)),
            "deleted": .integer(Int64(deletedCount)), "purged": .integer(Int64(purgedCount)),
            "revived": .integer(Int64(revivedCount)), "held": JSONValue(heldCount),
            "withheld": JSONValue(withheldCount), "new_replica": .bool(tookNewReplica),
            "server_restored": .bool(serverWasRestored), "level": .bool(isLevel), "error": JSONValue(error),
        ]
    }

    /// Fills in what a sync with the server did, and what it left undone.
    mutating func note(_ report: SyncReport) {
        sentCount = report.sentCount
        receivedCount = report.receivedCount
        deletedCount = report.deletedCount
        purgedCount = report.purgedCount
        revivedCount = report.revivedCount
        heldCount = report.heldDeletionCount
        withheldCount = report.withheldDeletionCount
        tookNewReplica = report.tookNewReplica
        serverWasRestored = report.serverWasRestored
        isLevel = report.isLevel
    }
}

extension Device {
    /// Runs a sync and writes down how it went; `body` fills in what it did.
    func loggingSync<Result>(
        with partner: String,
        isFile: Bool,
        _ body: (inout SyncLog.Entry) async throws -> Result
    ) async throws -> Result {
        var entry = SyncLog.Entry(ended: now, partner: partner, isFile: isFile)
        let log = SyncLog(path: home.syncLog)
        do {
            let result = try await body(&entry)
            entry.ended = now
            log.append(entry)
            return result
        } catch {
            entry.ended = now
            let message = ErrorReport.commandError(for: ServerErrorText.explained(error, on: self)).message
            entry.error = String(message.prefix(Limits.maximumSyncLogErrorCharacterCount))
            log.append(entry)
            throw error
        }
    }
}
