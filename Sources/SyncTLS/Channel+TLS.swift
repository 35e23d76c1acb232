public import NIOCore

/// For code that has a channel but does not run on its event loop: a request's handler, for one.
extension Channel {
    /// What this connection's handshake settled. Fails with ``TLSError/notEstablished`` before its end, and where
    /// there is no TLS.
    public func tlsConnectionInfo() -> EventLoopFuture<TLSConnectionInfo> {
        withTLSHandler { handler throws(TLSError) in
            guard let info = handler.connectionInfo else { throw .notEstablished }
            return info
        }
    }

    /// See ``TLSHandler/exportKeyingMaterial(label:context:length:)``.
    public func tlsKeyingMaterial(label: String, context: [UInt8], length: Int) -> EventLoopFuture<[UInt8]> {
        withTLSHandler { handler throws(TLSError) in
            try handler.exportKeyingMaterial(label: label, context: context, length: length)
        }
    }

    private func withTLSHandler<Value: Sendable>(
        _ body: @escaping @Sendable (TLSHandler) throws(TLSError) -> Value
    ) -> EventLoopFuture<Value> {
        eventLoop.submit {
            guard let handler = try? self.pipeline.syncOperations.handler(type: TLSHandler.self) else {
                throw TLSError.notEstablished
            }
            return try body(handler)
        }
    }
}
