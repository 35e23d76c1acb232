// Values to bytes and back. Bytes from outside never trap: whatever cannot be read is a typed
// error, and every count and length is bounded before anything is made from it.
//
// `ChangeCodec` is the format of a change, `Chain` what its hashes cover, `ExchangeCodec` one
// exchange of sync in protobuf and its JSON form, `StateCodec` the canonical bytes of a
// record's state, which digests cover. `BundleCodec` is the form of a file of changes, which `BundleStream` writes and
// reads.

/// Why bytes could not be read.
public struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        /// Not protobuf, or not of this message.
        case malformed
        /// A field has a length or value that no writer of ours makes.
        case invalidField(String)
        case tooLarge(maximum: Int)
        case tooManyFields(maximum: Int)
    }

    public var reason: Reason

    public init(_ reason: Reason) { self.reason = reason }

    public var description: String {
        switch reason {
        case .malformed: "the bytes are not a message of this protocol"
        case .invalidField(let name): "the field \(name) is not valid"
        case .tooLarge(let maximum): "the message is over its limit of \(maximum) bytes"
        case .tooManyFields(let maximum): "the message has more than \(maximum) fields"
        }
    }
}
