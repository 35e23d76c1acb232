import Glibc
import Models

/// The last syncs of this device, in the file `synclog`, an object a line: a sync that failed is in it as well, which
/// a transaction of the notebook could not promise.
struct SyncLog {
    /// More than that says nothing about today, and keeps the file within a small file's size.
    static let maximumCount = 100

    /// What an error's text may take of the file.
    static let maximumErrorCharacterCount = 200

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
        var isLevel = false
        /// What the person was told where it did not go through.
        var error: String?
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
        let kept = ((try? entries()) ?? []).suffix(Self.maximumCount - 1) + [entry]
        var bytes: [UInt8] = []
        for entry in kept {
            entry.json.append(to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        try? SmallFile.writeBytes(bytes, to: path)
    }
}

extension SyncLog.Entry {
    init?(_ value: JSONValue) {
        guard let ended = value["ended"]?.integer, let partner = value["with"]?.string else { return nil }
        func count(_ key: String) -> Int { Int(clamping: value[key]?.integer ?? 0) }
        self.init(
            ended: ended,
            partner: partner,
            isFile: value["file"]?.bool ?? false,
            sentCount: count("sent"),
            receivedCount: count("received"),
            deletedCount: count("deleted"),
            purgedCount: count("purged"),
            isLevel: value["level"]?.bool ?? false,
            error: value["error"]?.string
        )
    }

    var json: JSONValue {
        [
            "ended": .integer(ended), "with": .string(partner), "file": .bool(isFile),
            "sent": .integer(Int64(sentCount)), "received": .integer(Int64(receivedCount)),
            "deleted": .integer(Int64(deletedCount)), "purged": .integer(Int64(purgedCount)), "level": .bool(isLevel),
            "error": JSONValue(error),
        ]
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
            entry.error = String(message.prefix(SyncLog.maximumErrorCharacterCount))
            log.append(entry)
            throw error
        }
    }
}
