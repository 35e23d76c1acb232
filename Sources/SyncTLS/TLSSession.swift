import COpenSSL
import NIOCore

/// One connection of OpenSSL's: an `SSL` between two memory BIOs. The only caller of `SSL_*` on a connection.
///
/// Bytes of the network go in by `feed` and come out by `drain`; nothing here blocks or knows a socket. It belongs to
/// one event loop, for OpenSSL's error queue belongs to a thread and is read right after each call.
final class TLSSession {
    let context: TLSContext
    private let ssl: OpaquePointer
    /// Freed with `ssl`, which owns both.
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    /// A server's key that was refused.
    private var refusedPin: KeyPin?
    private var newTicket: ResumptionTicket?

    /// - Parameter ticket: Left aside if it does not fit; the handshake is then a full one.
    init(context: TLSContext, ticket: ResumptionTicket?) {
        guard let ssl = SSL_new(context.pointer),
            let incoming = Self.makeBIO(),
            let outgoing = Self.makeBIO()
        else {
            fatalError("out of memory for a TLS connection")
        }
        self.context = context
        self.ssl = ssl
        self.incoming = incoming
        self.outgoing = outgoing
        SSL_set_bio(ssl, incoming, outgoing)
        // Index 0 is "app data". Unretained: the callbacks only run inside calls of this object.
        SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
        switch context.role {
        case .server:
            SSL_set_accept_state(ssl)
        case .client(let trust, let serverName):
            SSL_set_connect_state(ssl)
            prepareClient(trust: trust, serverName: serverName, ticket: ticket)
        }
    }

    deinit {
        SSL_free(ssl)
    }

    /// The session that an `SSL` of OpenSSL's callbacks belongs to.
    static func of(_ ssl: OpaquePointer?) -> TLSSession? {
        guard let ssl, let pointer = SSL_get_ex_data(ssl, 0) else { return nil }
        return Unmanaged<TLSSession>.fromOpaque(pointer).takeUnretainedValue()
    }

    private static func makeBIO() -> OpaquePointer? {
        guard let bio = BIO_new(BIO_s_mem()) else { return nil }
        // An empty BIO means "later", not "end".
        webinar_BIO_set_mem_eof_return(bio, -1)
        return bio
    }

    private func prepareClient(trust: TLSTrust, serverName: String?, ticket: ResumptionTicket?) {
        if let serverName, HostName(serverName) == .domain {
            let result = webinar_SSL_set_tlsext_host_name(ssl, serverName)
            precondition(result == 1, "out of memory for a server name")
        }
        switch trust {
        case .pinned: break
        case .system(let hostname), .authorities(_, let hostname):
            PeerVerification.expect(hostname: hostname, of: ssl)
        }
        if let ticket, ticket.isUsable(under: trust) {
            restore(ticket)
        }
    }
}

// MARK: - The handshake

extension TLSSession {
    enum HandshakeStep {
        case needsInput
        case completed(TLSConnectionInfo)
        case failed(TLSError)
    }

    func handshake() -> HandshakeStep {
        OpenSSLError.clear()
        let result = SSL_do_handshake(ssl)
        if result == 1 {
            return completed()
        }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .needsInput
        case SSL_ERROR_ZERO_RETURN: return .failed(.closedDuringHandshake)
        default: return .failed(handshakeError())
        }
    }

    /// Whether the client trusts this key. Remembers one that it does not.
    func accepts(_ shown: KeyPin) -> Bool {
        guard case .client(.pinned(let pins), _) = context.role else { return false }
        if pins.contains(shown) { return true }
        refusedPin = shown
        return false
    }

    /// The pin is checked once more here, whatever way the handshake went: a resumed one shows no certificate.
    private func completed() -> HandshakeStep {
        let peerPin = context.isServer ? nil : peerPin()
        if case .client(.pinned(let pins), _) = context.role {
            guard let peerPin else { return .failed(.handshakeFailed(reason: "the server showed no key")) }
            guard pins.contains(peerPin) else { return .failed(.wrongPin(expected: pins, shown: peerPin)) }
        }
        let suite = SSL_CIPHER_get_name(SSL_get_current_cipher(ssl))
        return .completed(
            TLSConnectionInfo(
                applicationProtocol: applicationProtocol(),
                peerPin: peerPin,
                isResumed: SSL_session_reused(ssl) == 1,
                cipherSuite: suite.map { String(cString: $0) } ?? ""
            )
        )
    }

    private func handshakeError() -> TLSError {
        let reason = OpenSSLError.takeReason()
        guard case .client(let trust, _) = context.role else { return .handshakeFailed(reason: reason) }
        if let refusedPin, case .pinned(let pins) = trust {
            return .wrongPin(expected: pins, shown: refusedPin)
        }
        let verification = SSL_get_verify_result(ssl)
        if verification != Int(X509_V_OK), let text = X509_verify_cert_error_string(verification) {
            return .certificateRefused(reason: String(cString: text))
        }
        return .handshakeFailed(reason: reason)
    }

    private func peerPin() -> KeyPin? {
        SSL_get0_peer_certificate(ssl).flatMap { try? CertificateHandle.pin(of: $0) }
    }

    private func applicationProtocol() -> String? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &count)
        guard let name, count > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    /// `length` bytes that both ends of this connection, and no one else, can derive (RFC 8446, section 7.5).
    func exportKeyingMaterial(label: String, context: [UInt8], length: Int) throws(TLSError) -> [UInt8] {
        OpenSSLError.clear()
        var output = [UInt8](repeating: 0, count: length)
        let result = SSL_export_keying_material(
            ssl,
            &output,
            length,
            label,
            label.utf8.count,
            context,
            context.count,
            1
        )
        try OpenSSLError.check(result, "SSL_export_keying_material")
        return output
    }
}

