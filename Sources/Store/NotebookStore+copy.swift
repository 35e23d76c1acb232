import GRDB
public import Models

extension NotebookStore {
    /// A copy in memory of this notebook as it is now: what a cloned or restored disk holds.
    /// <https://www.sqlite.org/backup.html>
    public func copyInMemory(
        surroundings: Surroundings,
        willCommit: @escaping @Sendable () throws -> Void = {}
    ) throws -> NotebookStore {
        let copy = try NotebookStore(inMemoryWith: surroundings, willCommit: willCommit)
        try StoreError.translating { try database.backup(to: copy.database) }
        return copy
    }
}
