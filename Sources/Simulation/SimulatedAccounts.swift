import Models
import SyncServer

/// Who may sync and who may write what, by the rules of the server's accounts, whose file a simulation does without.
struct SimulatedAccounts {
    private var linked: Set<Int> = []
    private var first: Int?
    private var writers: [ReplicaID: Int] = [:]
    var nextAccount = 0

    mutating func link() -> Int {
        defer { nextAccount += 1 }
        if linked.isEmpty { first = nextAccount }
        linked.insert(nextAccount)
        return nextAccount
    }

    mutating func revoke(_ account: Int) { linked.remove(account) }

    func isLinked(_ account: Int) -> Bool { linked.contains(account) }

    /// A replica belongs for good to who writes under it first.
    mutating func rights(of account: Int, sending request: SyncRequest) -> WritingRights {
        let own = Set(request.heads.map(\.replica))
        for run in request.runs where own.contains(run.replica) && writers[run.replica] == nil {
            writers[run.replica] = account
        }
        let (writers, isFirst) = (writers, first == account)
        return WritingRights(
            mayWrite: { writers[$0] == account },
            mayCarry: { isFirst && writers[$0] == nil }
        )
    }
}
