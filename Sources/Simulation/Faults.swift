/// Which faults a world has.
public struct Faults: Sendable {
    enum Kind: Sendable {
        case crash, serverCrash, clock, clone, backup, restore, newDevice, serverBackup, serverRestore, revocation, loss
        case month
    }

    var kinds: [Kind]
    /// Devices also sync by a file that goes round.
    var hasFile: Bool

    var isEmpty: Bool { kinds.isEmpty }

    public static let none = Faults(kinds: [], hasFile: false)
    public static let all = Faults(
        kinds: [
            .crash, .serverCrash, .clock, .clone, .backup, .restore, .newDevice, .serverBackup, .serverRestore,
            .revocation, .loss, .month, .month,
        ],
        hasFile: true
    )
}
