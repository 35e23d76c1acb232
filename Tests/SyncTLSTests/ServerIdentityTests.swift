import Digest
import Testing

@testable import SyncTLS

@Suite struct ServerIdentityTests {
    static let day: Int64 = 86_400

    @Test func `a renewed certificate has the same pin and another serial number`() throws {
        let first = try ServerIdentity.selfSigned(
            keyPair: .make(),
            names: ["a.example"],
            nowSeconds: Fixture.nowSeconds
        )
        let second = try first.renewed(names: ["b.example"], nowSeconds: Fixture.nowSeconds + 300 * Self.day)
        #expect(first.pin == second.pin)
        #expect(first.certificatePEM != second.certificatePEM)
        #expect(first.notBeforeSeconds == Fixture.nowSeconds - 2 * Self.day)
        #expect(first.notAfterSeconds == Fixture.nowSeconds + 87 * Self.day)
    }

    @Test func `a certificate is due in the last third of its life, and before it`() {
        let identity = Fixture.identity
        let third = (identity.notAfterSeconds - identity.notBeforeSeconds) / 3
        #expect(!identity.isDueForRenewal(nowSeconds: identity.notBeforeSeconds))
        #expect(!identity.isDueForRenewal(nowSeconds: identity.notAfterSeconds - third))
        #expect(identity.isDueForRenewal(nowSeconds: identity.notAfterSeconds - third + 1))
        #expect(identity.isDueForRenewal(nowSeconds: identity.notBeforeSeconds - 1))
    }

    @Test func `an identity reads back from its files`() throws {
        let identity = Fixture.identity
        let keyPair = try TLSKeyPair(privateKeyPEM: identity.keyPair.privateKeyPEM)
        #expect(try ServerIdentity(certificatePEM: identity.certificatePEM, keyPair: keyPair) == identity)
        #expect(String(decoding: keyPair.privateKeyPEM, as: UTF8.self).hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    }

    @Test func `two keys differ`() throws {
        #expect(try TLSKeyPair.make().pin != TLSKeyPair.make().pin)
    }

    @Test func `a key that is not the certificate's is refused`() throws {
        #expect(throws: TLSError.keyDoesNotMatchCertificate) {
            try ServerIdentity(
                certificatePEM: Fixture.identity.certificatePEM,
                keyPair: Fixture.otherIdentity.keyPair
            )
        }
    }

    @Test func `a description tells no secret`() {
        #expect("\(Fixture.identity)" == "ServerIdentity(\(Fixture.identity.pin))")
        #expect("\(Fixture.identity.keyPair)" == "TLSKeyPair(\(Fixture.identity.pin))")
    }

    @Test func `a damaged file is an error and never a trap`() throws {
        let identity = Fixture.identity
        for count in 0..<identity.keyPair.privateKeyPEM.count - 1 {
            #expect(throws: TLSError.self) {
                try TLSKeyPair(privateKeyPEM: Array(identity.keyPair.privateKeyPEM[..<count]))
            }
        }
        for count in stride(from: 0, to: identity.certificatePEM.count - 1, by: 7) {
            #expect(throws: TLSError.self) {
                try ServerIdentity(
                    certificatePEM: Array(identity.certificatePEM[..<count]),
                    keyPair: identity.keyPair
                )
            }
        }
    }

    @Test func `an encrypted key is refused, not asked about`() throws {
        let encrypted = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiZv1FoMSbCjgICCAAw
            DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEKZl1dp6m4nKHXhPMmvoQdIEgZCF
            -----END ENCRYPTED PRIVATE KEY-----

            """
        #expect(throws: TLSError.self) { try TLSKeyPair(privateKeyPEM: Array(encrypted.utf8)) }
    }

    @Test(arguments: ["", "a,DNS:evil.example", "a b", "a:b", "ä.example", "a/b", "300.1.1.1:80", "a\nb"])
    func `what is neither a DNS name nor an address is refused`(name: String) throws {
        #expect(throws: TLSError.invalidName(name)) {
            try ServerIdentity.selfSigned(keyPair: .make(), names: [name], nowSeconds: Fixture.nowSeconds)
        }
    }
}
