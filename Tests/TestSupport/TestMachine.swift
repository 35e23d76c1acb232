public import Models
import Synchronization

/// A machine whose clock only the test moves and whose chance a seed decides.
public final class TestMachine: Sendable {
    private struct State {
        var milliseconds: UInt64
        var chance: Chance
    }

    private let state: Mutex<State>

    /// 2013-11-22, the day of the sample session.
    public static let start: UInt64 = 1_385_100_000_000

    public init(seed: UInt64 = 1, milliseconds: UInt64 = TestMachine.start) {
        state = Mutex(State(milliseconds: milliseconds, chance: Chance(seed: seed)))
    }

    public var now: UInt64 {
        get { state.withLock { $0.milliseconds } }
        set { state.withLock { $0.milliseconds = newValue } }
    }

    public func advance(milliseconds: UInt64) { state.withLock { $0.milliseconds += milliseconds } }

    public var surroundings: Surroundings {
        Surroundings(
            now: { [self] in now },
            uptime: { [self] in now },
            random: { [self] in state.withLock { $0.chance.next() } }
        )
    }
}
