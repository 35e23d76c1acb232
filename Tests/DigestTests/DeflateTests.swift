import Deflate
import Testing

@Suite struct DeflateTests {
    static let sentence = "What a listener types is on disk before the prompt returns. "
    static let text = Array(String(repeating: sentence, count: 40).utf8)

    /// Named, so that a test report does not list their bytes.
    enum Sample: CaseIterable {
        case empty, oneByte, text, zeros, noise

        var bytes: [UInt8] {
            switch self {
            case .empty: []
            case .oneByte: [0]
            case .text: DeflateTests.text
            case .zeros: [UInt8](repeating: 0, count: 200_000)
            case .noise: (0..<70_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
            }
        }
    }

    @Test(arguments: Sample.allCases, [0, 1, 6, 9])
    func `what was deflated comes back`(sample: Sample, level: Int) throws {
        let bytes = sample.bytes
        let deflated = Deflate.deflate(bytes, level: level)
        #expect(try Deflate.inflate(deflated, maximumBytes: bytes.count, maximumRatio: 2000) == bytes)
    }

    @Test func `the format is zlib's`() throws {
        // Python: zlib.compress(b"hello").
        let hello: [UInt8] = [
            0x78, 0x9c, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x06, 0x2c, 0x02, 0x15,
        ]
        #expect(Deflate.deflate(Array("hello".utf8)) == hello)
        #expect(try Deflate.inflate(hello, maximumBytes: 5, maximumRatio: 1) == Array("hello".utf8))
    }

    @Test func `a stream cut anywhere is truncated`() {
        let deflated = Deflate.deflate(Self.text)
        for count in deflated.indices {
            #expect(throws: InflateError.truncated) {
                try Deflate.inflate(Array(deflated[..<count]), maximumBytes: 10_000, maximumRatio: 2000)
            }
        }
    }

    @Test func `bytes after the end are refused`() {
        let deflated = Deflate.deflate(Self.text)
        #expect(throws: InflateError.trailingBytes(count: 3)) {
            try Deflate.inflate(deflated + [1, 2, 3], maximumBytes: 10_000, maximumRatio: 2000)
        }
    }

    @Test func `a flipped bit is noticed or harmless`() {
        let deflated = Deflate.deflate(Self.text)
        for index in deflated.indices {
            for bit in 0..<8 {
                var damaged = deflated
                damaged[index] ^= 1 << bit
                let inflated = try? Deflate.inflate(damaged, maximumBytes: 10_000, maximumRatio: 2000)
                // A few bits carry nothing: hints in the header, padding before the checksum.
                let isHarmless = inflated == nil || inflated == Self.text
                #expect(isHarmless, "byte \(index), bit \(bit)")
            }
        }
    }

    @Test func `what is not deflated is corrupt`() {
        #expect(throws: InflateError.corrupt) {
            try Deflate.inflate(Self.text, maximumBytes: 10_000, maximumRatio: 2000)
        }
    }

    @Test func `a preset dictionary is refused`() {
        // CMF 0x78, FLG 0xbb: FDICT set; then a dictionary identifier (RFC 1950, section 2.2).
        #expect(throws: InflateError.needsDictionary) {
            try Deflate.inflate([0x78, 0xbb, 0, 0, 0, 1], maximumBytes: 10_000, maximumRatio: 2000)
        }
    }

    @Test func `one byte over the size is refused`() throws {
        let deflated = Deflate.deflate(Self.text)
        let count = Self.text.count
        #expect(try Deflate.inflate(deflated, maximumBytes: count, maximumRatio: 2000).count == count)
        #expect(throws: InflateError.tooManyBytes(maximum: count - 1)) {
            try Deflate.inflate(deflated, maximumBytes: count - 1, maximumRatio: 2000)
        }
    }

    @Test func `a bomb is refused before it has unfolded`() {
        let bomb = Deflate.deflate([UInt8](repeating: 0, count: 50_000_000), level: 9)
        #expect(throws: InflateError.ratioTooHigh(maximum: 100)) {
            try Deflate.inflate(bomb, maximumBytes: .max, maximumRatio: 100)
        }
        #expect(throws: InflateError.tooManyBytes(maximum: 1_000_000)) {
            try Deflate.inflate(bomb, maximumBytes: 1_000_000, maximumRatio: .max)
        }
    }
}
