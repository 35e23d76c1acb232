import Foundation
import Testing

/// Every kind of bad input ends in one clear message and the right status, and never in a trap.
@Suite struct BadInputTests {
    let home: WebinarHome

    init() throws { home = try WebinarHome() }

    private func expect(
        _ status: Int32,
        _ run: WebinarHome.Run,
        says text: String,
        location: SourceLocation = #_sourceLocation
    ) {
        #expect(run.status == status, "\(run.errorText)", sourceLocation: location)
        #expect(run.errorText.contains(text), "\(run.errorText)", sourceLocation: location)
        #expect(run.errorText.hasPrefix("webinar: error: "), "\(run.errorText)", sourceLocation: location)
        #expect(run.errorText.contains("webinar: hint: "), "\(run.errorText)", sourceLocation: location)
        #expect(!run.errorText.contains("Fatal"), "\(run.errorText)", sourceLocation: location)
    }

    @Test func `a text of ten megabytes is kept, one byte more is refused`() throws {
        let text = Data(repeating: UInt8(ascii: "x"), count: 10_000_000)
        let kept = try home.run("note", "add", "-", input: text)
        #expect(kept.status == 0, "\(kept.errorText)")
        let refused = try home.run("note", "add", "-", input: text + [UInt8(ascii: "x")])
        expect(65, refused, says: "longer than 10000000 bytes")
        #expect(try home.exported().count == 1)
    }

    @Test func `a title or tag that is too long is refused`() throws {
        let long = String(repeating: "长", count: 30_000)
        expect(65, try home.run("session", "add", long), says: "longer than 65536 bytes")
        expect(65, try home.run("note", "add", "x", "--tag", String(repeating: "t", count: 1025)), says: "1024")
        let id = try home.add("session", "add", "A talk")
        expect(65, try home.run("session", "set", id, "link", long), says: "longer than 65536 bytes")
    }

    @Test func `an unknown id is not found, whatever it looks like`() throws {
        for name in ["zzzz", "01a1fc3c-9177-7fe2-8d05-324828369c3e", "../..", "é", "0000000000000000", " "] {
            expect(66, try home.run("note", "show", name), says: "here")
            expect(66, try home.run("note", "edit", name, "text"), says: "here")
            expect(66, try home.run("tag", "add", "t", name), says: "here")
            expect(66, try home.run("trash", "restore", name), says: "here")
            expect(66, try home.run("comment", "add", name, "text"), says: "here")
        }
    }

    @Test func `an ambiguous handle lists what it can mean`() throws {
        let lines = (1...2).map { number in
            #"{"id":"01931f3c-0000-7000-8000-00000000000\#(number)","type":"note","text":"note \#(number)"}"#
        }
        let input = Data(lines.joined(separator: "\n").utf8)
        #expect(try home.run("import", "--jsonl", "-", input: input).status == 0)
        let run = try home.run("note", "show", "0000")
        expect(66, run, says: "`0000` can mean 2 records")
        #expect(run.errorText.contains("note 1") && run.errorText.contains("note 2"), "\(run.errorText)")
    }

    @Test func `arguments that are not UTF-8 are refused and not replaced`() throws {
        for words in [["note", "add"], ["session", "add"], ["find"], []] {
            let arguments = words.map { Array($0.utf8) } + [[0x63, 0xFF, 0x63]]
            expect(65, try home.run(arguments), says: "not valid UTF-8")
        }
        #expect(!FileManager.default.fileExists(atPath: home.home))
    }

    @Test func `a folder that cannot be made is named`() throws {
        home.environment["WEBINAR_HOME"] = "/proc/webinar"
        expect(73, try home.run("note", "add", "x"), says: "/proc/webinar")
        home.environment["WEBINAR_HOME"] = "/dev/null/webinar"
        expect(73, try home.run("note", "add", "x"), says: "/dev/null/webinar")
        home.environment["WEBINAR_HOME"] = "/dev/null"
        expect(73, try home.run("note", "add", "x"), says: "/dev/null")
    }

