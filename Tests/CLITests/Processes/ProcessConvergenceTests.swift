import Foundation
import TestSupport
import Testing

/// Three devices and a server as processes of their own: saves and syncs drawn from a seed, killed in the middle
/// as a power cut would. At the end everybody holds the same, and every acknowledged word is there.
///
/// `WEBINAR_PROCESS_SEEDS=N` plays N histories, `WEBINAR_PROCESS_STEPS=N` makes them N steps long.
@Suite(.serialized) struct ProcessConvergenceTests {
    static let seeds = (1...(TestEnvironment.number("WEBINAR_PROCESS_SEEDS") ?? 2)).map { UInt64($0) }
    static let stepCount = TestEnvironment.number("WEBINAR_PROCESS_STEPS") ?? 60

    @Test(arguments: seeds)
    func `devices and server converge through kills of either`(seed: UInt64) throws {
        var history = try ProcessHistory(seed: seed)
        for _ in 0..<Self.stepCount { try history.step() }
        try history.settle()
    }
}

/// One history of real processes.
struct ProcessHistory {
    private let seed: UInt64
    private var chance: Chance
    private let server: ServerProcess
    private var devices: [WebinarHome]
    private var session = ""
    private var wordCount = 0
    /// The words of every save that ended with 0.
    private var typed: Set<String> = []
    private var events: [String] = []

    init(seed: UInt64) throws {
        self.seed = seed
        chance = Chance(seed: seed)
        devices = try (0..<3).map { _ in try WebinarHome() }
        server = ServerProcess(folder: devices[0].folder)
        try server.start()
        for number in devices.indices { try link(number) }
        session = try devices[0].add("session", "add", newWord(isTyped: true))
        for number in [0, 1, 2] { try sync(number) }
    }

    private mutating func newWord(isTyped: Bool = false) -> String {
        wordCount += 1
        let word = "word\(wordCount)x"
        if isTyped { typed.insert(word) }
        return word
    }

    private func link(_ number: Int) throws {
        let link = try server.link(devices[number])
        let run = try devices[number].run("device", "link", "-", "--name", "device \(number)", input: Data(link.utf8))
        #expect(run.status == 0, "seed \(seed): \(run.errorText)")
    }

    private func sync(_ number: Int) throws {
        let run = try devices[number].run("sync")
        #expect(run.status == 0, "seed \(seed): \(run.errorText)\n\(events.joined(separator: "\n"))")
    }

    // MARK: Steps

    mutating func step() throws {
        let number = chance.below(devices.count)
        switch chance.below(20) {
        case ..<5: try save(number, ["note", "add", "--session", session, "Heard \(newWord()) here."])
        case ..<7:
            try save(number, ["highlight", "add", "--session", session, "--from", "12:36", "Keep \(newWord())."])
        case ..<12: try edit(number)
        case 12: try save(number, ["tag", "add", newWord(), try pickID(number)])
        case 13: try save(number, ["\(try pickNoun(number) ?? "note")", "rm", lastPicked])
        case ..<18: try syncSomehow(number)
        default: try killServerDuringSync(number)
        }
    }

    private var lastPicked = ""
    private var records: [[String: Any]] = []

    /// The live notes and highlights of a device.
    private mutating func look(_ number: Int) throws {
        let run = try devices[number].run("export", "--jsonl")
        #expect(run.status == 0, "seed \(seed): \(run.errorText)")
        records = try run.lines.compactMap {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }.filter { ["note", "highlight"].contains($0["type"] as? String) }
    }

    private mutating func pickID(_ number: Int) throws -> String {
        try look(number)
        return chance.pick(records)?["id"] as? String ?? session
    }

    private mutating func pickNoun(_ number: Int) throws -> String? {
        try look(number)
        let record = chance.pick(records)
        lastPicked = record?["id"] as? String ?? "none"
        return record?["type"] as? String
    }

