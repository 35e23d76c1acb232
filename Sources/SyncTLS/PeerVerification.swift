import COpenSSL

/// How a client makes sure of the server: during the handshake, before a byte of the application leaves.
enum PeerVerification {
    /// What all connections of a context share.
    static func install(_ trust: TLSTrust, in context: OpaquePointer) throws(TLSError) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        switch trust {
        case .pinned(let pins):
            guard !pins.isEmpty else { throw .noPins }
            SSL_CTX_set_cert_verify_callback(context, verifyPin, nil)
        case .system(let hostname):
            guard HostName(hostname) != nil else { throw .invalidName(hostname) }
            try OpenSSLError.check(SSL_CTX_set_default_verify_paths(context), "SSL_CTX_set_default_verify_paths")
        case .authorities(let pem, let hostname):
            guard HostName(hostname) != nil else { throw .invalidName(hostname) }
            let store = SSL_CTX_get_cert_store(context)
            try forEachCertificate(inPEM: pem) { _, certificate throws(TLSError) in
                try OpenSSLError.check(X509_STORE_add_cert(store, certificate.pointer), "X509_STORE_add_cert")
            }
        }
    }

    /// What one connection expects of its peer.
    static func expect(hostname: String, of ssl: OpaquePointer) {
        let parameters = SSL_get0_param(ssl)
        X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        let result =
            HostName(hostname) == .address
            ? X509_VERIFY_PARAM_set1_ip_asc(parameters, hostname)
            : X509_VERIFY_PARAM_set1_host(parameters, hostname, 0)
        precondition(result == 1, "out of memory for a host name")
    }

    /// In place of the whole check of chain, name and dates: the key is one of the pinned, or it is not.
    ///
    /// That the server *has* the key is proven right after, by its signature over the handshake (RFC 8446, section
    /// 4.4.3), which OpenSSL checks before the handshake can end.
    private static let verifyPin: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> CInt = { store, _ in
        guard
            let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
            let session = TLSSession.of(OpaquePointer(ssl)),
            let certificate = X509_STORE_CTX_get0_cert(store),
            let shown = try? CertificateHandle.pin(of: certificate),
            session.accepts(shown)
        else {
            X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
            return 0
        }
        X509_STORE_CTX_set_error(store, X509_V_OK)
        return 1
    }
}
