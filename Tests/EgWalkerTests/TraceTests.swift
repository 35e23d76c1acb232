import Testing

@testable import EgWalker

/// Recorded editing histories, each of which must end in its recorded text.
@Suite struct TraceTests {
    /// Smaller ones first; a debug build stops before the long ones.
    static let sequentialNames = [
        "friendsforever_flat", "json-crdt-blog-post", "json-crdt-patch", "sveltecomponent", "rustcode", "seph-blog1",
        "automerge-paper", "egwalker-paper_S3",
    ][..<Int(amount(8, inDebug: 4).upperBound)]

    @Test(arguments: sequentialNames)
    func `a history without branches replays to its text, also through its bytes`(name: String) throws {
        let trace = try Traces.sequential(name)
        var changes: [TextChange] = []
        // Hundreds of transactions to a save, so that the graph has some nodes and the test some speed.
        for start in stride(from: 0, to: trace.spans.count, by: 500) {
            changes.append(
                TextChange(
                    id: ChangeID(agent: 1, sequence: UInt64(changes.count + 1)),
                    parents: changes.last.map { [$0.id] } ?? [],
                    spans: Array(trace.spans[start..<min(start + 500, trace.spans.count)].joined())
                )
            )
        }
        var document = TextDocument(agent: 1)
        #expect(try document.apply(changes) == [])
        #expect(isSame(document.text, trace.end))
        let read = try TextDocument(agent: 2, decoding: document.encoded())
        #expect(isSame(read.text, trace.end))
        for change in changes.prefix(3) {
            #expect(try SpanCodec.decode(SpanCodec.encode(change.spans)) == change.spans)
        }
        // At a version in the middle, the plain splicing of what came before.
        let middle = changes.count / 20
        var plain: [Unicode.Scalar] = []
        for change in changes[...middle] { plain = try Traces.need(splicing(change.spans, into: plain)) }
        #expect(isSame(try read.text(at: [changes[middle].id]), string(of: plain)))
    }

    @Test(arguments: ["friendsforever", "node_nodecc"])
    func `a history with branches merges to its text, also through its bytes`(name: String) throws {
        let trace = try Traces.concurrent(name)
        var document = TextDocument(agent: 1000, isRepairing: false)
        #expect(try document.apply(trace.changes) == [])
        #expect(isSame(document.text, trace.end))
        let read = try TextDocument(agent: 1001, decoding: document.encoded(), isRepairing: false)
        #expect(isSame(read.text, trace.end))
    }

    @Test(arguments: amount(40, inDebug: 2))
    func `cut at any version, the text there and the rest give the whole`(seed: UInt64) throws {
        var random = Seeded(seed)
        let trace = try Traces.concurrent("friendsforever")
        let cut = random.below(trace.changes.count)
        var document = TextDocument(agent: 1000, isRepairing: false)
        try document.apply(Array(trace.changes[..<cut]))
        var rest = trace.changes[cut...]
        while !rest.isEmpty {
            let count = min(rest.count, 1 + random.below(1500))
            try document.apply(rest.prefix(count).shuffled(using: &random))
            rest = rest.dropFirst(count)
        }
        #expect(isSame(document.text, trace.end), "seed \(seed)")
    }
}
