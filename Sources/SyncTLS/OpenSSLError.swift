import COpenSSL

/// The error queue of OpenSSL: one for each thread, so it is read on the thread of the failed call, at once.
enum OpenSSLError {
    /// Empties the queue, so that what a call leaves there is its own.
    static func clear() {
        ERR_clear_error()
    }

    /// The oldest error, which is the cause, in OpenSSL's words. Empties the queue.
    static func takeReason() -> String {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return "no reason given" }
        guard let reason = ERR_reason_error_string(code) else { return "OpenSSL error \(code)" }
        return String(cString: reason)
    }

    /// Checks the result of a call that answers 1 for success.
    static func check(_ result: some BinaryInteger, _ operation: String) throws(TLSError) {
        guard result == 1 else {
            throw .setupFailed(operation: operation, reason: takeReason())
        }
    }

    /// Checks the result of a call that answers `nil` for failure.
    static func check(_ pointer: OpaquePointer?, _ operation: String) throws(TLSError) -> OpaquePointer {
        guard let pointer else {
            throw .setupFailed(operation: operation, reason: takeReason())
        }
        return pointer
    }
}
