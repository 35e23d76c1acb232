import Foundation
import Testing

@testable import EgWalker

/// Histories that were played through the Loro library. `Scripts/test-text-against-loro.sh` makes them and names their
/// file in `EGWALKER_LORO`; without it there is nothing to test.
@Suite(.enabled(if: historiesPath != nil)) struct LoroTests {
    struct History {
        var seed: Int
        var changes: [TextChange]
        var texts: [(version: [ChangeID], text: String)]
    }

    @Test func `the slow model with the Fugue rule shows at every version what Loro shows`() throws {
        var counts = (histories: 0, texts: 0, differing: 0)
        for history in try Self.histories() {
            let fugue = SlowModel(history.changes, rule: .fugue)
            let fugueMax = SlowModel(history.changes)
            let (graph, _) = try graph(of: history.changes)
            let numbers = Dictionary(uniqueKeysWithValues: graph.ids.enumerated().map { ($1, Int32($0)) })
            for (version, text) in history.texts {
                #expect(
                    isSame(fugue.text(at: version, isRepairing: false), text),
                    "seed \(history.seed), version \(version)"
                )
                let maximum = fugueMax.text(at: version, isRepairing: false)
                let locals = try version.map { try Traces.need(numbers[$0]) }.sorted()
                #expect(
                    isSame(graph.text(at: locals, isRepairing: false), maximum),
                    "the engine, seed \(history.seed), version \(version)"
                )
                counts.texts += 1
                if !isSame(maximum, text) { counts.differing += 1 }
            }
            counts.histories += 1
        }
        print(
            "\(counts.histories) histories, \(counts.texts) texts; in \(counts.differing) FugueMax gives another text"
        )
        #expect(counts.texts > 0)
    }

    private static func histories() throws -> [History] {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: historiesPath ?? ""))
        return try bytes.split(separator: UInt8(ascii: "\n")).map { line in
            let object = try Traces.need(try JSONSerialization.jsonObject(with: line) as? [String: Any])
            return History(
                seed: try Traces.need(object["seed"] as? Int),
                changes: try Traces.need(object["changes"] as? [[Any]]).map(change),
                texts: try Traces.need(object["texts"] as? [[Any]]).map {
                    (try version($0[0]), try Traces.need($0[1] as? String))
                }
            )
        }
    }

    private static func change(_ fields: [Any]) throws -> TextChange {
        TextChange(
            id: try id(Array(fields[..<2])),
            parents: try version(fields[2]),
            spans: try Traces.need(fields[3] as? [[Any]]).flatMap(Traces.spans)
        )
    }

    private static func version(_ names: Any) throws -> [ChangeID] {
        try Traces.need(names as? [[Any]]).map(id).sorted()
    }

    private static func id(_ name: [Any]) throws -> ChangeID {
        let numbers = try Traces.need(name as? [Int])
        return ChangeID(agent: UInt64(numbers[0]), sequence: UInt64(numbers[1]))
    }
}

private let historiesPath = ProcessInfo.processInfo.environment["EGWALKER_LORO"]
