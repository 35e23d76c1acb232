import Simulation
import Synchronization

/// Histories that several threads play: which is next, and what came of them. The first that fails ends the run.
final class Run: Sendable {
    private struct State {
        var next: UInt64
        var left: UInt64
        var hash: UInt64 = 0
        var failure: Violation?
    }

    private let state: Mutex<State>

    init(first: UInt64, count: UInt64) { state = Mutex(State(next: first, left: count)) }

    /// The seed of the next history.
    func next() -> UInt64? {
        state.withLock { state in
            guard state.left > 0, state.failure == nil else { return nil }
            defer {
                state.next &+= 1
                state.left -= 1
            }
            return state.next
        }
    }

    /// The hash is a sum, so that it does not depend on who ends first.
    func add(_ events: [String]) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for event in events { for byte in event.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 } }
        state.withLock { $0.hash &+= hash }
    }

    func fail(_ violation: Violation) {
        state.withLock { state in
            if violation.seed < state.failure?.seed ?? .max { state.failure = violation }
        }
    }

    var hash: UInt64 { state.withLock(\.hash) }
    var failure: Violation? { state.withLock(\.failure) }
}
