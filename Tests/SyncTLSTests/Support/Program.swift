import Foundation
import Glibc

/// A program of the machine, run as a process: OpenSSL's own and curl, to show that we speak as others do.
struct Program: Sendable {
    struct Output: Sendable {
        let status: Int32
        let text: String
    }

    /// Runs a program to its end and gives all it printed. It gets `input` and then the end of its input.
    static func run(_ name: String, _ arguments: [String], input: String = "") async throws -> Output {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try runBlocking(name, arguments, input: input) })
            }
        }
    }

    private static func runBlocking(_ name: String, _ arguments: [String], input: String) throws -> Output {
        let running = try RunningProgram(name, arguments)
        try running.send(input)
        try running.endInput()
        let text = running.readToEnd()
        return Output(status: running.wait(), text: text)
    }
}

/// A program while it runs.
///
/// `@unchecked Sendable`: a test hands it from one task to the next and never uses it from two at once.
final class RunningProgram: @unchecked Sendable {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var seen = ""

    init(_ name: String, _ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [name] + arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        // A hanging program must not hang the tests.
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(20)) { [weak self] in
            self?.kill()
        }
    }

    /// By SIGKILL: a process inherits the blocked signals of the thread that made it, and the threads that run tests
    /// block SIGTERM.
    private func kill() {
        if process.isRunning {
            _ = Glibc.kill(process.processIdentifier, SIGKILL)
        }
    }

    func send(_ text: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    }

    func endInput() throws {
        try input.fileHandleForWriting.close()
    }

    func readToEnd() -> String {
        seen += String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        return seen
    }

    /// Reads until `marker` and the end of its line have been printed, or the output ends.
    func read(past marker: String) -> String {
        while true {
            if let range = seen.range(of: marker), seen[range.upperBound...].contains("\n") { return seen }
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { return seen }
            seen += String(decoding: data, as: UTF8.self)
        }
    }

    func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    func stop() {
        kill()
        process.waitUntilExit()
    }
}

/// A folder of its own for a test's files, removed at the end.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "sync-tls-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func path(_ name: String) -> String {
        url.appending(path: name).path
    }

    func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: url.appending(path: name))
        return path(name)
    }
}
