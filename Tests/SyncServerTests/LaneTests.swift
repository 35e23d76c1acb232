import Dispatch
import NIOPosix
import Synchronization
import Testing

@testable import SyncServer

@Suite struct LaneTests {
    /// Counts who is inside, and how many ever were.
    private final class Counter: Sendable {
        private let counts = Mutex((inside: 0, all: 0))

        func enter() -> Int {
            counts.withLock { counts in
                counts.inside += 1
                counts.all += 1
                return counts.inside
            }
        }

        func leave() { counts.withLock { $0.inside -= 1 } }

        var all: Int { counts.withLock(\.all) }
    }

    @Test func `a narrow lane runs one at a time`() async throws {
        let threads = NIOThreadPool(numberOfThreads: 4)
        threads.start()
        let lane = Lane(threads: threads, width: 1, maximumWaitingCount: 1000)
        let counter = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    let inside = try await lane.run { () -> Int in
                        defer { counter.leave() }
                        return counter.enter()
                    }
                    #expect(inside == 1)
                }
            }
            try await group.waitForAll()
        }
        #expect(counter.all == 200)
        try await threads.shutdownGracefully()
    }

    @Test func `beyond its limit a lane is busy, and without threads it is stopping`() async throws {
        let threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        let lane = Lane(threads: threads, width: 1, maximumWaitingCount: 1)
        let (started, isStarted) = AsyncStream.makeStream(of: Void.self)
        let gate = DispatchSemaphore(value: 0)
        let first = Task {
            try await lane.run {
                isStarted.yield()
                gate.wait()
                return 1
            }
        }
        for await _ in started { break }
        let second = Task { try await lane.run { 2 } }
        while lane.waitingCount == 0 { await Task.yield() }
        await #expect(throws: ServerBusy.self) { try await lane.run { 3 } }
        gate.signal()
        #expect(try await first.value == 1)
        #expect(try await second.value == 2)
        try await threads.shutdownGracefully()
        await #expect(throws: ServerStopping.self) { try await lane.run { 4 } }
    }
}
