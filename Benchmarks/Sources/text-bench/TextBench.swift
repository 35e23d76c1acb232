import EgWalker
import Foundation

/// The rows of docs/benchmarks.md, "Text merging": best processor times, one JSON line each on standard output.
@main
enum TextBench {
    static func main() throws {
        let base = String(ascii(try Traces.sequential("seph-blog1").end).prefix(20_000))
        let only = CommandLine.arguments.dropFirst().first
        if only == nil || only == "notes" { try measureNotes(base: base) }
        if only == "exchange" {
            let note = try ApartNote(base: base, edits: 200, seed: 1)
            for _ in 0..<(Int(CommandLine.arguments.last ?? "") ?? 3000) { _ = try note.exchange() }
        }
        if only == "messages" {
            let trace = try Traces.concurrent("friendsforever")
            var source = TextDocument(agent: 1000, isRepairing: false)
            let frames = try trace.changes.map { change in
                var change = change
                change.spans = Spans.joined(change.spans)
                let before = source.heads
                try source.apply([change])
                return source.encoded(since: before)
            }
            for _ in 0..<(Int(CommandLine.arguments.last ?? "") ?? 60) {
                var document = TextDocument(agent: 2, isRepairing: false)
                for frame in frames { try document.merge(frame) }
            }
        }
        if only == nil || only == "traces" { try measureTraces() }
        if only == nil || only == "words" { try measureWords(base: base, cases: 200) }
        let encoder = JSONEncoder()
        for row in rows { print(String(decoding: try encoder.encode(row), as: UTF8.self)) }
    }
}
