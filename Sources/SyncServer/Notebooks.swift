import Models
import NIOPosix
import Store
import Synchronization

/// The notebooks of a server: each is opened when it is first asked for, and stays open.
final class Notebooks: Sendable {
    /// One open notebook: its writers queue up, and its readers do not wait for them.
    private final class Open: Sendable {
        let store: NotebookStore
        let handler: ExchangeHandler
        let ownReplica: ReplicaID
        let writes: Lane
        let reads: Lane

        init(_ store: NotebookStore, surroundings: Surroundings, threads: NIOThreadPool) throws {
            self.store = store
            handler = ExchangeHandler(store: store, surroundings: surroundings)
            ownReplica = try store.read { try $0.notebook().replica }
            let maximum = Limits.maximumWaitingExchangeCount
            writes = Lane(threads: threads, width: 1, maximumWaitingCount: maximum)
            reads = Lane(threads: threads, width: 2, maximumWaitingCount: maximum)
        }
    }

    private let folder: DataFolder
    private let surroundings: Surroundings
    private let threads: NIOThreadPool
    private let opening: Lane
    private let open = Mutex<[NotebookID: Open]>([:])

    init(folder: DataFolder, surroundings: Surroundings, threads: NIOThreadPool) {
        self.folder = folder
        self.surroundings = surroundings
        self.threads = threads
        opening = Lane(threads: threads, width: 1, maximumWaitingCount: Limits.maximumWaitingExchangeCount)
    }

    /// Answers one exchange of sync. What was accepted is on disk when this returns.
    func answer(
        _ request: SyncRequest,
        in notebook: NotebookID,
        mayWrite: @escaping @Sendable (ReplicaID) throws -> Bool
    ) async throws -> SyncAnswer {
        let open = try await open(notebook)
        let lane = request.runs.isEmpty ? open.reads : open.writes
        return try await lane.run {
            try open.handler.answer(request) { try $0 != open.ownReplica && mayWrite($0) }
        }
    }

    private func open(_ notebook: NotebookID) async throws -> Open {
        if let found = open.withLock({ $0[notebook] }) { return found }
        return try await opening.run { [self] in
            // Another request may have been faster; this lane lets one through at a time.
            if let found = open.withLock({ $0[notebook] }) { return found }
            let opened = try openFile(of: notebook)
            open.withLock { $0[notebook] = opened }
            return opened
        }
    }

    private func openFile(of notebook: NotebookID) throws -> Open {
        let store = try NotebookStore(path: folder.notebookPath(notebook), surroundings: surroundings)
        try store.write { writer in
            guard try writer.reader.notebook().notebook != notebook else { return }
            guard try writer.reader.logEnd().version == 0 else {
                throw StoreError.corrupt("the file holds another notebook than its name says")
            }
            try writer.adopt(notebook)
        }
        return try Open(store, surroundings: surroundings, threads: threads)
    }

    func close() {
        let stores = open.withLock { open in
            defer { open.removeAll() }
            return open.values.map(\.store)
        }
        for store in stores { try? store.close() }
    }
}
