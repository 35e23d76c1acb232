import Models
import SyncServer

/// Who may sync and who may write what, by the rules of the server's accounts, whose file a simulation does without.
struct SimulatedAccounts {
    private var linked: Set<Int> = []
    private var owners: [ReplicaID: Int] = [:]
    private var current: [Int: ReplicaID] = [:]
    private var nextAccount = 0

    /// A new account, for a device that writes under `replica`.
    mutating func link(_ replica: ReplicaID) -> Int {
        defer { nextAccount += 1 }
        linked.insert(nextAccount)
        claim(replica, for: nextAccount)
        return nextAccount
    }

    mutating func revoke(_ account: Int) { linked.remove(account) }

    /// These accounts as a backup has them, after the owner revoked again whom these know to be revoked.
    func revokingAgain(in backup: SimulatedAccounts) -> SimulatedAccounts {
        var accounts = backup
        accounts.linked.formIntersection(linked)
        // Accounts are never numbered twice: they stand for random secrets.
        accounts.nextAccount = nextAccount
        return accounts
    }

    func isLinked(_ account: Int) -> Bool { linked.contains(account) }

    private mutating func claim(_ replica: ReplicaID, for account: Int) {
        guard owner(of: replica) == nil else { return }
        owners[replica] = account
        current[account] = replica
    }

    private func owner(of replica: ReplicaID) -> Int? { owners[replica].flatMap { isLinked($0) ? $0 : nil } }

    /// A replica belongs to who shows it as its own first, until that account is revoked or claims another.
    mutating func rights(of account: Int, sending request: SyncRequest) -> WritingRights {
        if let current = request.heads.first { claim(current.replica, for: account) }
        let (owners, isOldest) = (owners.filter { isLinked($0.value) }, linked.min() == account)
        let writers = owners.filter { current[$0.value] == $0.key }
        return WritingRights(
            mayWrite: { owners[$0] == account },
            mayFinish: { writers[$0] == nil || writers[$0] == account },
            mayCarry: { writers[$0] == nil && (isOldest || !$1) }
        )
    }
}
