import EgWalker

/// The conformance cases: random sessions of three agents, cut into changes where a parent points into a span.
enum Conformance {
    struct Case: Sendable {
        var index: Int
        var changes: [TextChange]
        var end: String
        /// What the Fugue rule gives; the same but for case 621.
        var fugueEnd: String
    }

    static func cases() throws -> [Case] {
        let all = try Traces.need(try Traces.json("conformance/conformance-000-699.json.gz") as? [[String: Any]])
        let other = try Traces.need(try Traces.json("conformance/case-621-by-rule.json") as? [String: Any])
        let index = try Traces.need(other["index"] as? Int)
        let maximum = try Traces.need(other["endContentFugueMax"] as? String)
        return try all.enumerated().map { place, source in
            let fugue = try Traces.need(source["endContent"] as? String)
            return Case(
                index: place,
                changes: try changes(try Traces.need(source["txns"] as? [[String: Any]])),
                end: place == index ? maximum : fugue,
                fugueEnd: fugue
            )
        }
    }

    private static func changes(_ transactions: [[String: Any]]) throws -> [TextChange] {
        var cuts: Set<Int> = []
        for transaction in transactions {
            for parent in try Traces.need(transaction["parents"] as? [Int]) { cuts.insert(parent + 1) }
        }
        var changes: [TextChange] = []
        var idByLastEvent: [Int: ChangeID] = [:]
        let agents: [String: UInt64] = ["a": 1, "b": 2, "c": 3]
        for transaction in transactions {
            let span = try Traces.need(transaction["span"] as? [Int])
            let agent = try Traces.need(agents[try Traces.need(transaction["agent"] as? String)])
            let sequence = try Traces.need(transaction["seqStart"] as? Int)
            let events = try events(try Traces.need(transaction["ops"] as? [[Any]]))
            var parents = try Traces.need(transaction["parents"] as? [Int])
                .map { try Traces.need(idByLastEvent[$0]) }.sorted()
            var start = span[0]
            for end in span[0] + 1...span[1] where end == span[1] || cuts.contains(end) {
                let id = ChangeID(agent: agent, sequence: UInt64(sequence + start - span[0]))
                changes.append(
                    TextChange(id: id, parents: parents, spans: Array(events[start - span[0]..<end - span[0]]))
                )
                idByLastEvent[end - 1] = id
                parents = [id]
                start = end
            }
        }
        return changes
    }

    /// One span for each event.
    private static func events(_ operations: [[Any]]) throws -> [TextSpan] {
        var events: [TextSpan] = []
        for operation in operations {
            for span in try Traces.spans(operation) {
                switch span {
                case .delete(let at, let count):
                    events += Array(repeating: .delete(at: at, count: 1), count: count)
                case .insert(let at, let text):
                    for (offset, scalar) in text.unicodeScalars.enumerated() {
                        events.append(.insert(at: at + offset, text: String(scalar)))
                    }
                }
            }
        }
        return events
    }
}
