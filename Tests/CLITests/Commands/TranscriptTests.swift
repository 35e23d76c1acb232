import Foundation
import Testing

/// What a person types and reads: `Tests/CLITests/Transcripts/*.txt`.
///
/// A line `$ command` is run by the shell, all of a file in one shell and one empty home; the lines up to the next
/// command are what it prints, standard error included, and `[66]` its status if that is not 0. A variable of four
/// letters (`$ wech=$(webinar note add … --json | handle)`) holds a handle, and stands for it in the output.
@Suite struct TranscriptTests {
    static let folder = #filePath.components(separatedBy: "/Commands/")[0] + "/Transcripts"

    static let names: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .filter { $0.hasSuffix(".txt") }.sorted()

    @Test func `the transcripts are found`() {
        #expect(Self.names.count > 3)
    }

    @Test(arguments: names)
    func `a transcript reads as it is written`(name: String) throws {
        let text = try String(contentsOfFile: Self.folder + "/" + name, encoding: .utf8)
        let steps = Self.steps(text)
        let printed = try Self.play(steps.map(\.command))
        for (step, output) in zip(steps, printed) where step.output != output {
            Issue.record(
                """
                \(name), line \(step.line): $ \(step.command)
                --- written
                \(step.output.joined(separator: "\n"))
                --- printed
                \(output.joined(separator: "\n"))
                """
            )
        }
    }

    struct Step {
        var line: Int
        var command: String
        var output: [String]
    }

    static func steps(_ text: String) -> [Step] {
        var steps: [Step] = []
        for (index, line) in text.components(separatedBy: "\n").enumerated() where !line.hasPrefix("#") {
            if line.hasPrefix("$ ") {
                steps.append(Step(line: index + 1, command: String(line.dropFirst(2)), output: []))
            } else if !steps.isEmpty {
                steps[steps.count - 1].output.append(line)
            }
        }
        // Empty lines between a command's output and the next command are for the reader.
        return steps.map { step in
            var step = step
            while step.output.last == "" { step.output.removeLast() }
            return step
        }
    }

    private static func play(_ commands: [String]) throws -> [[String]] {
        let home = try WebinarHome()
        let names = commands.compactMap { command in
            command.prefixMatch(of: #/([a-z]{4})=\$\(/#).map { String($0.1) }
        }
        var script = #"handle() { sed -n 's/.*"handle":"\([^"]*\)".*/\1/p' | head -n 1; }"# + "\nexec 2>&1\n"
        for command in commands { script += "\(command)\nprintf '\\n\\001%s\\n' \"$?\"\n" }
        for name in names { script += "printf '\\002%s=%s\\n' \(name) \"$\(name)\"\n" }
        let run = try home.shell("cd \"$HOME\" && \n" + script)
        var handles: [String: String] = [:]
        var outputs: [[String]] = [[]]
        for line in run.text.components(separatedBy: "\n") {
            if line.hasPrefix("\u{1}") {
                let status = line.dropFirst()
                while outputs[outputs.count - 1].last == "" { outputs[outputs.count - 1].removeLast() }
                if status != "0" { outputs[outputs.count - 1].append("[\(status)]") }
                outputs.append([])
            } else if line.hasPrefix("\u{2}") {
                let parts = line.dropFirst().split(separator: "=")
                if parts.count == 2 { handles[String(parts[1])] = String(parts[0]) }
            } else {
                outputs[outputs.count - 1].append(line)
            }
        }
        return outputs.dropLast().map { $0.map { normalised($0, handles) } }
    }

    /// Takes out what differs from run to run: handles, ids and the time of day.
    private static func normalised(_ line: String, _ handles: [String: String]) -> String {
        var line = line
        line.replace(#/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/#, with: "<id>")
        line.replace(#/(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ \w{3} 20[2-9]\d \d\d:\d\d [+-]\d\d:\d\d */#, with: "<time> ")
        line.replace(#/20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/#, with: "<time>")
        for (handle, name) in handles { line = line.replacingOccurrences(of: handle, with: name) }
        while line.last == " " { line.removeLast() }
        return line
    }
}
