import Deflate
import Testing

@testable import EgWalker

@Suite struct TextDocumentTests {
    @Test(arguments: 0..<UInt64(60))
    func `changes in any order, any number of times, by frame or one by one, give one text`(seed: UInt64) throws {
        var random = Seeded(seed)
        var replicas = [Replica(agent: 5), Replica(agent: 3), Replica(agent: 9)]
        for _ in 0..<25 {
            let one = random.below(3)
            if random.chance(70) {
                try replicas[one].edit(&random)
            } else {
                try replicas[one].receive(replicas[random.below(3)].changes)
            }
        }
        try replicas[0].receive(replicas[1].changes)
        try replicas[0].receive(replicas[2].changes)
        let all = replicas[0]

        var shuffled = TextDocument(agent: 100)
        try shuffled.apply((all.changes + all.changes.prefix(5)).shuffled(using: &random))
        #expect(isSame(shuffled.text, all.text), "seed \(seed)")
        #expect(shuffled.heads == all.heads)
        #expect(shuffled.waitingCount == 0)

        var single = TextDocument(agent: 101)
        for change in all.changes.shuffled(using: &random) { try single.apply([change]) }
        #expect(isSame(single.text, all.text), "seed \(seed)")

        let bytes = shuffled.encoded { Deflate.deflate($0) }
        let read = try TextDocument(agent: 102, decoding: bytes) {
            try Deflate.inflate($0, maximumBytes: $1, maximumRatio: 1032)
        }
        #expect(isSame(read.text, all.text), "seed \(seed)")
        #expect(Set(try read.changes(since: [])) == Set(all.changes))

        // What another replica lacks, as a frame.
        var behind = TextDocument(agent: 103)
        try behind.apply(Array(all.changes.prefix(all.changes.count / 2)))
        try behind.merge(read.encoded(since: behind.heads))
        #expect(isSame(behind.text, all.text), "seed \(seed)")
    }

    @Test func `the text at each version is what its author saw`() throws {
        var document = TextDocument(agent: 1)
        var seen: [(ChangeID, String)] = []
        for text in ["one", "one two", "two", "", "three 中"] {
            if let change = try document.setText(text) { seen.append((change.id, text)) }
        }
        for (id, text) in seen { #expect(try document.text(at: [id]) == text) }
        #expect(try document.text(at: []) == "")
    }

    @Test func `spans that do not fit are refused, and nothing changes`() throws {
        var document = TextDocument(agent: 1)
        try document.setText("abc")
        for span: TextSpan in [
            .insert(at: 4, text: "x"), .insert(at: -1, text: "x"), .delete(at: 1, count: 3), .delete(at: 0, count: -1),
            .delete(at: .max, count: .max),
        ] {
            #expect(throws: TextError.outOfBounds(ChangeID(agent: 1, sequence: 2))) { try document.edit([span]) }
        }
        #expect(document.text == "abc" && document.changeCount == 1)
    }

    @Test func `a received change that does not fit counts as empty everywhere, what follows it does not`() throws {
        let first = TextChange(id: ChangeID(agent: 1, sequence: 1), parents: [], spans: [.insert(at: 0, text: "abc")])
        let bad = TextChange(
            id: ChangeID(agent: 2, sequence: 1),
            parents: [first.id],
            spans: [.insert(at: 0, text: "x"), .delete(at: 2, count: 9)]
        )
        let after = TextChange(
            id: ChangeID(agent: 2, sequence: 2),
            parents: [bad.id],
            spans: [.insert(at: 3, text: "d")]
        )
        let beside = TextChange(
            id: ChangeID(agent: 3, sequence: 1),
            parents: [first.id],
            spans: [.delete(at: 0, count: 1)]
        )
        var texts: Set<String> = []
        for order in [[first, bad, after, beside], [first, beside, bad, after], [after, beside, bad, first]] {
            var document = TextDocument(agent: 9)
            var misfits: [ChangeID] = []
            for change in order { misfits += try document.apply([change]) }
            #expect(misfits == [bad.id])
            texts.insert(document.text)
            let read = try TextDocument(agent: 9, decoding: document.encoded())
            texts.insert(read.text)
        }
        #expect(texts == ["bcd"])
    }

    @Test func `two contents under one name are refused`() throws {
        var document = TextDocument(agent: 1)
        let id = ChangeID(agent: 2, sequence: 1)
        try document.apply([TextChange(id: id, parents: [], spans: [.insert(at: 0, text: "a")])])
        #expect(throws: TextError.forked(id)) {
            try document.apply([TextChange(id: id, parents: [], spans: [.insert(at: 0, text: "b")])])
        }
        #expect(document.text == "a")
    }

    @Test func `parents of which one is in the other's past are refused`() throws {
        var document = TextDocument(agent: 1)
        try document.setText("a")
        try document.setText("a b")
        let change = TextChange(
            id: ChangeID(agent: 2, sequence: 1),
            parents: [ChangeID(agent: 1, sequence: 1), ChangeID(agent: 1, sequence: 2)],
            spans: []
        )
        #expect(throws: TextError.parentsNotMinimal(change.id)) { try document.apply([change]) }
    }

    @Test(arguments: 0..<UInt64(4))
    func `any truncation or changed byte of a frame is an error`(seed: UInt64) throws {
        var random = Seeded(seed)
        var replica = Replica(agent: 4)
        for _ in 0..<8 { try replica.edit(&random) }
        var document = TextDocument(agent: 1)
        try document.apply(replica.changes)
        let bytes = document.encoded()
        for cut in 0..<bytes.count {
            #expect(throws: TextCodingError.self) { try TextDocument(agent: 2, decoding: Array(bytes[..<cut])) }
        }
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1 << UInt8(random.below(8))
            #expect(throws: TextCodingError.self) { try TextDocument(agent: 2, decoding: changed) }
        }
    }

    /// The checksum keeps chance out; this is what stands behind it.
    @Test(arguments: 0..<UInt64(40))
    func `columns with any bytes end with changes or an error`(seed: UInt64) throws {
        var random = Seeded(seed)
        var replica = Replica(agent: 4)
        for _ in 0..<8 { try replica.edit(&random) }
        var document = TextDocument(agent: 1)
        try document.apply(replica.changes)
        let columns = try FrameFormat.unpack(document.encoded(), inflating: nil)
        let paths: [WritableKeyPath<FrameFormat.Columns, [UInt8]>] = [\.ids, \.graph, \.counts, \.operations, \.text]
        for path in paths {
            for place in columns[keyPath: path].indices {
                var changed = columns
                changed[keyPath: path][place] = UInt8(truncatingIfNeeded: random.next())
                let bytes = FrameFormat.pack(changed, deflating: nil)
                // Nothing to expect but that it ends: other bytes may well be other changes.
                _ = try? TextDocument(agent: 2, decoding: bytes)
            }
        }
    }
}