    @Test func `without a home there is no folder to guess`() throws {
        home.environment["WEBINAR_HOME"] = nil
        home.environment["HOME"] = nil
        expect(78, try home.run("note", "add", "x"), says: "WEBINAR_HOME")
    }

    @Test func `a read-only folder is said and nothing else happens`() throws {
        #expect(try home.run("note", "add", "x").status == 0)
        // Root may write anywhere, so the database is in the way of its own log.
        let log = home.home + "/notebook.sqlite-wal"
        try? FileManager.default.removeItem(atPath: log)
        try? FileManager.default.removeItem(atPath: home.home + "/notebook.sqlite-shm")
        try FileManager.default.createDirectory(atPath: log, withIntermediateDirectories: true)
        expect(73, try home.run("note", "add", "y"), says: "cannot be written")
    }

    @Test func `a full disk is said, and what was saved is safe`() throws {
        let id = try home.add("note", "add", "saved before")
        // A limit on the size of files stands for a full disk.
        let text = String(repeating: "word ", count: 20_000)
        let run = try home.shell("ulimit -f 64; webinar note add \"\(text)\"")
        expect(74, run, says: "everything saved before is safe")
        #expect(try home.exported().keys.sorted() == [id])
        #expect(try home.run("doctor").status == 0)
    }

    @Test func `a full output is an error, not a short file`() throws {
        try home.add("note", "add", "x")
        let run = try home.shell("webinar export --jsonl > /dev/full")
        expect(74, run, says: "cannot write the output")
        let file = try home.run("export", "--jsonl", "--out", "/proc/notes.jsonl")
        expect(73, file, says: "/proc/notes.jsonl")
    }

    @Test func `a database of a newer program is refused unharmed`() throws {
        try home.add("note", "add", "x")
        let path = home.home + "/notebook.sqlite"
        // `PRAGMA user_version` stands at byte 60 of the file, once the log is copied into it.
        try Checkpoint.run(path)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes.replaceSubrange(60..<64, with: [0, 0, 0, 99])
        try bytes.write(to: URL(fileURLWithPath: path))
        for arguments in [["log"], ["note", "add", "y"], ["doctor"], ["export", "--jsonl"]] {
            expect(76, try home.run(arguments.map { Array($0.utf8) }), says: "newer webinar")
        }
        // What it holds is untouched: a program that knows its form finds everything.
        try Checkpoint.run(path)
        bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(Array(bytes[60..<64]) == [0, 0, 0, 99])
        bytes.replaceSubrange(60..<64, with: [0, 0, 0, 1])
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(try home.exported().count == 1)
        #expect(try home.run("doctor").status == 0)
    }

