import COpenSSL

/// The choice of what is spoken inside (ALPN, RFC 7301).
enum ApplicationProtocol {
    /// Each name after its length in one byte.
    static func wireForm(_ names: [String]) -> [UInt8] {
        names.flatMap { name -> [UInt8] in
            precondition((1...255).contains(name.utf8.count), "an application protocol of 1 to 255 bytes")
            return [UInt8(name.utf8.count)] + Array(name.utf8)
        }
    }

    /// Where in the client's list the name stands that the server likes best. A list that does not parse has none.
    static func choose(from offered: UnsafeBufferPointer<UInt8>, preferring names: [String]) -> Range<Int>? {
        for name in names {
            var start = 0
            while start < offered.count {
                let end = start + 1 + Int(offered[start])
                guard end <= offered.count else { return nil }
                if offered[(start + 1)..<end].elementsEqual(name.utf8) {
                    return start + 1..<end
                }
                start = end
            }
        }
        return nil
    }

    /// The server's side. A client that offers nothing never gets here and is served.
    static let select: SSL_CTX_alpn_select_cb_func = { ssl, chosen, chosenCount, offered, offeredCount, _ in
        guard let names = TLSSession.of(ssl)?.context.applicationProtocols, let offered,
            let range = choose(
                from: UnsafeBufferPointer(start: offered, count: Int(offeredCount)),
                preferring: names
            )
        else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        // "It may point into in" (SSL_CTX_set_alpn_select_cb(3)).
        chosen?.pointee = offered + range.lowerBound
        chosenCount?.pointee = UInt8(range.count)
        return SSL_TLSEXT_ERR_OK
    }
}
