import Synchronization

/// Histories that several tasks play: which is next, and what came of them. The first that fails ends the run.
public final class Run: Sendable {
    private struct State {
        var next: UInt64
        var left: UInt64
        var hash: UInt64 = 0
        var failure: Violation?
    }

    private let state: Mutex<State>
    private let stepCount: Int
    private let onHistory: @Sendable (_ events: [String]) -> Void

    /// - Parameter onHistory: called with the events of each history that broke no law.
    public init(
        first: UInt64,
        count: UInt64,
        stepCount: Int,
        onHistory: @escaping @Sendable (_ events: [String]) -> Void = { _ in }
    ) {
        state = Mutex(State(next: first, left: count))
        self.stepCount = stepCount
        self.onHistory = onHistory
    }

    /// Plays histories, `jobs` at a time, until all are played or one has failed.
    public func play(jobs: Int) async {
        await withTaskGroup { group in
            for _ in 0..<jobs { group.addTask { while let seed = self.next() { self.play(seed) } } }
        }
    }

    private func play(_ seed: UInt64) {
        do {
            var world = try World(seed: seed)
            try world.play(steps: 0..<stepCount)
            add(world.events)
            onHistory(world.events)
        } catch {
            fail(error as? Violation ?? Violation(seed: seed, law: "\(error)"))
        }
    }

    private func next() -> UInt64? {
        state.withLock { state in
            guard state.left > 0, state.failure == nil else { return nil }
            defer {
                state.next &+= 1
                state.left -= 1
            }
            return state.next
        }
    }

    private func add(_ events: [String]) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for event in events { for byte in event.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 } }
        state.withLock { $0.hash &+= hash }
    }

    private func fail(_ violation: Violation) {
        state.withLock { state in
            if violation.seed < state.failure?.seed ?? .max { state.failure = violation }
        }
    }

    /// Over all events of all histories. A sum, so that it does not depend on which ended first.
    public var hash: UInt64 { state.withLock(\.hash) }

    public var failure: Violation? { state.withLock(\.failure) }
}
