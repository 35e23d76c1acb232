/// A law that a history broke.
public struct Violation: Error, CustomStringConvertible {
    /// Of the history: playing it again breaks the same law.
    public var seed: UInt64
    /// Which law and how, for people; or the error that a step threw.
    public var law: String
    /// What happened, a line an event.
    public var events: [String]

    public init(seed: UInt64, law: String, events: [String] = []) {
        (self.seed, self.law, self.events) = (seed, law, events)
    }

    public var description: String {
        "seed \(seed): \(law)\n" + events.map { "  \($0)" }.joined(separator: "\n")
    }
}

extension Violation {
    /// A law broken by as few steps of the history as can be found. Plays some hundred histories.
    public func shrunk(stepCount: Int, faults: Faults = .all) -> Violation {
        shrunk(from: Array(0..<stepCount)) { World.violation(seed: seed, steps: $0, faults: faults) }
    }

    /// Leaves out halves, quarters and so on down to single steps, as long as something is still broken (Zeller and
    /// Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 2002).
    func shrunk(from all: [Int], breaking: (_ steps: [Int]) -> Violation?) -> Violation {
        var best = self
        var steps = all
        var size = max(1, steps.count / 2)
        while true {
            var start = 0
            var hasShrunk = false
            while start < steps.count {
                let fewer = Array(steps[..<start] + steps[min(start + size, steps.count)...])
                if let violation = breaking(fewer) {
                    (best, steps, hasShrunk) = (violation, fewer, true)
                } else {
                    start += size
                }
            }
            if size == 1, !hasShrunk { return best }
            if !hasShrunk || size > steps.count { size = max(1, size / 2) }
        }
    }
}

extension World {
    /// What these steps of a history break; nil if nothing.
    public static func violation(seed: UInt64, steps: some Sequence<Int>, faults: Faults = .all) -> Violation? {
        do {
            var world = try World(seed: seed, faults: faults)
            try world.play(steps: steps)
            return nil
        } catch let violation as Violation {
            return violation
        } catch {
            return Violation(seed: seed, law: "\(error)")
        }
    }
}
