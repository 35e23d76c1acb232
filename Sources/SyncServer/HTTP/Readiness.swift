import Models
import Synchronization

/// Whether the server can work: its accounts can be written, and its disk has room. Asked of the disk at most once a
/// second, for anybody may ask.
final class Readiness: Sendable {
    private struct Known {
        var problem: Problem?
        var uptime: UInt64
    }

    private let accounts: Accounts
    private let folder: DataFolder
    private let uptime: @Sendable () -> UInt64
    private let known = Mutex<Known?>(nil)

    init(_ server: SyncServer) {
        accounts = server.accounts
        folder = server.folder
        uptime = server.configuration.surroundings.uptime
    }

    func answer() async throws -> Answer {
        if let problem = await problem() { throw problem }
        return Answer(type: "text/plain; charset=utf-8", body: Array("ready\n".utf8))
    }

    private func problem() async -> Problem? {
        let now = uptime()
        if let known = known.withLock(\.self), now < known.uptime + Limits.readinessMilliseconds {
            return known.problem
        }
        let problem = await look()
        known.withLock { $0 = Known(problem: problem, uptime: now) }
        return problem
    }

    private func look() async -> Problem? {
        guard let free = folder.freeBytes, free >= Limits.minimumFreeDiskBytes else {
            return .notReady("the disk is nearly full")
        }
        do {
            try await accounts.checkWritable()
            return nil
        } catch {
            return .notReady("the accounts cannot be written")
        }
    }
}
