/// One copy of a notebook: a device's, or the server's. 64 random bits, never reused: a
/// device that was cloned or restored takes a new one.
public struct ReplicaID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var rawValue: UInt64

    public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// Sixteen hexadecimal digits.
    public var description: String { Hexadecimal.text(rawValue) }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// An event, session, note, highlight, comment or attachment. A UUIDv7: made offline, and
/// near in the index to what was made at the same time. Never used for order.
public struct RecordID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var bits: UUIDBits

    public init(_ bits: UUIDBits) { self.bits = bits }

    /// Made at `milliseconds` (since 1970 UTC) from two random words.
    public init(milliseconds: UInt64, random: (UInt64, UInt64)) {
        bits = UUIDBits(version7: milliseconds, random: random)
    }

    public init?(_ text: some StringProtocol) {
        guard let bits = UUIDBits(text: text) else { return nil }
        self.init(bits)
    }

    public var description: String { bits.text }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.bits < rhs.bits }

    /// The record that holds a replica's name, the same on every replica.
    public static func device(_ replica: ReplicaID) -> RecordID {
        RecordID(UUIDBits(version8: 0x6465_7669_6365_0000, replica.rawValue))
    }
}

/// The unit of sync, membership and versions.
public struct NotebookID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var bits: UUIDBits

    public init(_ bits: UUIDBits) { self.bits = bits }

    public init?(_ text: some StringProtocol) {
        guard let bits = UUIDBits(text: text) else { return nil }
        self.init(bits)
    }

    public var description: String { bits.text }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.bits < rhs.bits }
}
