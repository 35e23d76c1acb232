import COpenSSL
import NIOCore

/// The settings that all connections of a server, or of a client to one server, share.
///
/// `@unchecked Sendable`: the `SSL_CTX` is configured in `init` and never again; after that OpenSSL counts references
/// to it with atomics and allows any number of threads to make connections from it (openssl-threads(7)).
public final class TLSContext: @unchecked Sendable {
    enum Role {
        case server
        case client(trust: TLSTrust, serverName: String?)
    }

    let pointer: OpaquePointer
    let role: Role
    let limits: TLSConnectionLimits
    let applicationProtocols: [String]
    let ticketKeys: TicketKeys?

    /// The context of a server.
    public init(_ configuration: TLSServerConfiguration) throws(TLSError) {
        OpenSSLError.clear()
        pointer = try OpenSSLError.check(SSL_CTX_new(TLS_server_method()), "SSL_CTX_new")
        role = .server
        limits = configuration.limits
        applicationProtocols = configuration.applicationProtocols
        ticketKeys = configuration.ticketKeys
        try configureBoth(groups: configuration.groups)
        try use(configuration.identity)
        try configureTickets()
        SSL_CTX_set_verify(pointer, SSL_VERIFY_NONE, nil)
        SSL_CTX_set_alpn_select_cb(pointer, ApplicationProtocol.select, nil)
    }

    /// The context of a client.
    public init(_ configuration: TLSClientConfiguration) throws(TLSError) {
        OpenSSLError.clear()
        pointer = try OpenSSLError.check(SSL_CTX_new(TLS_client_method()), "SSL_CTX_new")
        role = .client(trust: configuration.trust, serverName: configuration.serverName)
        limits = configuration.limits
        applicationProtocols = configuration.applicationProtocols
        ticketKeys = nil
        try configureBoth(groups: configuration.groups)
        try PeerVerification.install(configuration.trust, in: pointer)
        try offerApplicationProtocols()
        webinar_SSL_CTX_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
        SSL_CTX_sess_set_new_cb(pointer) { ssl, session in
            TLSSession.of(ssl)?.receive(newSession: session)
            // 0: we keep bytes, not the object, so OpenSSL still owns it.
            return 0
        }
    }

    deinit {
        SSL_CTX_free(pointer)
    }

    var isServer: Bool {
        if case .server = role { true } else { false }
    }

    /// What RFC 9852 and Mozilla's "modern" ask for: TLS 1.3 and nothing older, its three suites, three curves.
    private func configureBoth(groups: [String]) throws(TLSError) {
        try OpenSSLError.check(webinar_SSL_CTX_set_min_proto_version(pointer, TLS1_3_VERSION), "minimum version")
        let suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
        try OpenSSLError.check(SSL_CTX_set_ciphersuites(pointer, suites), "cipher suites")
        let signatures = "ECDSA+SHA256:ECDSA+SHA384:ed25519:RSA-PSS+SHA256:RSA-PSS+SHA384"
        try OpenSSLError.check(webinar_SSL_CTX_set1_sigalgs_list(pointer, signatures), "signature algorithms")
        try OpenSSLError.check(
            webinar_SSL_CTX_set1_groups_list(pointer, groups.joined(separator: ":")),
            "groups \(groups)"
        )
        // Never SSL_OP_IGNORE_UNEXPECTED_EOF: a cut connection must be an error.
        SSL_CTX_set_options(pointer, webinar_SSL_OP_NO_COMPRESSION | webinar_SSL_OP_NO_RENEGOTIATION)
        // About 34 KiB less for each idle connection.
        webinar_SSL_CTX_set_mode(pointer, Int(SSL_MODE_RELEASE_BUFFERS))
    }

    private func use(_ identity: ServerIdentity) throws(TLSError) {
        let key = try PrivateKeyHandle(pem: identity.keyPair.privateKeyPEM)
        try forEachCertificate(inPEM: identity.certificatePEM) { index, certificate throws(TLSError) in
            if index == 0 {
                try OpenSSLError.check(
                    SSL_CTX_use_certificate(pointer, certificate.pointer),
                    "SSL_CTX_use_certificate"
                )
            } else {
                try OpenSSLError.check(
                    webinar_SSL_CTX_add1_chain_cert(pointer, certificate.pointer),
                    "SSL_CTX_add1_chain_cert"
                )
            }
        }
        try OpenSSLError.check(SSL_CTX_use_PrivateKey(pointer, key.pointer), "SSL_CTX_use_PrivateKey")
        try OpenSSLError.check(SSL_CTX_check_private_key(pointer), "SSL_CTX_check_private_key")
    }

    /// One ticket for each connection: a client uses each once. Nothing is kept on the server for it, and there is no
    /// early data, which could be replayed (RFC 8446, section 8).
    private func configureTickets() throws(TLSError) {
        webinar_SSL_CTX_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
        try OpenSSLError.check(SSL_CTX_set_max_early_data(pointer, 0), "maximum early data")
        try OpenSSLError.check(SSL_CTX_set_recv_max_early_data(pointer, 0), "maximum received early data")
        try OpenSSLError.check(SSL_CTX_set_num_tickets(pointer, ticketKeys == nil ? 0 : 1), "number of tickets")
        guard let ticketKeys else { return }
        _ = SSL_CTX_set_timeout(pointer, Int(ticketKeys.lifetime.nanoseconds / 1_000_000_000))
        try TicketSealing.install(in: pointer)
        try TicketSealing.trimTickets(of: pointer)
    }

    private func offerApplicationProtocols() throws(TLSError) {
        guard !applicationProtocols.isEmpty else { return }
        let list = ApplicationProtocol.wireForm(applicationProtocols)
        // Alone among its kin, this call answers 0 for success.
        let result = SSL_CTX_set_alpn_protos(pointer, list, UInt32(list.count))
        try OpenSSLError.check(result == 0 ? 1 : 0, "SSL_CTX_set_alpn_protos")
    }
}
