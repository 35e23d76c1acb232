// The first file to open in this room.
//
// TLS 1.3 for NIO over the system's OpenSSL 3, and the keys, certificates and pins that devices and server know each
// other by:
//
//     KeyPin              the SHA-256 of a public key: what a device trusts, as bytes and as text
//     TLSKeyPair          a private key, made here or read from PEM
//     ServerIdentity      a certificate with its key; made, renewed under the same key, read from PEM
//     TLSContext          the settings shared by all connections of a server or client
//     TicketKeys          what session tickets are sealed with; in memory, rotated
//     ResumptionTicket    what a client keeps to resume, bound to the pin it was made under
//     TLSHandler          the channel handler, the same for both sides
//
// Inside, from the pure to the effectful:
//
//     TLSHandlerState     decides; knows neither OpenSSL nor NIO's channels
//     TLSSession          one SSL and its two memory BIOs: the only caller of SSL_*
//     TLSHandler          feeds events to the two and carries out what they say
//
// No OpenSSL type appears in this room's interface.

/// The maxima and constants of this room, each with its reason. Those of one connection that its maker may change are
/// ``TLSConnectionLimits``.
enum TLSLimits {
    /// The most plaintext in one record (RFC 8446, section 5.1). One `SSL_write` of at most this much makes one record.
    static let maximumRecordBytes = 16_384

    /// What a record adds to its plaintext at most: header 5, content type 1, tag 16.
    static let recordOverheadBytes = 22

    /// A stored ticket holds a session of a few hundred bytes and the server's certificate chain.
    static let maximumStoredTicketBytes = 64 * 1024

    /// "Servers MUST NOT use any value greater than 604800 seconds (7 days)" (RFC 8446, section 4.6.1).
    static let maximumTicketLifetimeSeconds: Int64 = 604_800

    /// A PEM file of a certificate chain or key; a chain is rarely over 10 kB.
    static let maximumPEMBytes = 1024 * 1024
}