    /// Puts a new word somewhere into a text as this device has it.
    private mutating func edit(_ number: Int) throws {
        guard let noun = try pickNoun(number),
            let text = records.first(where: { $0["id"] as? String == lastPicked })?["text"] as? String
        else { return }
        var words = text.components(separatedBy: " ")
        words.insert(newWord(), at: chance.below(words.count + 1))
        try save(number, [noun, "edit", lastPicked, words.joined(separator: " ")])
    }

    /// One command; now and then it is killed a few milliseconds after it began.
    private mutating func save(_ number: Int, _ words: [String]) throws {
        let run =
            chance.oneIn(6)
            ? try killed(number, words, afterMilliseconds: chance.below(60))
            : try devices[number].run(words.map { Array($0.utf8) })
        events.append("\(number): \(words.joined(separator: " ")) -> \(run.status)")
        let word = "word\(wordCount)x"
        if run.status == 0, words.contains(where: { $0.contains(word) }) { typed.insert(word) }
        // 66: there was nothing to change; 137: killed; 124: it ended just before the kill.
        #expect([0, 66, 124, 137].contains(run.status), "seed \(seed): \(run.errorText)\n\(events.suffix(5))")
    }

    private func killed(_ number: Int, _ words: [String], afterMilliseconds: Int) throws -> WebinarHome.Run {
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        let seconds = String(format: "%.3f", Double(afterMilliseconds + 1) / 1000)
        return try devices[number].shell("exec timeout --foreground -s KILL \(seconds) webinar \(quoted)")
    }

    private mutating func syncSomehow(_ number: Int) throws {
        guard chance.oneIn(3) else {
            events.append("\(number): sync")
            return try sync(number)
        }
        let run = try killed(number, ["sync"], afterMilliseconds: chance.below(150))
        events.append("\(number): sync, killed -> \(run.status)")
    }

    /// The server dies somewhere in a sync, and comes back.
    private mutating func killServerDuringSync(_ number: Int) throws {
        // Where in the sync the kill lands is up to the machine; nothing waits for it to be over.
        let delay = "0.0\(chance.below(90) + 10)"
        let run = try devices[number].shell(
            "webinar sync & timeout \(delay) tail -f /dev/null; kill -9 \(server.pid); wait $!"
        )
        server.kill()
        try server.start()
        events.append("\(number): sync, server killed after \(delay) -> \(run.status)")
        #expect([0, 75].contains(run.status), "seed \(seed): \(run.errorText)")
    }

    // MARK: The end

    /// The kills stop: two syncs each, with nothing done by hand, and all are equal.
    mutating func settle() throws {
        for _ in 0..<2 { for number in devices.indices { try sync(number) } }
        devices.append(try WebinarHome())
        try link(3)
        try sync(3)
        // The new device's name is one more change for the others.
        for number in devices.indices { try sync(number) }
        let exports = try devices.map { try $0.run("export", "--jsonl") }
        for (number, export) in exports.enumerated() {
            #expect(export.status == 0)
            #expect(export.output == exports[0].output, "seed \(seed): device \(number) differs from device 0")
            #expect(try devices[number].run("doctor").status == 0, "seed \(seed): device \(number)")
            let status = try devices[number].run("status", "--json").json()
            #expect(status["unsent"] as? Int == 0, "seed \(seed): device \(number)")
        }
        let kept = try devices.map { device in
            try ["export --jsonl", "trash list --json", "conflict list --json"].map {
                try device.shell("webinar \($0)").text
            }
            .joined()
        }
        for (number, text) in kept.enumerated() {
            let lost = typed.filter { !text.contains($0) }.sorted()
            #expect(lost.isEmpty, "seed \(seed): device \(number) lost \(lost)\n\(events.joined(separator: "\n"))")
        }
        #expect(typed.count > 10, "seed \(seed): the history typed \(typed.count) words")
        server.kill()
    }
}
