/// Chance that a seed decides: SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom
/// Number Generators", OOPSLA 2014).
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The same seed gives the same numbers, on every machine.
    public init(seed: UInt64) { state = seed }

    /// A generator of its own for each part of what one seed decides.
    init(seed: UInt64, part: UInt64) {
        var seeds = SeededRandom(seed: seed)
        var parts = SeededRandom(seed: seeds.next() ^ part)
        state = parts.next()
    }

    /// 64 bits, each as likely as the other.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    /// True once in `count` times.
    public mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

    /// A number from 0 up to `count`, which is positive, but not `count` itself; each as likely as the other.
    public mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }

    /// A generator of its own, so that what it draws does not shift what is drawn here.
    public mutating func split() -> SeededRandom { SeededRandom(seed: next()) }
}
