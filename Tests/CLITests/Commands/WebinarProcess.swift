import Foundation
import Testing

/// Runs the built `webinar` in a home of its own, as a person would.
final class WebinarHome {
    /// What a run printed and how it ended.
    struct Run {
        var output: Data
        var error: Data
        /// The exit status; 128 and the signal for a process that was killed.
        var status: Int32

        var text: String { String(decoding: output, as: UTF8.self) }
        var errorText: String { String(decoding: error, as: UTF8.self) }
        var lines: [String] { text.split(separator: "\n").map(String.init) }

        /// The one JSON value that was printed.
        func json() throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: output) as? [String: Any], "not an object: \(text)")
        }

        func jsonList() throws -> [[String: Any]] {
            try #require(try JSONSerialization.jsonObject(with: output) as? [[String: Any]], "not a list: \(text)")
        }
    }

    let folder: String
    /// `WEBINAR_HOME`; not there yet.
    let home: String
    var environment: [String: String]

    init() throws {
        folder = NSTemporaryDirectory() + "webinar-test-\(UUID().uuidString)"
        home = folder + "/home"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        environment = [
            "WEBINAR_HOME": home, "TZ": "Asia/Manila", "COLUMNS": "80", "TERM": "dumb", "HOME": folder,
            "PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no",
        ]
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// The folder of the commands, beside the test bundle.
    static let products: String = {
        let beside = CommandLine.arguments.filter { $0.contains(".xctest") }.map { argument in
            String(argument[..<(argument.range(of: ".xctest")?.lowerBound ?? argument.endIndex)])
        }.map { ($0 as NSString).deletingLastPathComponent }
        let package = #filePath.components(separatedBy: "/Tests/CLITests/").first ?? "."
        let candidates = beside + ["\(package)/.build/debug"]
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0 + "/webinar") } ?? candidates[0]
    }()

    @discardableResult
    func run(_ arguments: String..., input: Data? = nil) throws -> Run {
        try run(arguments.map { Array($0.utf8) }, input: input)
    }

    /// Runs with arguments that need not be UTF-8.
    func run(_ arguments: [[UInt8]], input: Data? = nil) throws -> Run {
        try spawn(Self.products + "/webinar", [Array("webinar".utf8)] + arguments, input: input)
    }

    /// Runs a shell script with `webinar` on its path.
    func shell(_ script: String, input: Data? = nil) throws -> Run {
        environment["PATH"] = Self.products + ":/usr/bin:/bin"
        return try spawn("/bin/sh", [Array("sh".utf8), Array("-c".utf8), Array(script.utf8)], input: input)
    }

    private func spawn(_ path: String, _ arguments: [[UInt8]], input: Data?) throws -> Run {
        let name = folder + "/" + UUID().uuidString
        defer { for end in [".in", ".out", ".err"] { try? FileManager.default.removeItem(atPath: name + end) } }
        try (input ?? Data()).write(to: URL(fileURLWithPath: name + ".in"))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, name + ".in", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, name + ".out", O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, name + ".err", O_WRONLY | O_CREAT, 0o600)
        let words = arguments.map { strdup($0.map { CChar(bitPattern: $0) } + [0]) } + [nil]
        let settings = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + settings).forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, path, &actions, nil, words, settings)
        try #require(code == 0, "cannot run \(path): \(code)")
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return Run(
            output: try Data(contentsOf: URL(fileURLWithPath: name + ".out")),
            error: try Data(contentsOf: URL(fileURLWithPath: name + ".err")),
            status: signal == 0 ? status >> 8 & 0xFF : 128 + signal
        )
    }

    /// Adds a record and returns its id.
    @discardableResult
    func add(_ arguments: String...) throws -> String {
        let run = try run((arguments + ["--json"]).map { Array($0.utf8) })
        return try #require(try run.json()["id"] as? String, "\(run.errorText)")
    }

    /// The lines of `export --jsonl` by id, without what an import cannot keep.
    func exported() throws -> [String: [String: Any]] {
        let run = try run("export", "--jsonl")
        #expect(run.status == 0, "\(run.errorText)")
        var records: [String: [String: Any]] = [:]
        for line in run.lines {
            var record = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            )
            record["edited"] = nil
            records[try #require(record["id"] as? String)] = record
        }
        return records
    }
}
