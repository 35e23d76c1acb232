import Testing

@testable import EgWalker

/// The random sessions of three agents from eg-walker-reference, with the FugueMax answer.
@Suite struct ConformanceTests {
    @Test func `a whole replay of each case gives its text`() throws {
        for one in try Conformance.cases() {
            let (graph, heads) = try graph(of: one.changes)
            let text = graph.wholeText(at: heads, isRepairing: false)
            #expect(text == one.end, "case \(one.index)")
        }
    }

    @Test func `so does any order that puts parents first, and any order at all`() throws {
        var random = Seeded(7)
        for one in try Conformance.cases() where one.index % 4 == 0 || one.index == 621 {
            let shuffled = one.changes.shuffled(using: &random)
            let (graph, heads) = try graph(of: parentsFirst(shuffled))
            #expect(graph.wholeText(at: heads, isRepairing: false) == one.end, "case \(one.index)")
            var document = TextDocument(agent: 9, isRepairing: false)
            try document.apply(shuffled)
            #expect(document.text == one.end && document.waitingCount == 0, "case \(one.index)")
        }
    }

    @Test func `so does a text at some version and a partial replay of the rest`() throws {
        var random = Seeded(8)
        for one in try Conformance.cases() where one.index % 4 == 1 || one.index == 621 {
            var document = TextDocument(agent: 9, isRepairing: false)
            var rest = one.changes[...]
            while !rest.isEmpty {
                let count = min(rest.count, 1 + random.below(12))
                try document.apply(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(document.text == one.end, "case \(one.index)")
        }
    }

    @Test func `the slow model agrees, with either rule`() throws {
        for one in try Conformance.cases() where one.index % 40 == 0 || one.index == 621 {
            let heads = try graph(of: one.changes)
            let version = heads.heads.map { heads.graph.ids[Int($0)] }
            #expect(SlowModel(one.changes).text(at: version, isRepairing: false) == one.end, "case \(one.index)")
            #expect(
                SlowModel(one.changes, rule: .fugue).text(at: version, isRepairing: false) == one.fugueEnd,
                "case \(one.index)"
            )
        }
    }

    private func parentsFirst(_ changes: [TextChange]) -> [TextChange] {
        var ordered: [TextChange] = []
        var known: Set<ChangeID> = []
        var left = changes
        while !left.isEmpty {
            var later: [TextChange] = []
            for change in left {
                if change.parents.allSatisfy(known.contains) {
                    known.insert(change.id)
                    ordered.append(change)
                } else {
                    later.append(change)
                }
            }
            left = later
        }
        return ordered
    }
}