// MARK: - Bytes

extension TLSSession {
    enum ReadEnd {
        /// All that arrived has been read.
        case needsInput
        /// The peer has sent its close_notify.
        case closeNotify
        case failed(TLSError)
    }

    /// Takes what came from the network.
    func feed(_ ciphertext: ByteBuffer) {
        ciphertext.withUnsafeReadableBytes { bytes in
            guard !bytes.isEmpty else { return }
            // A read from a socket is far smaller than 2 GiB.
            let count = BIO_write(incoming, bytes.baseAddress, CInt(bytes.count))
            precondition(Int(count) == bytes.count, "a memory BIO takes all that it is given")
        }
    }

    /// Decrypts all that has arrived, onto the end of `plaintext`.
    func read(into plaintext: inout ByteBuffer) -> ReadEnd {
        while true {
            OpenSSLError.clear()
            // Plaintext is never longer than its ciphertext; what does not fit comes with the next turn.
            let room = min(max(BIO_ctrl_pending(incoming), 512), TLSLimits.maximumRecordBytes)
            var result: CInt = 0
            plaintext.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { buffer in
                result = SSL_read(ssl, buffer.baseAddress, CInt(min(buffer.count, Int(CInt.max))))
                return max(0, Int(result))
            }
            if result > 0 {
                // The last turn would only grow the buffer to find nothing; close_notify, too, is pending input.
                if SSL_has_pending(ssl) == 0 && BIO_ctrl_pending(incoming) == 0 { return .needsInput }
                continue
            }
            switch SSL_get_error(ssl, result) {
            case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .needsInput
            case SSL_ERROR_ZERO_RETURN: return .closeNotify
            default: return .failed(.protocolFailed(reason: OpenSSLError.takeReason()))
            }
        }
    }

    /// Encrypts `plaintext` in records, onto the end of `ciphertext`.
    ///
    /// Drained after each record, so that the BIO never holds more than one.
    func write(_ plaintext: ByteBuffer, into ciphertext: inout ByteBuffer) -> TLSError? {
        var rest = plaintext
        while let piece = rest.readSlice(length: min(rest.readableBytes, TLSLimits.maximumRecordBytes)),
            piece.readableBytes > 0
        {
            OpenSSLError.clear()
            let result = piece.withUnsafeReadableBytes { SSL_write(ssl, $0.baseAddress, CInt($0.count)) }
            let error = result > 0 ? nil : TLSError.protocolFailed(reason: OpenSSLError.takeReason())
            drain(into: &ciphertext)
            if let error { return error }
        }
        return nil
    }

    /// Makes our close_notify. Only after the handshake, and never after a failure: OpenSSL refuses both.
    ///
    /// Called once: what the peer still sends is then read until its own close_notify; a second `SSL_shutdown` before
    /// that would be an error.
    func sendCloseNotify() {
        OpenSSLError.clear()
        _ = SSL_shutdown(ssl)
    }

    /// Moves what is to be sent onto the end of `ciphertext`.
    ///
    /// By `BIO_read`, not by `BIO_get_mem_data` and `BIO_reset`: a reset wipes the whole buffer each time.
    func drain(into ciphertext: inout ByteBuffer) {
        let pending = BIO_ctrl_pending(outgoing)
        guard pending > 0 else { return }
        ciphertext.writeWithUnsafeMutableBytes(minimumWritableBytes: pending) { buffer in
            max(0, Int(BIO_read(outgoing, buffer.baseAddress, CInt(pending))))
        }
    }
}

// MARK: - Tickets

extension TLSSession {
    /// The newest ticket that the server sent since the last call.
    func takeNewTicket() -> ResumptionTicket? {
        defer { newTicket = nil }
        return newTicket
    }

    /// Called by OpenSSL during a read.
    func receive(newSession session: OpaquePointer?) {
        guard let session, case .client(let trust, _) = context.role,
            SSL_SESSION_is_resumable(session) == 1,
            let pin = peerPin(),
            let bytes = try? derBytes("i2d_SSL_SESSION", { i2d_SSL_SESSION(session, $0) })
        else { return }
        let hostname: String? =
            switch trust {
            case .pinned: nil
            case .system(let hostname), .authorities(_, let hostname): hostname
            }
        newTicket = ResumptionTicket(pin: pin, hostname: hostname, session: bytes)
    }

    /// The session must hold the certificate of the very key that the ticket names.
    private func restore(_ ticket: ResumptionTicket) {
        OpenSSLError.clear()
        let session = ticket.session.withUnsafeBufferPointer { bytes in
            var cursor = bytes.baseAddress
            return d2i_SSL_SESSION(nil, &cursor, bytes.count)
        }
        guard let session else { return OpenSSLError.clear() }
        defer { SSL_SESSION_free(session) }
        guard let certificate = SSL_SESSION_get0_peer(session),
            let pin = try? CertificateHandle.pin(of: certificate),
            pin == ticket.pin
        else { return }
        SSL_set_session(ssl, session)
        OpenSSLError.clear()
    }
}
