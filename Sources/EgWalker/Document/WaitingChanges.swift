/// Changes that came before a parent of theirs, by that parent.
struct WaitingChanges: Sendable {
    private var changes: [ChangeID: [TextChange]] = [:]
    private(set) var count = 0

    mutating func add(_ change: TextChange, for parent: ChangeID) throws(TextError) {
        if changes[parent]?.contains(change) == true { return }
        guard count < EgWalkerLimits.maximumWaitingCount else { throw .tooManyWaiting }
        changes[parent, default: []].append(change)
        count += 1
    }

    /// Those that waited for `parent`; they may wait for another one now.
    mutating func take(waitingFor parent: ChangeID) -> [TextChange] {
        guard let taken = changes.removeValue(forKey: parent) else { return [] }
        count -= taken.count
        return taken
    }
}
