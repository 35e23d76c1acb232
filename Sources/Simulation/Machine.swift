import Models
import Store
import Synchronization

/// A simulated computer: its clock, its chance and its disk, with the faults that are planned.
final class Machine: Sendable {
    private struct State {
        var random: SeededRandom
        /// Milliseconds that this clock is ahead of the world's.
        var clockLead: Int64 = 0
        /// Commits until one fails; nil: none does.
        var commitsUntilCrash: Int?
        var commitCount = 0
    }

    private let state: Mutex<State>
    private let world: WorldClock

    init(random: SeededRandom, world: WorldClock) {
        state = Mutex(State(random: random))
        self.world = world
    }

    var surroundings: Surroundings {
        Surroundings(
            now: { [self] in
                let now = Int64(world.milliseconds) + state.withLock { $0.clockLead }
                return UInt64(max(0, now))
            },
            uptime: { [self] in world.milliseconds },
            random: { [self] in state.withLock { $0.random.next() } }
        )
    }

    /// Called by the store right before each commit.
    var willCommit: @Sendable () throws -> Void {
        { [self] in
            try state.withLock { state in
                if let left = state.commitsUntilCrash {
                    state.commitsUntilCrash = left > 0 ? left - 1 : nil
                    if left == 0 { throw Crash() }
                }
                state.commitCount += 1
            }
        }
    }

    /// How often something on this disk changed.
    var commitCount: Int { state.withLock(\.commitCount) }

    func jumpClock(to lead: Int64) { state.withLock { $0.clockLead = lead } }

    func crash(afterCommits count: Int) { state.withLock { $0.commitsUntilCrash = count } }

    func repair() { state.withLock { $0.commitsUntilCrash = nil } }
}

/// The power went, or the disk was full: the transaction under way is gone.
struct Crash: Error {}

/// The time of the world, which only the simulation moves.
final class WorldClock: Sendable {
    private let state = Mutex<UInt64>(1_385_100_000_000)

    var milliseconds: UInt64 { state.withLock { $0 } }

    func advance(milliseconds: UInt64) { state.withLock { $0 += milliseconds } }
}
