import Digest
import Testing

@Suite struct SHA256Tests {
    /// From FIPS 180-4's examples (NIST, "SHA256.pdf"), and the empty message.
    static let vectors: [(message: String, hex: String)] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ]

    @Test(arguments: vectors)
    func `the published examples come out`(message: String, hex: String) {
        let bytes = [UInt8](message.utf8)
        #expect(SHA256.hash(bytes).hex == hex)
        #expect(SHA256.hash(message.utf8).hex == hex)
        #expect(SHA256.hash(bytes[...]).hex == hex)
        #expect(SHA256.hash(bytes.span.bytes).hex == hex)
        #expect(SHA256.hash(bytes.lazy.map { $0 }).hex == hex)
        #expect(bytes.withUnsafeBytes { SHA256.hash($0) }.hex == hex)
        #expect("\(SHA256.hash(bytes))" == hex)
    }

    @Test func `pieces give the hash of the whole, wherever they are cut`() {
        let bytes = (0..<150).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let whole = SHA256.hash(bytes)
        let hasher = SHA256Hasher()
        for cut in 0...bytes.count {
            hasher.update(bytes[..<cut])
            hasher.update([])
            hasher.update([UInt8](bytes[cut...]))
            #expect(hasher.finalize() == whole, "cut at \(cut)")
        }
        #expect(hasher.finalize() == SHA256.hash([UInt8]()))
    }

    @Test func `hashing inside an unfinished hash disturbs neither`() {
        let outer = SHA256Hasher()
        outer.update(Array("a".utf8))
        let inner = SHA256.hash(Array("abc".utf8))
        outer.update(Array("bc".utf8))
        #expect(outer.finalize() == inner)
    }

    @Test func `many threads hash at once`() async {
        let expected = SHA256.hash([UInt8](repeating: 3, count: 300))
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    (0..<500).allSatisfy { _ in SHA256.hash([UInt8](repeating: 3, count: 300)) == expected }
                }
            }
            for await isEqual in group {
                #expect(isEqual)
            }
        }
    }
}

@Suite struct SHA256DigestTests {
    @Test func `a digest is 32 bytes and gives them back`() throws {
        let bytes = [UInt8](0..<32)
        let digest = try #require(SHA256Digest(bytes: bytes))
        #expect(digest.bytes == bytes)
        #expect(digest.withUnsafeBytes { [UInt8]($0) } == bytes)
        #expect(digest == SHA256Digest(bytes: bytes.lazy.map { $0 }))
        #expect(digest.hex == "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
        #expect(MemoryLayout<SHA256Digest>.size == 32)
    }

    @Test(arguments: [0, 1, 31, 33, 64])
    func `another number of bytes is no digest`(count: Int) {
        #expect(SHA256Digest(bytes: [UInt8](repeating: 0, count: count)) == nil)
    }

    @Test func `digests are ordered as their bytes are`() throws {
        for index in 0..<32 {
            var low = [UInt8](repeating: 1, count: 32)
            var high = low
            low[index] = 0x7f
            high[index] = 0x80
            // What follows the first difference does not count.
            for later in index..<32 where later > index {
                low[later] = 0xff
            }
            let lower = try #require(SHA256Digest(bytes: low))
            let higher = try #require(SHA256Digest(bytes: high))
            #expect(lower < higher)
            #expect(!(higher < lower))
            #expect(lower != higher)
        }
    }
}
