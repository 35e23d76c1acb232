import Store
import Synchronization

/// Notebooks in memory that worlds have done with. A new world takes them over emptied: making a connection and its
/// statements takes longer than most of what a world does with them.
final class StorePool: Sendable {
    static let shared = StorePool()

    private let idle = Mutex<[NotebookStore]>([])

    func store(of machine: Machine) throws -> NotebookStore {
        try NotebookStore(
            inMemoryWith: machine.surroundings,
            reusing: idle.withLock { $0.popLast() },
            willCommit: machine.willCommit
        )
    }

    func copy(of store: NotebookStore, for machine: Machine) throws -> NotebookStore {
        try store.copyInMemory(
            surroundings: machine.surroundings,
            reusing: idle.withLock { $0.popLast() },
            willCommit: machine.willCommit
        )
    }

    func take(back stores: [NotebookStore]) { idle.withLock { $0 += stores } }
}
