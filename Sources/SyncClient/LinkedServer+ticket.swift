public import SyncTLS

/// A ticket as bytes, for whoever keeps it in a file without knowing TLS.
extension LinkedServer {
    /// What ``ticket(_:)`` reads again. It holds the keys of a session, so its file is to have mode 0600.
    public static func bytes(of ticket: ResumptionTicket) -> [UInt8] { ticket.serialized }

    /// Nil if the bytes are no ticket for this server; the connection is then made without one.
    public func ticket(_ bytes: [UInt8]) -> ResumptionTicket? {
        ResumptionTicket(serialized: bytes).flatMap { pins.contains($0.pin) ? $0 : nil }
    }
}
