/// What an engine needs of the world beside disk and network: the time and chance. Handed in,
/// so that a simulation decides both.
public struct Surroundings: Sendable {
    /// Milliseconds since 1970 UTC as this machine's clock shows them, right or wrong.
    public var now: @Sendable () -> UInt64
    /// Milliseconds of a clock that only goes forward, for how long things take.
    public var uptime: @Sendable () -> UInt64
    /// 64 random bits.
    public var random: @Sendable () -> UInt64

    public init(
        now: @escaping @Sendable () -> UInt64,
        uptime: @escaping @Sendable () -> UInt64,
        random: @escaping @Sendable () -> UInt64
    ) {
        self.now = now
        self.uptime = uptime
        self.random = random
    }

    public func newRecordID() -> RecordID {
        RecordID(milliseconds: min(now(), Limits.maximumMilliseconds), random: (random(), random()))
    }

    /// Never 0, which stands for none on the wire.
    public func newReplicaID() -> ReplicaID {
        while true {
            let bits = random()
            if bits != 0 { return ReplicaID(bits) }
        }
    }
}
