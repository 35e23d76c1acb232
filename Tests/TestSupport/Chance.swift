/// Chance that a seed decides: SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number
/// Generators", OOPSLA 2014).
public struct Chance: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    public mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }

    /// True once in `count` times.
    public mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

    /// All elements of all lists, each list's in its order.
    public mutating func interleaving<Element>(of lists: [[Element]]) -> [Element] {
        var rests = lists.map { $0[...] }
        var result: [Element] = []
        while true {
            let open = rests.indices.filter { !rests[$0].isEmpty }
            guard !open.isEmpty else { return result }
            result.append(rests[open[below(open.count)]].removeFirst())
        }
    }
}
