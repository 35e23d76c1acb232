import TestSupport
import Testing

@testable import webinar_cli

@Suite struct SyncLogTests {
    private let folder: TemporaryFolder
    private let log: SyncLog

    init() throws {
        folder = try TemporaryFolder()
        log = SyncLog(path: folder.file("synclog"))
    }

    @Test func `what is written is read`() throws {
        var entry = SyncLog.Entry(ended: 1, partner: "example.org:9443", isFile: false)
        entry.revivedCount = 2
        entry.heldCount = 25
        entry.withheldCount = 0
        entry.tookNewReplica = true
        entry.serverWasRestored = true
        let failed = SyncLog.Entry(ended: 2, partner: "notes.bundle", isFile: true, error: "no such file")
        log.append(entry)
        log.append(failed)
        #expect(try log.entries() == [entry, failed])
    }

    @Test func `a line of an older program is read, and nothing is made up that it did not say`() throws {
        let line = """
            {"ended":1,"with":"example.org:9443","file":false,"sent":0,"received":3,"deleted":0,"purged":0,\
            "level":false,"error":null}

            """
        try SmallFile.write(line, to: log.path)
        let entry = try #require(try log.entries().first)
        #expect(entry.receivedCount == 3 && !entry.isLevel)
        #expect(entry.heldCount == nil && entry.withheldCount == nil && !entry.foundOtherState)
    }

    @Test func `where long paths fill the file the oldest go, and it can still be read`() throws {
        let path = String(repeating: "x", count: 4000)
        for number in 0..<30 { log.append(SyncLog.Entry(ended: Int64(number), partner: path, isFile: true)) }
        let kept = try log.entries().map(\.ended)
        #expect(kept.count > 10 && kept.count < 17)
        #expect(kept == Array(Int64(30 - kept.count)..<30))
    }
}
