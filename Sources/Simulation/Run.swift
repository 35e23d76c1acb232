/// Histories one after the other, and what came of them. The first that breaks a law ends the run.
public struct Run: Sendable {
    public let seeds: Range<UInt64>
    public let stepCount: Int
    public let faults: Faults
    /// Over all events of all histories. A sum, so that parts of a run may be played in any order.
    public private(set) var hash: UInt64 = 0
    public private(set) var failure: Violation?

    public init(seeds: Range<UInt64>, stepCount: Int, faults: Faults = .all) {
        (self.seeds, self.stepCount, self.faults) = (seeds, stepCount, faults)
    }

    /// - Parameter onHistory: called with the events of each history that broke no law.
    public mutating func play(onHistory: (_ events: [String]) -> Void = { _ in }) {
        for seed in seeds {
            do {
                var world = try World(seed: seed, faults: faults)
                try world.play(steps: 0..<stepCount)
                hash &+= Self.hash(of: world.events)
                onHistory(world.events)
            } catch {
                failure = error as? Violation ?? Violation(seed: seed, law: "\(error)")
                return
            }
        }
    }

    private static func hash(of events: [String]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for event in events { for byte in event.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 } }
        return hash
    }
}
