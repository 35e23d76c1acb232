/// Finds the last change that a device and a server have alike after their logs of one replica
/// turned out to differ. What both have is the same change and stays so; only the rest is issued
/// again under a new replica.
public struct ForkSearch: Hashable, Sendable {
    public let replica: ReplicaID
    /// The last sequence known to be alike (0: none).
    public private(set) var low: UInt64
    /// The last sequence that may be alike.
    public private(set) var high: UInt64

    /// - Parameters:
    ///   - common: a sequence that is known to be alike.
    ///   - end: the device's last sequence.
    public init(replica: ReplicaID, common: UInt64, end: UInt64) {
        self.replica = replica
        low = min(common, end)
        high = end
    }

    /// The answer, once it is known.
    public var common: UInt64? { low == high ? low : nil }

    /// The sequences to ask about next, ascending.
    public var probes: [UInt64] {
        let width = high - low
        let count = min(width, UInt64(Limits.maximumProbeCount))
        return (0..<count).map { $0 == count - 1 ? high : low + width / count * ($0 + 1) }
    }

    /// The server has the probes through `alike` as the device does, and none after it.
    public mutating func learn(alike: UInt64) {
        let asked = probes
        if let next = asked.first(where: { $0 > alike }) { high = next - 1 }
        if alike > low, alike <= high { low = alike }
        high = max(high, low)
    }
}
