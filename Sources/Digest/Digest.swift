// The first file to open in this room.
//
// Hashes, message authentication and random bytes over OpenSSL, and nothing more:
//
//     SHA256Digest     the 32 bytes, as a value
//     SHA256           hash of bytes that are all there
//     SHA256Hasher     hash of bytes that come in pieces
//     hmacSHA256       keyed hash, and constantTimeEquals to check one
//     RandomBytes      keys, secrets, identifiers
//
// No OpenSSL type appears in this room's interface.
