import Foundation
import Models
import Store
import Testing

@testable import webinar_cli

/// What docs/cli-json.md promises to scripts.
@Suite struct ContractTests {
    let home: WebinarHome

    init() throws { home = try WebinarHome() }

    @Test func `every add answers with id, handle and schema`() throws {
        let session = try home.add("session", "add", "A talk")
        let note = try home.add("note", "add", "a note", "--session", session)
        for (type, arguments) in [
            ("event", ["event", "add", "A day"]), ("session", ["session", "add", "Another talk"]),
            ("note", ["note", "add", "text", "--session", session]),
            ("highlight", ["highlight", "add", "text", "--session", session, "--from", "12:36", "--to", "13:06"]),
            ("comment", ["comment", "add", note, "text"]),
        ] {
            let object = try home.run((arguments + ["--json"]).map { Array($0.utf8) }).json()
            #expect(object["schema"] as? String == "webinar/1")
            #expect(object["type"] as? String == type)
            let id = try #require(object["id"] as? String)
            #expect(RecordID(id) != nil)
            let handle = try #require(object["handle"] as? String)
            #expect((4...12).contains(handle.count))
            let shown = try home.run(type, "show", handle, "--json").json()
            #expect(shown["id"] as? String == id)
        }
    }

    @Test func `export holds every live record, sorted, with all its fields`() throws {
        let session = try home.add("session", "add", "A talk", "--by", "B", "--by", "A", "--lang", "zh-Hans")
        let note = try home.add(
            "note",
            "add",
            "text",
            "--kind",
            "quote",
            "--speaker",
            "B",
            "--at",
            "12:36",
            "--tag",
            "b",
            "--tag",
            "a"
        )
        let highlight = try home.add("highlight", "add", "span", "--from", "12:36", "--to", "13:06")
        let comment = try home.add("comment", "add", note, "reply")
        let gone = try home.add("note", "add", "deleted")
        try home.run("note", "rm", gone)
        let run = try home.run("export", "--jsonl")
        let ids = try run.lines.map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return try #require(object?["id"] as? String)
        }
        #expect(ids == ids.sorted())
        #expect(Set(ids) == [session, note, highlight, comment])
        let exported = try home.exported()
        #expect(exported[session]?["speakers"] as? [String] == ["A", "B"])
        #expect(exported[session]?["language"] as? String == "zh-Hans")
        let quote = try #require(exported[note])
        #expect(quote["tags"] as? [String] == ["a", "b"])
        #expect(quote["kind"] as? String == "quote")
        #expect(quote["position"] as? Int == 756_000)
        #expect(quote["text"] as? String == "text")
        #expect(quote["session"] as? String == session)
        #expect(quote["zone"] as? String == "Asia/Manila")
        #expect(quote["zone_offset"] as? Int == 480)
        #expect(quote["handle"] == nil && quote["schema"] == nil)
        #expect(exported[highlight]?["from"] as? Int == 756_000)
        #expect(exported[highlight]?["to"] as? Int == 786_000)
        #expect(exported[comment]?["target"] as? String == note)
        #expect(try home.run("export", "--jsonl").output == run.output)
    }

    @Test func `status says where the device stands`() throws {
        let before = try home.run("status", "--json").json()
        #expect(before["unsent"] as? Int == 0)
        try home.add("note", "add", "x")
        let after = try home.run("status", "--json").json()
        #expect(after["unsent"] as? Int == 1)
        #expect(after["cursor"] as? Int == 0)
        #expect(after["conflicts"] as? Int == 0)
        #expect(after["device"] is NSNull && after["server"] is NSNull)
    }

    @Test func `the trash shows the texts it holds`() throws {
        let note = try home.add("note", "add", "thrown away")
        try home.run("note", "rm", note)
        let trash = try home.run("trash", "list", "--json").jsonList()
        #expect(trash.map { $0["text"] as? String } == ["thrown away"])
        #expect(trash.first?["deleted"] is String)
        try home.run("trash", "restore", note)
        #expect(try home.run("trash", "list", "--json").jsonList().isEmpty)
        #expect(try home.exported().keys.sorted() == [note])
    }

    @Test func `tags go on and off many records at once, or off none`() throws {
        let notes = try ["one", "two"].map { try home.add("note", "add", $0) }
        #expect(try home.run("tag", "add", "微博", notes[0], notes[1]).status == 0)
        #expect(try home.run("tag", "add", "half", notes[0], "zzzz").status == 66)
        #expect(try home.exported().values.allSatisfy { $0["tags"] as? [String] == ["微博"] })
        #expect(try home.run("tag", "rm", "微博", notes[0]).status == 0)
        #expect(try home.exported()[notes[0]]?["tags"] as? [String] == [])
    }

    @Test func `texts are kept byte for byte`() throws {
        let texts = ["e\u{301}", "\u{E9}", " blank \n\nlines\r\n", "\u{FEFF}bom", "👩‍👩‍👧", "a\u{1}b", "\"\\/"]
        for text in texts {
            let id = try home.add("note", "add", text)
            #expect(try Array(self.text(of: id).utf8) == Array(text.utf8))
            let piped = try home.run("note", "edit", id, "-", input: Data("\(text)!".utf8))
            #expect(piped.status == 0)
            #expect(try Array(self.text(of: id).utf8) == Array("\(text)!".utf8))
        }
    }

    /// By our own parser: Foundation's takes a byte order mark off a string.
    private func text(of id: String) throws -> String {
        let shown = try JSONParser.parse(home.run("note", "show", id, "--json").output)
        return try #require(shown["text"]?.string)
    }

    @Test func `import brings an export to another home, and again changes nothing`() throws {
        try home.add("event", "add", "A day", "--start", "2013-11-22", "--sponsor", "S")
        let session = try home.add("session", "add", "A talk", "--start", "2013-11-22T14:00", "--late", "12m")
        let note = try home.add("note", "add", "text\n微博", "--at", "12:36", "--tag", "t")
        try home.add("highlight", "add", "span", "--from", "12:36", "--to", "13:06", "--label", "l")
        try home.add("comment", "add", note, "reply")
        let file = home.folder + "/all.jsonl"
        #expect(try home.run("export", "--jsonl", "--out", file).status == 0)
        let other = try WebinarHome()
        let counts = try other.run("import", "--jsonl", file, "--json").json()
        #expect(counts["new"] as? Int == 5)
        let (here, there) = (try home.exported(), try other.exported())
        #expect(NSDictionary(dictionary: here).isEqual(to: there))
        let again = try other.run("import", "--jsonl", file, "--json").json()
        #expect(again["unchanged"] as? Int == 5)
        #expect(try other.run("status", "--json").json()["unsent"] as? Int == 5)
        #expect(try home.run("import", "--jsonl", file, "--json").json()["unchanged"] as? Int == 5)

        let line = #"{"type":"note","id":"\#(note)","text":"text\n微博!","tags":[],"position":null}"#
        let changed = try other.run("import", "--jsonl", "-", "--json", input: Data(line.utf8)).json()
        #expect(changed["changed"] as? Int == 1)
        let kept = try #require(try other.exported()[note])
        #expect(kept["text"] as? String == "text\n微博!")
        #expect(kept["tags"] as? [String] == [])
        #expect(kept["position"] == nil)
        #expect(kept["session"] as? String == session)
    }

    @Test func `a dry run keeps nothing`() throws {
        let line = Data(#"{"type":"note","text":"x"}"#.utf8)
        let run = try home.run("import", "--jsonl", "--dry-run", "-", "--json", input: line)
        #expect(try run.json()["new"] as? Int == 1)
        #expect(try home.exported().isEmpty)
    }

    @Test func `an import brings back what is in the trash`() throws {
        let note = try home.add("note", "add", "x")
        let file = home.folder + "/all.jsonl"
        try home.run("export", "--jsonl", "--out", file)
        try home.run("note", "rm", note)
        #expect(try home.run("import", "--jsonl", file, "--json").json()["changed"] as? Int == 1)
        #expect(try home.exported().keys.sorted() == [note])
        #expect(try home.run("conflict", "list", "--json").jsonList().isEmpty)
    }

    @Test func `the small files are private`() throws {
        try home.add("session", "add", "x")
        for name in ["", "/install", "/current", "/notebook.sqlite", "/notebook.sqlite-wal"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: home.home + name)
            let mode = try #require(attributes[.posixPermissions] as? Int)
            #expect(mode & 0o077 == 0, "\(name): \(String(mode, radix: 8))")
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `the completion script of a shell names the commands`(shell: String) throws {
        let run = try home.run("completion", shell)
        #expect(run.status == 0)
        #expect(run.text.contains("highlight"))
    }

    @Test func `every command has help with an example`() throws {
        for command in [
            "event add", "event list", "event show", "event set", "event rm", "session add", "session list",
            "session show", "session use", "session set", "session rm", "note add", "note list", "note show",
            "note edit", "note set", "note rm", "note history", "note revert", "highlight add", "highlight list",
            "comment add", "comment list", "tag add", "tag rm", "tag list", "tag show", "log", "find", "status",
            "undo", "trash list", "trash restore", "conflict list", "conflict show", "conflict resolve", "doctor",
            "verify",
            "sync", "device link", "device list", "device rename", "device revoke", "export", "import", "completion",
        ] {
            let words = command.split(separator: " ").map { Array($0.utf8) }
            let run = try home.run(words + [Array("--help".utf8)])
            #expect(run.status == 0)
            #expect(run.text.contains("  webinar \(command)"), "\(command): \(run.text)")
        }
        for noun in ["event", "session", "note", "highlight", "comment", "tag", "trash", "conflict", "device"] {
            #expect(try home.run(noun, "--help").text.contains("  webinar \(noun) "), "\(noun)")
        }
    }
}

/// Two copies of a notebook, without a server between them.
@Suite struct CopyTests {
    let home: WebinarHome
    let other: WebinarHome

    init() throws {
        home = try WebinarHome()
        other = try WebinarHome()
    }

    private func replica(_ home: WebinarHome) throws -> String {
        try #require(try home.run("status", "--json").json()["replica"] as? String)
    }

    private func copy(without file: String? = nil) throws {
        try Checkpoint.run(home.home + "/notebook.sqlite")
        try FileManager.default.copyItem(atPath: home.home, toPath: other.home)
        if let file { try FileManager.default.removeItem(atPath: other.home + file) }
    }

    @Test func `a copy without its install file writes under a replica of its own`() throws {
        try home.add("note", "add", "before")
        try copy(without: "/install")
        #expect(try replica(other) == replica(home))
        try other.add("note", "add", "after")
        #expect(try replica(other) != replica(home))
        let taken = try replica(other)
        try other.add("note", "add", "after that")
        #expect(try replica(other) == taken)
        #expect(try other.run("doctor").status == 0)
    }

    /// Hands over the changes of each copy that the other lacks.
    private func exchange() throws {
        let surroundings = Surroundings(now: { 0 }, uptime: { 0 }, random: { 1 })
        let stores = try [home, other].map {
            try NotebookStore(path: $0.home + "/notebook.sqlite", surroundings: surroundings)
        }
        for (from, to) in [(stores[0], stores[1]), (stores[1], stores[0])] {
            for head in try from.read({ try $0.heads() }) {
                let known = try to.read { try $0.head(of: head.replica).sequence }
                guard known < head.sequence else { continue }
                let run = try from.read { try $0.run(of: head.replica, from: known + 1, maximumBytes: 1 << 20) }
                _ = try run.map { run in try to.write { try $0.append(run) } }
            }
        }
        for store in stores { try store.close() }
    }

    private func apart(_ arguments: [String], _ others: [String]) throws {
        #expect(try home.run(arguments.map { Array($0.utf8) }).status == 0)
        #expect(try other.run(others.map { Array($0.utf8) }).status == 0)
        try exchange()
        #expect(try home.run("export", "--jsonl").output == other.run("export", "--jsonl").output)
    }

    private func conflicts(_ home: WebinarHome) throws -> [[String: Any]] {
        try home.run("conflict", "list", "--json").jsonList().flatMap { $0["conflict"] as? [[String: Any]] ?? [] }
    }

    @Test func `a title set apart is a conflict that either side settles for both`() throws {
        let id = try home.add("session", "add", "base")
        try copy(without: "/install")
        try apart(["session", "set", id, "title", "mine"], ["session", "set", id, "title", "yours"])
        for home in [home, other] {
            let conflict = try #require(try conflicts(home).first)
            #expect(conflict["field"] as? String == "title")
            let versions = try #require(conflict["versions"] as? [[String: Any]])
            #expect(Set(versions.compactMap { $0["value"] as? String }) == ["mine", "yours"])
        }
        #expect(try home.run("conflict", "show", id).text.contains("yours"))
        #expect(try home.run("conflict", "resolve", id, "--take", "3").status == 64)
        #expect(try home.run("conflict", "resolve", id, "--value", "ours").status == 0)
        try exchange()
        for home in [home, other] {
            #expect(try conflicts(home).isEmpty)
            #expect(try home.exported()[id]?["title"] as? String == "ours")
        }
    }

    @Test func `taking a version settles a register`() throws {
        let id = try home.add("session", "add", "base")
        try copy(without: "/install")
        try apart(["session", "set", id, "title", "mine"], ["session", "set", id, "title", "yours"])
        let versions = try #require(try conflicts(home).first?["versions"] as? [[String: Any]])
        let second = try #require(versions[1]["value"] as? String)
        #expect(try home.run("conflict", "resolve", id, "--take", "2").status == 0)
        #expect(try home.exported()[id]?["title"] as? String == second)
        #expect(try conflicts(home).isEmpty)
    }

    @Test(arguments: [1, 2])
    func `a passage changed apart keeps all words until one version is taken`(number: Int) throws {
        let note = try home.add("note", "add", "Networks:\nSina Weibo, Renren, Tencent\nThe end stays.")
        try copy(without: "/install")
        let mine = "Networks:\nSina Weibo (wei=micro, bo=blog), Renren, Tencent\nThe end stays."
        let yours = "Social networks:\nSina Weibo, Renren, Tencent, Douban\nThe end stays."
        try apart(["note", "edit", note, mine], ["note", "edit", note, yours])
        let merged = try #require(try home.exported()[note]?["text"] as? String)
        for word in ["wei=micro", "Douban", "Social", "stays"] { #expect(merged.contains(word), "\(merged)") }
        let found = try conflicts(home)
        let conflict = try #require(found.first, "\(merged)")
        #expect(conflict["field"] as? String == "text")
        #expect(conflict["base"] as? String != nil)
        let versions = try #require(conflict["versions"] as? [[String: Any]])
        let wanted = try #require(versions[number - 1]["value"] as? String)
        let unwanted = try #require(versions[2 - number]["value"] as? String)
        guard found.count == 1 else { return }
        let run = try home.run("conflict", "resolve", note, "--take", "\(number)")
        #expect(run.status == 0, "\(run.errorText)")
        let settled = try #require(try home.exported()[note]?["text"] as? String)
        #expect(settled.contains(wanted.trimmingCharacters(in: .whitespacesAndNewlines)), "\(settled)")
        #expect(!settled.contains(unwanted.trimmingCharacters(in: .whitespacesAndNewlines)), "\(settled)")
        #expect(settled.hasPrefix("Social networks:") && settled.hasSuffix("The end stays."), "\(settled)")
        #expect(try conflicts(home).isEmpty)
        try exchange()
        #expect(try conflicts(other).isEmpty)
        #expect(try home.run("export", "--jsonl").output == other.run("export", "--jsonl").output)
    }

    @Test func `a text in conflict can be kept as it reads, or written anew`() throws {
        let note = try home.add("note", "add", "one two three")
        try copy(without: "/install")
        try apart(["note", "edit", note, "one zwei three"], ["note", "edit", note, "one deux three"])
        #expect(try !conflicts(home).isEmpty)
        #expect(try home.run("conflict", "resolve", note, "--take", "both").status == 0)
        #expect(try conflicts(home).isEmpty)
        #expect(try other.run("conflict", "resolve", note, "--text", "one 2 three").status == 0)
        #expect(try other.exported()[note]?["text"] as? String == "one 2 three")
    }

    @Test(arguments: ["--keep", "--delete"])
    func `what one side deletes and the other edits comes back, to be kept or deleted`(choice: String) throws {
        let note = try home.add("note", "add", "one")
        try copy(without: "/install")
        try apart(["note", "rm", note], ["note", "edit", note, "one two"])
        for home in [home, other] {
            #expect(try conflicts(home).map { $0["field"] as? String } == ["returned"])
            #expect(try home.exported()[note]?["text"] as? String == "one two")
        }
        #expect(try home.run("conflict", "resolve", note, "--take", "1").status == 64)
        #expect(try home.run("conflict", "resolve", note, choice).status == 0)
        try exchange()
        for home in [home, other] {
            #expect(try conflicts(home).isEmpty)
            #expect(try home.exported().keys.contains(note) == (choice == "--keep"))
        }
    }

    @Test func `undo takes back one's own words and leaves those of others`() throws {
        let note = try home.add("note", "add", "one two three four five")
        try copy(without: "/install")
        try apart(
            ["note", "edit", note, "one ONE two three four five"],
            ["note", "edit", note, "one two three four five six"]
        )
        #expect(try home.run("undo").status == 0)
        #expect(try home.exported()[note]?["text"] as? String == "one two three four five six")
    }

    @Test func `undo leaves a field that was set again elsewhere`() throws {
        let id = try home.add("session", "add", "base")
        try copy(without: "/install")
        try home.run("session", "set", id, "link", "mine")
        try exchange()
        try other.run("session", "set", id, "link", "yours")
        try exchange()
        let undone = try home.run("undo", "--json").json()
        #expect(undone["undone"] as? Bool == false)
        #expect(try home.exported()[id]?["link"] as? String == "yours")
    }
}
