import Models
import Testing

@Suite struct LinkTextTests {
    static let link =
        "WEBINAR:DESK.EXAMPLE.ORG:8443/ADSUH6QELKZV5ODPQIHGL3IPE45ILUC5MZXNDVCQP7F57M2CIHHA"
        + "/DE5S5TY4DRI472D3ZEYRKOBT24"

    @Test func `a link is read and written back`() throws {
        let link = try LinkText(Self.link)
        #expect(link.address.description == "desk.example.org:8443")
        #expect(link.pin.count == 32)
        #expect(link.secret.count == 16)
        #expect(link.description == Self.link)
    }

    @Test(arguments: [
        "webinar:desk.example.org:8443/adsuh6qelkzv5odpqihgl3ipe45iluc5mzxndvcqp7f57m2cihha/de5s5ty4dri472d3zeyrkobt24",
        " WEBINAR:DESK.EXAMPLE.ORG:8443/ADSUH6QELKZV5ODPQIHGL3IPE45ILUC5MZXNDVCQP7F57M2C\n  IHHA/DE5S5TY4DRI472D3ZEYRKOBT24\r\n",
        "WEBINAR:DESK.EXAMPLE.ORG:8443/\u{00A0}ADSUH6QELKZV5ODPQIHGL3IPE45ILUC5MZXNDVCQP7F57M2CIHHA/\tDE5S5TY4DRI472D3ZEYRKOBT24",
    ])
    func `case and white space do not matter`(text: String) throws {
        #expect(try LinkText(text) == LinkText(Self.link))
    }

    @Test(arguments: ["127.0.0.1:1", "[::1]:65535", "[fe80::1]:8443", "a:80", "xn--bcher-kva.example:443"])
    func `every kind of address is carried`(address: String) throws {
        let address = try #require(ServerAddress(address))
        let link = LinkText(address: address, pin: Array(0..<32), secret: Array(repeating: 0xFF, count: 16))
        #expect(try LinkText(link.description) == link)
        #expect(link.description == link.description.uppercased())
    }

    @Test(arguments: [
        ("", LinkTextError.empty), ("  \n", .empty), ("https://desk.example.org", .notALink), ("WEBINAR:", .notALink),
        ("WEBINAR:DESK:1", .cutShort), ("WEBINAR:DESK:1/ADSU", .cutShort),
        (String(Self.link.dropLast()), .cutShort), (Self.link + "A", .damaged(.secret)), (Self.link + "/", .cutShort),
        (Self.link.replacing("ADSU", with: "0DSU"), .damaged(.pin)),
        (Self.link.replacing("BT24", with: "BT25"), .damaged(.secret)),
        (Self.link.replacing(":8443", with: ""), .invalidAddress("DESK.EXAMPLE.ORG")),
        (Self.link.replacing(":8443", with: ":0"), .invalidAddress("DESK.EXAMPLE.ORG:0")),
        (Self.link.replacing(":8443", with: ":65536"), .invalidAddress("DESK.EXAMPLE.ORG:65536")),
        (Self.link.replacing("DESK.", with: "DE%SK."), .invalidAddress("DE%SK.EXAMPLE.ORG:8443")),
        (String(repeating: "A", count: 3000), .tooLong),
    ])
    func `what is no link says why`(text: String, error: LinkTextError) {
        #expect(throws: error) { try LinkText(text) }
    }

    @Test func `a link that was cut anywhere is no link`() {
        for count in 0..<Self.link.count {
            #expect(throws: LinkTextError.self) { try LinkText(String(Self.link.prefix(count))) }
        }
    }
}

@Suite struct ServerAddressTests {
    @Test(arguments: ["desk:8443", "127.0.0.1:0", "[::1]:443", "[2001:db8::1]:65535"])
    func `an address is read and written back`(text: String) {
        #expect(ServerAddress(text)?.description == text)
    }

    @Test(arguments: [
        "", ":", "desk", "desk:", ":80", "desk:65536", "desk:-1", "desk:8x", "::1:80", "[desk]:80", "a b:80", "-x:1",
    ])
    func `what is no address is none`(text: String) {
        #expect(ServerAddress(text) == nil)
    }

    @Test func `a host is the same in any case`() {
        #expect(ServerAddress("DESK:80") == ServerAddress("desk:80"))
    }
}

@Suite struct CredentialTests {
    @Test(arguments: [UInt8(0), 1, 0x80, 0xFF])
    func `a credential is read and written back`(byte: UInt8) throws {
        let credential = try #require(Credential(bytes: (0..<32).map { $0 &* 37 ^ byte }))
        #expect(credential.text.count == 43)
        #expect(Credential(text: credential.text) == credential)
        #expect(!"\(credential)".contains(credential.text))
    }

    @Test(arguments: [
        "", "AAAA", String(repeating: "A", count: 42), String(repeating: "A", count: 42) + "B",
        String(repeating: "A", count: 42) + "=", String(repeating: "A", count: 44), String(repeating: "+", count: 43),
    ])
    func `what is no credential is none`(text: String) {
        #expect(Credential(text: text) == nil)
    }
}

@Suite struct DeviceNameTests {
    @Test(arguments: ["phone-1", "工作站", " a ", String(repeating: "x", count: 128)])
    func `a name on one line is one`(name: String) {
        #expect(DeviceName.isValid(name))
    }

    @Test(arguments: [
        "", " ", "\u{3000}", "a\nb", "a\u{0}", "\u{1B}[2J", "a\u{2028}b", String(repeating: "x", count: 129),
    ])
    func `what could break a line is no name`(name: String) {
        #expect(!DeviceName.isValid(name))
    }
}
