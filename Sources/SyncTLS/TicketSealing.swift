import COpenSSL

/// The call by which OpenSSL asks for the keys of a ticket (SSL_CTX_set_tlsext_ticket_key_evp_cb(3)): AES-256-CBC and
/// HMAC-SHA-256, as RFC 5077, section 4, recommends.
enum TicketSealing {
    /// What the call answers.
    private enum Answer {
        static let failed: CInt = -1
        /// Opening: no such key, so a full handshake follows.
        static let unknownKey: CInt = 0
        static let ready: CInt = 1
        /// Opening: the ticket counts, and a new one is sent in its place. With `ready`, OpenSSL would send none, and
        /// a client that uses each ticket once would resume every other time.
        static let readyAndRenew: CInt = 2
    }

    static func install(in context: OpaquePointer) throws(TLSError) {
        let result = SSL_CTX_set_tlsext_ticket_key_evp_cb(context) { ssl, name, iv, cipher, mac, isSealing in
            guard let keys = TLSSession.of(ssl)?.context.ticketKeys, let name, let iv else { return Answer.failed }
            return isSealing == 1
                ? TicketSealing.seal(keys.sealingKey(), name: name, iv: iv, cipher: cipher, mac: mac)
                : TicketSealing.open(keys, name: name, iv: iv, cipher: cipher, mac: mac)
        }
        try OpenSSLError.check(result, "SSL_CTX_set_tlsext_ticket_key_evp_cb")
    }

    /// Leaves out of a ticket what only a server with a session cache or early data looks at: 48 bytes less in each
    /// direction. The call comes after the session's secret was made and before it is sealed.
    static func trimTickets(of context: OpaquePointer) throws(TLSError) {
        let result = SSL_CTX_set_session_ticket_cb(
            context,
            { ssl, _ in
                let session = SSL_get_session(ssl)
                SSL_SESSION_set1_id(session, "", 0)
                SSL_SESSION_set1_alpn_selected(session, nil, 0)
                return 1
            },
            nil,
            nil
        )
        try OpenSSLError.check(result, "SSL_CTX_set_session_ticket_cb")
    }

    private static func seal(
        _ key: TicketKey,
        name: UnsafeMutablePointer<UInt8>,
        iv: UnsafeMutablePointer<UInt8>,
        cipher: OpaquePointer?,
        mac: OpaquePointer?
    ) -> CInt {
        name.update(from: key.name, count: TicketKey.nameByteCount)
        guard RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1,
            EVP_EncryptInit_ex2(cipher, EVP_aes_256_cbc(), key.cipherKey, iv, nil) == 1,
            setMACKey(key.macKey, of: mac)
        else { return Answer.failed }
        return Answer.ready
    }

    private static func open(
        _ keys: TicketKeys,
        name: UnsafeMutablePointer<UInt8>,
        iv: UnsafeMutablePointer<UInt8>,
        cipher: OpaquePointer?,
        mac: OpaquePointer?
    ) -> CInt {
        let wanted = [UInt8](UnsafeBufferPointer(start: name, count: TicketKey.nameByteCount))
        guard let key = keys.openingKey(named: wanted) else { return Answer.unknownKey }
        guard EVP_DecryptInit_ex2(cipher, EVP_aes_256_cbc(), key.cipherKey, iv, nil) == 1,
            setMACKey(key.macKey, of: mac)
        else { return Answer.failed }
        return Answer.readyAndRenew
    }

    private static func setMACKey(_ macKey: [UInt8], of mac: OpaquePointer?) -> Bool {
        var key = macKey
        return key.withUnsafeMutableBytes { key in
            let parameters = [
                webinar_OSSL_MAC_PARAM_KEY(key.baseAddress, key.count),
                webinar_OSSL_MAC_PARAM_DIGEST_SHA256(),
                OSSL_PARAM_construct_end(),
            ]
            return EVP_MAC_CTX_set_params(mac, parameters) == 1
        }
    }
}
