/// When something was captured, as the person's clock showed it.
public struct CapturedTime: Hashable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var milliseconds: UInt64
    /// Minutes east of UTC, as displayed then; survives a change of zone rules.
    public var offsetMinutes: Int
    /// The IANA name of the zone, if the device knew it.
    public var zone: String?

    public init(milliseconds: UInt64, offsetMinutes: Int, zone: String? = nil) {
        self.milliseconds = milliseconds
        self.offsetMinutes = offsetMinutes
        self.zone = zone
    }
}
