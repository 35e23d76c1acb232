@testable import Simulation
import TestSupport
import Testing

/// Histories of devices, a server and faults in one process: at the end everybody is equal, no word is
/// lost, and nobody had to do anything.
///
/// `WEBINAR_HISTORIES=N` plays N histories in each chunk, `WEBINAR_SEED=S` begins with S. A history
/// that breaks a law is played again with `swift run simulate --seed S --histories 1`, a long one with `--steps 200`; one
/// without faults only here.
@Suite struct ConvergenceTests {
    /// Histories in a chunk; chunks run side by side, one for each core.
    private static let count = UInt64(TestEnvironment.number("WEBINAR_HISTORIES") ?? 30)
    private static let first = UInt64(TestEnvironment.number("WEBINAR_SEED") ?? 1)

    @Test(arguments: 0..<12 as Range<UInt64>)
    func `replicas converge through all faults`(chunk: UInt64) throws {
        try play(chunk, stepCount: 30, faults: .all)
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `replicas converge where only the network fails`(chunk: UInt64) throws {
        try play(1000 + chunk, stepCount: 30, faults: .none, share: 2)
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `long histories converge, too`(chunk: UInt64) throws {
        try play(2000 + chunk, stepCount: 200, faults: .all, share: 30)
    }

    private func play(_ chunk: UInt64, stepCount: Int, faults: Faults, share: UInt64 = 1) throws {
        for seed in (0..<max(1, Self.count / share)).map({ Self.first + chunk * Self.count + $0 }) {
            guard let violation = World.violation(seed: seed, steps: 0..<stepCount, faults: faults) else { continue }
            Issue.record("\(violation.shrunk(stepCount: stepCount, faults: faults))")
            return
        }
    }

    @Test(arguments: [1, 7, 4711] as [UInt64])
    func `one seed gives one history`(seed: UInt64) throws {
        var histories: [[String]] = []
        for _ in 0..<2 {
            var world = try World(seed: seed)
            try world.play(steps: 0..<80)
            histories.append(world.events)
        }
        #expect(histories[0] == histories[1])
        #expect(histories[0].count > 80)
    }

    /// The hash is the one that `simulate --histories 20` prints, which is a release build. What changes events changes it.
    @Test func `a debug build plays what a release build plays`() {
        var run = Run(seeds: 1..<21, stepCount: 30)
        run.play()
        #expect(run.failure == nil)
        #expect(String(run.hash, radix: 16) == "f1ecca232a40a12f")
    }

    @Test func `two seeds give two histories`() throws {
        var one = try World(seed: 1)
        var two = try World(seed: 2)
        try one.play(steps: 0..<40)
        try two.play(steps: 0..<40)
        #expect(one.events != two.events)
    }

    @Test(arguments: [[], [0], [29], [3, 17], [0, 1, 2, 28], Array(0..<30)] as [[Int]])
    func `of a history that breaks a law only the steps are left that break it`(needed: [Int]) {
        func broken(_ steps: [Int]) -> Violation? {
            guard Set(steps).isSuperset(of: needed) else { return nil }
            return Violation(seed: 1, law: "broken", events: steps.map(String.init))
        }
        let whole = Violation(seed: 1, law: "broken", events: (0..<30).map(String.init))
        #expect(whole.shrunk(from: Array(0..<30), breaking: broken).events == needed.map(String.init))
    }
}