    @Test func `a file that is no database is said to be damaged and left alone`() throws {
        try FileManager.default.createDirectory(atPath: home.home, withIntermediateDirectories: true)
        let path = home.home + "/notebook.sqlite"
        let bytes = Data("this is not a database, however long it may be. ".utf8) + Data(repeating: 65, count: 8192)
        try bytes.write(to: URL(fileURLWithPath: path))
        for arguments in [["log"], ["note", "add", "y"], ["doctor"], ["status"]] {
            expect(74, try home.run(arguments.map { Array($0.utf8) }), says: "damaged")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6])
    func `a database with a damaged page never traps`(page: Int) throws {
        for number in 1...30 { try home.add("note", "add", "note \(number)") }
        let path = home.home + "/notebook.sqlite"
        try Checkpoint.run(path)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let start = min(page * 4096, bytes.count - 4096)
        for index in start..<start + 4096 { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
        try bytes.write(to: URL(fileURLWithPath: path))
        let commands = [["doctor"], ["note", "list", "--all"], ["export", "--jsonl"], ["note", "add", "y"]]
        for arguments in commands + [["verify"], ["verify", "--repair"]] {
            let run = try home.run(arguments.map { Array($0.utf8) })
            #expect([0, 74].contains(run.status), "\(arguments): \(run.status) \(run.errorText)")
        }
        #expect(try home.run("doctor").status == 74)
    }

    @Test(arguments: [
        "", "{}", "[]", "null", "{", #"{"type":"note"}"#, #"{"type":"poem","text":"x"}"#, #"{"type":"device"}"#,
        #"{"type":"note","text":5}"#, #"{"type":"note","text":"x","id":"k7qf"}"#, #"{"type":"note","text":"a\u0000b"}"#,
        #"{"type":"note","text":"x","tags":"t"}"#, #"{"type":"note","text":"x","tags":[1]}"#,
        #"{"type":"note","text":"x","position":"noon"}"#, #"{"type":"note","text":"x","captured":"yesterday"}"#,
        #"{"type":"note","text":"x","session":"zzzz"}"#, #"{"type":"note","text":"x","schema":"webinar/2"}"#,
        #"{"type":"note","text":"x","text":"y"}"#, #"{"type":"note","text":"\ud800"}"#, "\u{FEFF}{}",
    ])
    func `a bad line is named and nothing of the file is kept`(line: String) throws {
        let good = #"{"type":"note","text":"good"}"#
        let input = Data("\(good)\n\(good)\n\(line)\n\(good)\n".utf8)
        let run = try home.run("import", "--jsonl", "-", input: input)
        if line.isEmpty {
            #expect(run.status == 0)
        } else {
            expect(65, run, says: "line 3: ")
            #expect(try home.exported().isEmpty)
        }
    }

    @Test func `a line that is no UTF-8 is named`() throws {
        let input = Data(#"{"type":"note","text":""#.utf8) + [0xFF] + Data("\"}\n".utf8)
        expect(65, try home.run("import", "--jsonl", "-", input: input), says: "line 1: not valid UTF-8")
    }

    @Test func `what comes from elsewhere cannot command the terminal`() throws {
        let evil = "\u{1B}]0;owned\u{7}\u{1B}[2J\u{202E}rtl"
        let line = try JSONSerialization.data(withJSONObject: ["type": "session", "title": evil, "tags": [evil]])
        let session = try home.run("import", "--jsonl", "-", input: line)
        #expect(session.status == 0)
        let id = try #require(try home.exported().keys.first)
        try home.add("note", "add", evil, "--session", id, "--tag", evil)
        for arguments in [
            ["log", id], ["session", "list"], ["session", "show", id], ["tag", "list"], ["find", "owned"], ["status"],
            ["export", "--jsonl"], ["log", id, "--json"], ["session", "use", id], ["tag", "add", evil, id],
        ] {
            let run = try home.run(arguments.map { Array($0.utf8) })
            #expect(run.status == 0, "\(arguments): \(run.errorText)")
            #expect(!run.text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" || $0 == "\u{7}" })
        }
    }

    @Test func `hostile numbers are shown and never trap`() throws {
        let numbers = ["9223372036854775807", "-9223372036854775808", "0", "-1"]
        let lines = numbers.map { number in
            #"{"type":"session","title":"t","starts":\#(number),"duration":\#(number),"join_offset":\#(number),"zone":"../../etc"}"#
        }
        let input = Data(lines.joined(separator: "\n").utf8)
        #expect(try home.run("import", "--jsonl", "-", input: input).status == 0)
        for id in try home.exported().keys {
            for number in numbers {
                let entry =
                    #"{"type":"highlight","session":"\#(id)","from":\#(number),"to":\#(numbers[0]),"captured":\#(number),"zone_offset":\#(number)}"#
                #expect(try home.run("import", "--jsonl", "-", input: Data(entry.utf8)).status == 0)
            }
            for arguments in [["log", id], ["session", "show", id], ["session", "list"], ["export", "--jsonl"]] {
                #expect(try home.run(arguments.map { Array($0.utf8) }).status == 0)
            }
            let note = try home.run("note", "add", "x", "--at", "@14:12", "--session", id)
            #expect(note.status == 0, "\(note.errorText)")
        }
        for record in try home.exported() where record.value["type"] as? String == "highlight" {
            #expect(try home.run("highlight", "show", record.key).status == 0)
        }
    }
}
