import Foundation
import TestSupport
import Testing

/// `webinar verify` and `--repair`: real commands, a real server over TLS, and bits turned in the real files.
@Suite(.timeLimit(.minutes(5))) struct VerifyTests {
    let server: ServerProcess
    let one: WebinarHome
    let two: WebinarHome
    /// What both hold.
    let exported: Data

    init() throws {
        (one, two) = (try WebinarHome(), try WebinarHome())
        server = ServerProcess(folder: one.folder)
        try server.start()
        for home in [one, two] { #expect(try home.run("device", "link", server.link(home)).status == 0) }
        try one.add("session", "add", "A talk")
        for number in 1...5 { try one.add("note", "add", "the words of note \(number)") }
        let id = try two.add("note", "add", "words of the other device")
        for home in [one, two, one] { #expect(try home.run("sync").status == 0) }
        try one.run("note", "edit", id, "words of the other device, edited")
        for home in [one, two] { #expect(try home.run("sync").status == 0) }
        exported = try one.run("export", "--jsonl").output
        #expect(try two.run("export", "--jsonl").output == exported)
    }

    private var notebook: String { one.home + "/notebook.sqlite" }

    private var serverNotebook: String {
        get throws {
            let folder = server.data + "/notebooks"
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            return try folder + "/" + #require(names.first { $0.hasSuffix(".sqlite") })
        }
    }

    private static let change = "SELECT body FROM changes WHERE version = 4"
    private static let state = "SELECT state FROM records WHERE row = 4"

    private func damageServer(_ count: Int, _ sql: String) throws {
        server.kill()
        try Damage.turn(count, ofValue: sql, in: serverNotebook)
        try server.start()
    }

    private func parts(_ run: WebinarHome.Run) throws -> [String] {
        let findings = try run.json()["findings"] as? [[String: Any]] ?? []
        return findings.compactMap { finding in
            (finding["where"] as? String).flatMap { place in (finding["part"] as? String).map { "\(place) \($0)" } }
        }
    }

    private func expectLevel() throws {
        for home in [one, two] {
            #expect(try home.run("sync", "--json").json()["level"] as? Bool == true)
            #expect(try home.run("doctor").status == 0)
            #expect(try home.run("export", "--jsonl").output == exported)
            let run = try home.run("verify", "--json")
            #expect(run.status == 0, "\(run.text) \(run.errorText)")
            #expect(try run.json()["equal"] as? Bool == true)
        }
    }

    @Test func `equal sides are said to be equal`() throws {
        let run = try one.run("verify")
        #expect(run.status == 0, "\(run.errorText)")
        #expect(run.lines.first?.hasSuffix("ok") == true && run.text.contains("equal"))
        let json = try one.run("verify", "--json").json()
        #expect(json["ok"] as? Bool == true && json["equal"] as? Bool == true)
        #expect(json["unsent"] as? Int == 0 && json["unread"] as? Int == 0)
        try expectLevel()
    }

    @Test func `what waits for a sync is no damage`() throws {
        try one.add("note", "add", "unsent")
        let run = try one.run("verify", "--json")
        #expect(run.status == 0, "\(run.errorText)")
        #expect(try run.json()["equal"] as? Bool == false && run.json()["unsent"] as? Int == 1)
        #expect(try one.run("verify").text.contains("1 change to be sent"))
        #expect(try one.run("status", "--json").json()["unsent"] as? Int == 1, "verifying sends nothing")
    }

    /// One byte is found by its hash; of several the server has the right ones.
    @Test(arguments: [(1, "mended"), (5, "fetched")])
    func `a change with turned bits is healed`(count: Int, key: String) throws {
        try Damage.turn(count, ofValue: Self.change, in: notebook)
        let found = try one.run("verify", "--json")
        #expect(found.status == 74 && found.errorText.contains("webinar verify --repair"))
        #expect(try parts(found).contains("device chain"))
        let repaired = try one.run("verify", "--repair", "--json")
        #expect(repaired.status == 0, "\(repaired.text) \(repaired.errorText)")
        let repairs = try repaired.json()["repaired"] as? [String: Any]
        #expect(repairs?[key] as? Int == 1)
        try expectLevel()
    }

    @Test func `a record with a turned bit is built anew`() throws {
        try Damage.turn(1, ofValue: Self.state, in: notebook)
        let found = try one.run("verify", "--json")
        #expect(found.status == 74)
        #expect(try parts(found).contains("device state") && parts(found).contains("both state"))
        let repaired = try one.run("verify", "--repair", "--json")
        #expect(repaired.status == 0, "\(repaired.text) \(repaired.errorText)")
        #expect(try (repaired.json()["repaired"] as? [String: Any])?["rebuilt"] as? Bool == true)
        try expectLevel()
    }

    @Test func `a change that the server has lost is not served, and healed from a device`() throws {
        try damageServer(5, Self.change)
        let new = try WebinarHome()
        #expect(try new.run("device", "link", server.link(new)).status == 0)
        let refused = try new.run("sync")
        #expect(refused.status == 75 && refused.errorText.contains("webinar verify --repair"))
        #expect(try new.run("log", "--jsonl").lines.isEmpty)
        let found = try two.run("verify", "--json")
        #expect(found.status == 74)
        #expect(try parts(found) == ["server chain"])
        let repaired = try two.run("verify", "--repair", "--json")
        #expect(repaired.status == 0, "\(repaired.text) \(repaired.errorText)")
        #expect(try (repaired.json()["repaired"] as? [String: Any])?["server_healed"] as? Int == 1)
        #expect(try new.run("sync").status == 0)
        #expect(try new.run("export", "--jsonl").output == exported)
        try expectLevel()
    }

    @Test func `a record that the server holds otherwise is built anew there`() throws {
        try damageServer(1, Self.state)
        #expect(try parts(one.run("verify", "--json")) == ["server state"])
        let repaired = try one.run("verify", "--repair")
        #expect(repaired.status == 0, "\(repaired.text) \(repaired.errorText)")
        #expect(repaired.text.contains("The state on the server was built anew from its log."))
        try expectLevel()
    }

    @Test func `both sides may be damaged at once`() throws {
        try Damage.turn(5, ofValue: Self.change, in: notebook)
        try damageServer(5, "SELECT body FROM changes WHERE version = 6")
        #expect(try one.run("verify", "--repair").status == 0)
        try expectLevel()
    }

    @Test func `without a network this device is looked at and repaired, and the rest is said`() throws {
        server.kill()
        let run = try one.run("verify")
        #expect(run.status == 75 && run.text.contains("ok") && run.errorText.contains("no connection"))
        #expect(try one.run("verify", "--local").status == 0)
        try Damage.turn(1, ofValue: Self.state, in: notebook)
        #expect(try one.run("verify").status == 74)
        let repaired = try one.run("verify", "--repair")
        #expect(repaired.status == 75 && repaired.text.contains("The state here was built anew"))
        #expect(try one.run("doctor").status == 0)
        #expect(try one.run("export", "--jsonl").output == exported)
    }

    @Test func `without a server what can be repaired is, and the rest is said`() throws {
        let alone = try WebinarHome()
        for number in 1...5 { try alone.add("note", "add", "the words of note \(number)") }
        let path = alone.home + "/notebook.sqlite"
        #expect(try alone.run("verify").status == 0)
        try Damage.turn(1, ofValue: Self.change, in: path)
        try Damage.turn(1, ofValue: Self.state, in: path)
        #expect(try alone.run("verify", "--repair").status == 0)
        #expect(try alone.run("doctor").status == 0)
        let before = try alone.run("export", "--jsonl").output
        try Damage.turn(4, ofValue: Self.change, in: path)
        let run = try alone.run("verify", "--repair", "--json")
        #expect(run.status == 74 && run.errorText.contains("copy this folder away"))
        #expect(try parts(run).contains("device chain"))
        #expect(try alone.run("export", "--jsonl").output == before)
    }
}
