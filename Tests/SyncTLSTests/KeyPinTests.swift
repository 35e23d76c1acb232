import Digest
import Testing

@testable import SyncTLS

@Suite struct KeyPinTests {
    static let pin = KeyPin(subjectPublicKeyInfo: Array("a key".utf8))

    @Test func `every text form reads back`() {
        let pin = Self.pin
        for text in [pin.base32, pin.base32.lowercased(), pin.grouped, pin.base64, pin.curlPin, "\(pin)"] {
            #expect(KeyPin(text) == pin, "\(text)")
        }
        #expect(KeyPin(" \(pin.grouped.dropLast(10))\r\n\t  \(pin.grouped.suffix(10))\n") == pin)
    }

    @Test func `the grouped form is 13 groups of four`() {
        let groups = Self.pin.grouped.split(separator: "-")
        #expect(groups.count == 13)
        #expect(groups.allSatisfy { $0.count == 4 })
        #expect(groups.joined() == Self.pin.base32)
    }

    @Test func `what is no pin is refused`() {
        let pin = Self.pin
        let notZero = String(pin.base32.dropLast()) + "B"
        for text in [
            "", "A", String(pin.base32.dropLast()), pin.base32 + "A", pin.base32.replacing("A", with: "1") + "1",
            notZero, String(pin.base64.dropFirst()), "sha256//", "sha256//" + pin.base32, pin.base64 + "=",
            pin.base64.dropLast(2) + "/=", "ü" + pin.base32,
        ] {
            #expect(KeyPin(text) == nil, "\(text)")
        }
    }

    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", "", ""), ("f", "MY", "Zg=="), ("fo", "MZXQ", "Zm8="), ("foo", "MZXW6", "Zm9v"),
        ("foob", "MZXW6YQ", "Zm9vYg=="), ("fooba", "MZXW6YTB", "Zm9vYmE="), ("foobar", "MZXW6YTBOI", "Zm9vYmFy"),
    ])
    func `base 32 and base 64 are those of the standard`(text: String, base32: String, base64: String) {
        let bytes = Array(text.utf8)
        #expect(Base32.encode(bytes) == base32)
        #expect(Base32.decode(base32.utf8) == bytes)
        #expect(Base64.encode(bytes) == base64)
        #expect(Base64.decode(base64) == bytes)
    }
}
