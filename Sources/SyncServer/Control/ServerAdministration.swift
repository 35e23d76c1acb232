import Models
import NIOPosix
import Store

/// The commands' way to a server, whether it runs or not.
public enum ServerAdministration {
    /// Where a server's data is if nobody says: `$XDG_DATA_HOME/webinar-server`.
    public static func defaultFolder(environment: [String: String]) -> String? {
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/webinar-server" }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
        return home + "/.local/share/webinar-server"
    }

    /// Asks the server that runs on `folder`; if none does, does it on the files.
    ///
    /// - Returns: the answer, and whether a server is running.
    /// - Throws: ``SyncServerError``
    public static func ask(
        _ request: AdminRequest,
        folder path: String
    ) async throws -> (answer: AdminAnswer, isRunning: Bool) {
        // A server that is just starting or stopping has the lock without a socket, for a moment.
        for attempt in 1... {
            if let answer = try await askRunning(request, folder: path) { return (answer, true) }
            do {
                return (try await answerOnFiles(request, folder: path), false)
            } catch SyncServerError.folderInUse where attempt < Limits.maximumLockAttemptCount {
                try await Task.sleep(for: .milliseconds(Limits.lockPauseMilliseconds))
            } catch SyncServerError.folderInUse {
                throw SyncServerError.notAnswering(path)
            }
        }
        throw SyncServerError.notAnswering(path)
    }

    /// On a thread that may wait: one of Swift's own would be missing for what is waited for.
    private static func askRunning(_ request: AdminRequest, folder path: String) async throws -> AdminAnswer? {
        try await NIOThreadPool.singleton.runIfActive { try ControlClient.ask(request, folder: path) }
    }

    private static func answerOnFiles(_ request: AdminRequest, folder path: String) async throws -> AdminAnswer {
        let folder = try SyncServerError.translating { try DataFolder.open(path, for: .administration) }
        defer { folder.unlock() }
        let threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        do {
            let pin = try ServerKeys.pin(in: folder)
            let surroundings = Surroundings.ofThisMachine
            let accounts = try Accounts(
                AccountStore(path: folder.accountsPath(), surroundings: surroundings),
                surroundings: surroundings,
                threads: threads
            )
            let administration = Administration(accounts: accounts, pin: pin) { _ in }
            let answer = try await administration.answer(request)
            try? await threads.shutdownGracefully()
            accounts.close()
            return answer
        } catch {
            try? await threads.shutdownGracefully()
            throw SyncServerError(error, listen: "")
        }
    }
}
