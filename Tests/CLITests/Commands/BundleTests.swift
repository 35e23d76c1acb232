import Foundation
import Testing

/// `webinar sync --bundle FILE` as two people use it: real homes, a real file.
@Suite struct BundleTests {
    let home: WebinarHome
    let other: WebinarHome
    private var file: String { home.folder + "/notes.bundle" }

    init() throws { (home, other) = (try WebinarHome(), try WebinarHome()) }

    @Test func `a file that goes to and fro makes two devices equal`() throws {
        let session = try home.add("session", "add", "A talk")
        #expect(try sync(home)["written"] as? Bool == true)
        let first = try sync(other)
        #expect(first["joined"] as? Bool == true)
        #expect(first["received"] as? Int ?? 0 > 0)
        try other.add("note", "add", "from the other", "--session", session)
        try home.add("note", "add", "from home", "--session", session)
        for home in [other, home, other] { _ = try sync(home) }
        #expect(try home.run("export", "--jsonl").output == other.run("export", "--jsonl").output)
        let last = try sync(home)
        #expect(last["level"] as? Bool == true && last["written"] as? Bool == false)
        #expect(last["received"] as? Int == 0)
        for home in [home, other] { #expect(try home.run("doctor").status == 0) }
    }

    @Test func `two notebooks that both hold something are one only after a join`() throws {
        try home.add("note", "add", "one")
        try other.add("note", "add", "two")
        _ = try sync(home)
        let before = try Data(contentsOf: URL(fileURLWithPath: file))
        let refused = try other.run("sync", "--bundle", file)
        #expect(refused.status == 65)
        #expect(refused.errorText.contains("--join"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
        #expect(try other.run("sync", "--bundle", file, "--join").status == 0)
        _ = try sync(home)
        #expect(try home.exported().count == 2)
        #expect(try home.exported().keys == other.exported().keys)
    }

    @Test func `a file that is cut, damaged or none of ours is refused and left as it is`() throws {
        try home.add("note", "add", "one")
        _ = try sync(home)
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        var turned = whole
        turned[turned.count / 2] ^= 0x10
        for bytes in [whole.dropLast(), turned, whole + [0], Data("a letter".utf8), Data()] {
            try bytes.write(to: URL(fileURLWithPath: file))
            let run = try other.run("sync", "--bundle", file)
            #expect(run.status == 65, "\(run.errorText)")
            #expect(run.errorText.contains("nothing of it was taken in"))
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == bytes)
        }
        #expect(try other.exported().isEmpty)
    }

    @Test func `a file that cannot be written is an error, and what it held is here`() throws {
        try home.add("note", "add", "one")
        _ = try sync(home)
        #expect(try other.run("sync", "--bundle", home.folder + "/no/such/folder").status == 73)
        #expect(try other.run("sync", "--bundle", home.folder).status == 65)
        #expect(try other.run("sync", "--join").status == 64)
        #expect(try other.run("sync", "--bundle", file, "--connect", "localhost:1").status == 64)
    }

    @Test func `a file keeps its mode to its owner, and leaves nothing beside it`() throws {
        try home.add("note", "add", "one")
        _ = try sync(home)
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let files = try FileManager.default.contentsOfDirectory(atPath: home.folder)
        #expect(files.filter { $0.hasPrefix("notes") } == ["notes.bundle"])
    }

    private func sync(_ home: WebinarHome) throws -> [String: Any] {
        let run = try home.run("sync", "--bundle", file, "--json")
        #expect(run.status == 0, "\(run.errorText)")
        return try run.json()
    }
}
