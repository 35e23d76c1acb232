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
        let verifier: VerifyHandler
        let writes: Lane
        let reads: Lane

        init(_ store: NotebookStore, _ notebooks: Notebooks) throws {
            self.store = store
            let threads = notebooks.threads
            handler = try ExchangeHandler(
                store: store,
                surroundings: notebooks.surroundings,
                proofSecret: notebooks.proofSecret
            )
            verifier = VerifyHandler(store: store)
            let maximum = Limits.maximumWaitingExchangeCount
            writes = Lane(threads: threads, width: 1, maximumWaitingCount: maximum)
            reads = Lane(threads: threads, width: 2, maximumWaitingCount: maximum)
        }
    }

    private let folder: DataFolder
    private let surroundings: Surroundings
    private let threads: NIOThreadPool
    private let proofSecret: [UInt8]
    private let opening: Lane
    private let open = Mutex<[NotebookID: Open]>([:])

    init(folder: DataFolder, surroundings: Surroundings, threads: NIOThreadPool, proofSecret: [UInt8]) {
        self.folder = folder
        self.surroundings = surroundings
        self.threads = threads
        self.proofSecret = proofSecret
        opening = Lane(threads: threads, width: 1, maximumWaitingCount: Limits.maximumWaitingExchangeCount)
    }

    /// Answers one exchange of sync. What was accepted is on disk when this returns.
    func answer(
        _ request: SyncRequest,
        in notebook: NotebookID,
        rights: WritingRights,
        from device: UInt64
    ) async throws -> SyncAnswer {
        let open = try await open(notebook)
        let lane = request.runs.isEmpty ? open.reads : open.writes
        return try await lane.run {
            try open.handler.answer(request, rights: rights, from: device)
        }
    }

    /// Answers one question of a device that verifies.
    func answer(_ question: VerifyQuestion, in notebook: NotebookID) async throws -> VerifyAnswer {
        let open = try await open(notebook)
        return try await open.reads.run { try open.verifier.answer(question) }
    }

    /// Takes what heals a damaged log. It is on disk when this returns.
    func repair(_ request: RepairRequest, in notebook: NotebookID) async throws -> RepairAnswer {
        let open = try await open(notebook)
        return try await open.writes.run { try open.verifier.repair(request) }
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
        return try Open(store, self)
    }

    func close() {
        let stores = open.withLock { open in
            defer { open.removeAll() }
            return open.values.map(\.store)
        }
        for store in stores { try? store.close() }
    }
}
