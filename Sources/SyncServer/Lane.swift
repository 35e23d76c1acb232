import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// Runs blocking work in order of arrival on threads of its own, a few at a time: event loops and Swift's tasks never
/// wait for a disk.
///
/// With a width of one it is the queue of writers of one database.
final class Lane: Sendable {
    private struct State {
        var waiting = CircularBuffer<Job>()
        var runningCount = 0
    }

    /// `isCancelled`: the threads are gone.
    private typealias Job = @Sendable (_ isCancelled: Bool) -> Void

    private let threads: NIOThreadPool
    private let width: Int
    private let maximumWaitingCount: Int
    private let state = NIOLockedValueBox(State())

    init(threads: NIOThreadPool, width: Int, maximumWaitingCount: Int) {
        precondition(width > 0 && maximumWaitingCount > 0, "a lane must let something through")
        self.threads = threads
        self.width = width
        self.maximumWaitingCount = maximumWaitingCount
    }

    /// Jobs that no thread has begun.
    var waitingCount: Int { state.withLockedValue(\.waiting.count) }

    /// Runs `body` on a thread.
    ///
    /// - Throws: ``ServerBusy`` if too much waits already; whatever `body` throws.
    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let job: Job = { isCancelled in
                if isCancelled {
                    continuation.resume(throwing: ServerStopping())
                } else {
                    continuation.resume(with: .init(catching: body))
                }
            }
            if !enqueue(job) { continuation.resume(throwing: ServerBusy()) }
        }
    }

    private func enqueue(_ job: @escaping Job) -> Bool {
        let (isTaken, startsThread) = state.withLockedValue { state in
            guard state.waiting.count < maximumWaitingCount else { return (false, false) }
            state.waiting.append(job)
            let startsThread = state.runningCount < width
            if startsThread { state.runningCount += 1 }
            return (true, startsThread)
        }
        if startsThread { submit() }
        return isTaken
    }

    private func submit() {
        threads.submit { [self] poolState in drain(isCancelled: poolState == .cancelled) }
    }

    /// One job, then back to the end of the threads' own queue, so that no lane starves another.
    private func drain(isCancelled: Bool) {
        let job = state.withLockedValue { state in
            if state.waiting.isEmpty { state.runningCount -= 1 }
            return state.waiting.popFirst()
        }
        guard let job else { return }
        job(isCancelled)
        submit()
    }
}

/// Too much waits already: come again later.
struct ServerBusy: Error {}

/// The server no longer takes work.
struct ServerStopping: Error {}
