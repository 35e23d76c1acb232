import COpenSSL
import Digest

extension CertificateHandle {
    /// An X.509 v3 certificate that signs itself (RFC 5280): no authority, digital signatures, TLS servers.
    static func selfSigned(
        key: borrowing PrivateKeyHandle,
        names: [String],
        notBeforeSeconds: Int64,
        notAfterSeconds: Int64
    ) throws(TLSError) -> CertificateHandle {
        OpenSSLError.clear()
        let certificate = CertificateHandle(owning: try OpenSSLError.check(X509_new(), "X509_new"))
        let pointer = certificate.pointer
        // Version 3 is written as 2 (RFC 5280, section 4.1.2.1).
        try OpenSSLError.check(X509_set_version(pointer, 2), "X509_set_version")
        try setRandomSerial(of: pointer)
        try setTime(X509_getm_notBefore(pointer), notBeforeSeconds)
        try setTime(X509_getm_notAfter(pointer), notAfterSeconds)
        try setName(of: pointer)
        try OpenSSLError.check(X509_set_pubkey(pointer, key.pointer), "X509_set_pubkey")
        try addExtension(NID_basic_constraints, "critical,CA:FALSE", to: pointer)
        try addExtension(NID_key_usage, "critical,digitalSignature", to: pointer)
        try addExtension(NID_ext_key_usage, "serverAuth", to: pointer)
        try addExtension(NID_subject_alt_name, alternativeNames(names), to: pointer)
        guard X509_sign(pointer, key.pointer, EVP_sha256()) > 0 else {
            throw .setupFailed(operation: "X509_sign", reason: OpenSSLError.takeReason())
        }
        return certificate
    }

    private static func setRandomSerial(of certificate: OpaquePointer) throws(TLSError) {
        var bytes = RandomBytes.bytes(16)
        // "The serial number MUST be a positive integer" (RFC 5280, section 4.1.2.2), and of 128 bits as promised.
        bytes[0] |= 0x80
        let number = BN_bin2bn(bytes, CInt(bytes.count), nil)
        defer { BN_free(number) }
        guard BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil else {
            throw .setupFailed(operation: "BN_to_ASN1_INTEGER", reason: OpenSSLError.takeReason())
        }
    }

    private static func setTime(_ time: UnsafeMutablePointer<ASN1_TIME>?, _ seconds: Int64) throws(TLSError) {
        guard ASN1_TIME_set(time, time_t(seconds)) != nil else {
            throw .setupFailed(operation: "ASN1_TIME_set", reason: OpenSSLError.takeReason())
        }
    }

    /// One fixed name: clients look at the key, or at the alternative names.
    private static func setName(of certificate: OpaquePointer) throws(TLSError) {
        let name = X509_get_subject_name(certificate)
        let text = Array("webinar-server".utf8)
        try OpenSSLError.check(
            X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, CInt(text.count), -1, 0),
            "X509_NAME_add_entry_by_txt"
        )
        try OpenSSLError.check(X509_set_issuer_name(certificate, name), "X509_set_issuer_name")
    }

    private static func addExtension(
        _ kind: CInt,
        _ value: String,
        to certificate: OpaquePointer
    ) throws(TLSError) {
        let `extension` = try OpenSSLError.check(X509V3_EXT_conf_nid(nil, nil, kind, value), "X509V3_EXT_conf_nid")
        defer { X509_EXTENSION_free(`extension`) }
        try OpenSSLError.check(X509_add_ext(certificate, `extension`, -1), "X509_add_ext")
    }

    /// `DNS:…,IP:…`. Commas and colons mean something there, so each name is checked first.
    private static func alternativeNames(_ names: [String]) throws(TLSError) -> String {
        guard !names.isEmpty else { throw .invalidName("") }
        var entries: [String] = []
        for name in names {
            switch HostName(name) {
            case .address: entries.append("IP:\(name)")
            case .domain: entries.append("DNS:\(name)")
            case nil: throw .invalidName(name)
            }
        }
        return entries.joined(separator: ",")
    }
}

/// The two kinds of name a server is reached by.
enum HostName: Equatable {
    case domain
    case address

    /// `nil` for what is neither.
    init?(_ text: String) {
        if let address = a2i_IPADDRESS(text) {
            ASN1_OCTET_STRING_free(address)
            self = .address
            return
        }
        OpenSSLError.clear()
        let isDomain = text.utf8.allSatisfy { character in
            switch character {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "*"):
                true
            default:
                false
            }
        }
        guard isDomain, (1...253).contains(text.utf8.count) else { return nil }
        self = .domain
    }
}
