import Digest
import Testing

@Suite struct SecretsTests {
    /// RFC 4231, sections 4.2 (case 1), 4.3 (case 2), 4.7 (case 6: a key longer than a block).
    static let vectors: [(key: [UInt8], message: String, hex: String)] = [
        (
            [UInt8](repeating: 0x0b, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        ([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ]

    @Test(arguments: vectors)
    func `the published HMAC examples come out`(key: [UInt8], message: String, hex: String) {
        #expect(hmacSHA256(key: key, message: Array(message.utf8)).hex == hex)
    }

    @Test func `secrets are equal only if all their bytes are`() throws {
        let secret = RandomBytes.bytes(32)
        #expect(constantTimeEquals(secret, secret))
        #expect(constantTimeEquals([], []))
        #expect(!constantTimeEquals(secret, Array(secret.dropLast())))
        let digest = try #require(SHA256Digest(bytes: secret))
        #expect(constantTimeEquals(digest, digest))
        for index in secret.indices {
            var other = secret
            other[index] ^= 0x10
            #expect(!constantTimeEquals(secret, other))
            #expect(!constantTimeEquals(digest, try #require(SHA256Digest(bytes: other))))
        }
    }

    @Test(arguments: [0, 1, 16, 1000])
    func `random bytes are as many as asked for and never the same`(count: Int) {
        let bytes = RandomBytes.bytes(count)
        #expect(bytes.count == count)
        if count >= 16 {
            #expect(bytes != RandomBytes.bytes(count))
        }
    }

    @Test func `random numbers do not repeat`() {
        let numbers = Set((0..<1000).map { _ in RandomBytes.uint64() })
        #expect(numbers.count == 1000)
    }
}
