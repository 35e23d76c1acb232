import Testing

@testable import EgWalker

/// The questions about versions that diamond-types asks of its graphs. A graph here has a node for each event.
@Suite struct CausalGraphTests {
    /// Event n is node n + 1; the root, -1 there, is node 0.
    private func graph(_ line: [String: Any]) throws -> EventGraph {
        var graph = EventGraph()
        for entry in try Traces.need(line["hist"] as? [[String: Any]]) {
            let span = try Traces.need(entry["span"] as? [Int])
            var parents = try numbers(entry["parents"])
            for event in span[0]..<span[1] {
                let id = ChangeID(agent: 1, sequence: UInt64(event))
                parents = [graph.close(id, parents: parents.sorted(), flags: [], sourceEnd: 0)]
            }
        }
        return graph
    }

    private func numbers(_ events: Any?) throws -> [Int32] { try Traces.need(events as? [Int]).map { Int32($0 + 1) } }

    /// Ranges, latest first, as single nodes.
    private func nodes(_ ranges: Any?) throws -> [Int32] {
        try Traces.need(ranges as? [[Int]]).flatMap { range in (range[0]..<range[1]).reversed().map { Int32($0 + 1) } }
    }

    private func version(_ events: Any?) throws -> [Int32] {
        let numbers = try numbers(events)
        return numbers.isEmpty ? [0] : numbers
    }

    @Test func `the difference of two versions`() throws {
        for line in try Traces.lines("causal-graph/diff.jsonl") {
            let graph = try graph(line)
            let (left, right) = graph.difference(try version(line["a"]), try version(line["b"]))
            #expect(try left == nodes(line["expect_a"]) && right == nodes(line["expect_b"]), "\(line)")
        }
    }

    @Test func `whether a version has a change in its past`() throws {
        for line in try Traces.lines("causal-graph/version_contains.jsonl") {
            let graph = try graph(line)
            let target = Int32(try Traces.need(line["target"] as? Int) + 1)
            let contains = graph.contains(target, in: try version(line["frontier"]))
            #expect(contains == (line["expected"] as? Bool), "\(line)")
        }
    }

    /// The files may name a start of several heads; ours is the latest single change at or before it. Everything they
    /// would look at, we do.
    @Test func `where a replay of two versions may start`() throws {
        for line in try Traces.lines("causal-graph/conflicting.jsonl") {
            let graph = try graph(line)
            let (left, right) = (try version(line["a"]), try version(line["b"]))
            let (start, following) = graph.start(of: left + right)
            let common = try version(line["expect_common"])
            if common.count == 1 { #expect(start == common[0], "\(line)") }
            #expect(graph.contains(start, in: common), "\(line)")
            var expected: Set<Int32> = []
            for entry in try Traces.need(line["expect_spans"] as? [[Any]]) {
                let range = try Traces.need(entry.first as? [String: Int])
                let (first, end) = (try Traces.need(range["start"]), try Traces.need(range["end"]))
                expected.formUnion((first..<end).map { Int32($0 + 1) })
            }
            #expect(expected.isSubset(of: following), "\(line)")
            for node in following { #expect(graph.contains(start, in: [node]), "\(line)") }
        }
    }
}
