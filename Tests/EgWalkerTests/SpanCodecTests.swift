import EgWalker
import Testing

@Suite struct SpanCodecTests {
    private static func randomSpans(_ random: inout Seeded) -> [TextSpan] {
        (0..<random.below(8)).map { _ in
            random.chance(50)
                ? .delete(at: random.below(random.chance(10) ? 1 << 28 : 300), count: 1 + random.below(200))
                : .insert(at: random.below(300), text: randomText(&random, pieces: 1 + random.below(9)))
        }
    }

    @Test(arguments: 0..<UInt64(200))
    func `spans come back from their bytes`(seed: UInt64) throws {
        var random = Seeded(seed)
        let spans = Self.randomSpans(&random)
        #expect(try SpanCodec.decode(SpanCodec.encode(spans)) == spans)
    }

    @Test(arguments: 0..<UInt64(100))
    func `whatever the bytes are, decoding ends, and what it accepts has no other form`(seed: UInt64) {
        var random = Seeded(seed)
        let bytes = SpanCodec.encode(Self.randomSpans(&random))
        for cut in 0..<bytes.count { check(Array(bytes[..<cut])) }
        for place in bytes.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF, UInt8(truncatingIfNeeded: random.next())] {
                var changed = bytes
                changed[place] = value
                check(changed)
            }
        }
        check((0..<random.below(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    }

    private func check(_ bytes: [UInt8]) {
        guard let spans = try? SpanCodec.decode(bytes) else { return }
        #expect(SpanCodec.encode(spans) == bytes)
    }

    @Test func `errors name what is wrong`() {
        #expect(throws: TextCodingError.truncated) { try SpanCodec.decode([]) }
        #expect(throws: TextCodingError.varintNotCanonical) { try SpanCodec.decode([0x80, 0]) }
        #expect(throws: TextCodingError.invalidText) { try SpanCodec.decode([2, 2, 0, 0xFF]) }
        #expect(throws: TextCodingError.trailingBytes) { try SpanCodec.decode([0, 0x61]) }
        #expect(throws: TextCodingError.outOfRange) { try SpanCodec.decode([2, 3, 1]) }
    }

    @Test func `spans with the same look and other scalars are not equal`() {
        #expect(TextSpan.insert(at: 0, text: "\u{E9}") != .insert(at: 0, text: "e\u{301}"))
    }
}
