import Foundation
import Testing

/// What `webinar sync` says before and after, and what it does not do unasked: real commands, a real server.
@Suite(.timeLimit(.minutes(5))) struct ReceiptTests {
    let server: ServerProcess
    let one: WebinarHome
    let two: WebinarHome

    init() throws {
        (one, two) = (try WebinarHome(), try WebinarHome())
        server = ServerProcess(folder: one.folder)
        try server.start()
        let notes = one.folder + "/notes.jsonl"
        let lines = (0..<30).map { #"{"type": "note", "text": "note \#($0)"}"# + "\n" }
        try lines.joined().write(toFile: notes, atomically: true, encoding: .utf8)
        try one.run("import", "--jsonl", notes)
        for home in [one, two] {
            #expect(try home.run("device", "link", server.link(home)).status == 0)
            #expect(try home.run("sync").status == 0)
        }
    }

    @Test func `a dry run tells what would come, go and be deleted, and does none of it`() throws {
        let id = try one.add("note", "add", "new on one")
        let gone = try #require(try one.exported().keys.sorted().first { $0 != id })
        try one.run("note", "rm", gone)
        try one.run("sync")
        let mine = try two.add("note", "add", "new on two")
        let before = try two.run("export", "--jsonl").output
        let preview = try two.run("sync", "--dry-run", "--json").json()
        #expect(preview["receive"] as? Int == 2)
        #expect((preview["new"] as? [[String: Any]])?.map { $0["id"] as? String } == [id])
        #expect((preview["deleted"] as? [[String: Any]])?.map { $0["id"] as? String } == [gone])
        #expect((preview["written"] as? [[String: Any]])?.map { $0["id"] as? String } == [mine])
        #expect(try two.run("export", "--jsonl").output == before)
        #expect(try two.run("status", "--json").json()["unsent"] as? Int == preview["send"] as? Int)
        #expect(try one.run("sync", "--json").json()["received"] as? Int == 0)
    }

    @Test func `a dry run of a copied notebook leaves it under its number`() throws {
        let install = one.home + "/install"
        try FileManager.default.removeItem(atPath: install)
        let before = try replica(one)
        #expect(try one.run("sync", "--dry-run").status == 0)
        #expect(try replica(one) == before && !FileManager.default.fileExists(atPath: install))
        #expect(try one.run("sync").status == 0)
        #expect(try replica(one) != before && FileManager.default.fileExists(atPath: install))
    }

    @Test func `a sync that deletes much waits for a yes on each side`() throws {
        for id in try one.exported().keys.sorted().prefix(25) { try one.run("note", "rm", id) }
        #expect(try one.run("sync").status == 75)
        let withheld = try one.run("sync", "log", "--json").jsonList().last
        #expect(withheld?["withheld"] as? Int == 25 && withheld?["held"] as? Int == 0)
        let told = try one.run("sync", "log").text
        #expect(told.contains("25 deletions made here waited for a yes: webinar sync --yes"), "\(told)")
        #expect(try two.run("sync").status == 0)
        #expect(try two.exported().count == 30)
        #expect(try one.run("sync", "--yes").status == 0)
        try two.add("note", "add", "typed meanwhile")
        #expect(try two.run("sync").status == 75)
        #expect(try two.exported().count == 31)
        #expect(try two.run("status", "--json").json()["held"] as? Int == 25)
        let held = try two.run("sync", "log").text
        #expect(held.contains("25 deletions made elsewhere waited for a yes: webinar sync --yes"), "\(held)")
        #expect(try one.run("sync").status == 0)
        #expect(try one.exported().count == 6, "what was typed meanwhile came through")
        #expect(try two.run("sync", "--yes").status == 0)
        #expect(try two.run("export", "--jsonl").output == one.run("export", "--jsonl").output)
        let log = try two.run("sync", "log", "--json").jsonList()
        #expect(log.last?["deleted"] as? Int == 25 && log.last?["held"] as? Int == 0)
        #expect(log.dropLast().last?["held"] as? Int == 25)
        #expect(try two.run("sync", "log", "--plain").lines.count == log.count)
    }

    @Test func `a notebook that was put back writes under another number, and the log says so`() throws {
        let (notebook, old) = (one.home + "/notebook.sqlite", one.folder + "/old.sqlite")
        try Checkpoint.run(notebook)
        #expect(try one.shell("cp '\(notebook)' '\(old)'").status == 0)
        try one.add("note", "add", "after the backup")
        #expect(try one.run("sync").status == 0)
        try Checkpoint.run(notebook)
        // Into the same file: another one would show by its inode, and the server would have nothing to find out.
        #expect(try one.shell("cp '\(old)' '\(notebook)'").status == 0)
        try one.add("note", "add", "after it was put back")
        let run = try one.run("sync", "--json")
        #expect(try run.json()["new_replica"] as? Bool == true, "\(run.errorText)")
        #expect(try one.run("sync", "log", "--json").jsonList().last?["new_replica"] as? Bool == true)
        let told = try one.run("sync", "log").text
        #expect(told.contains("this copy of the notebook writes under a number of its own since then"), "\(told)")
    }

    @Test func `a sync that failed is in the log`() throws {
        server.kill()
        #expect(try one.run("sync").status == 75)
        let log = try one.run("sync", "log", "--json").jsonList()
        #expect(log.last?["error"] as? String != nil && log.first?["error"] is NSNull)
    }

    private func replica(_ home: WebinarHome) throws -> String {
        try #require(try home.run("status", "--json").json()["replica"] as? String)
    }
}
