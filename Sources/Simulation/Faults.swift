/// Which faults a world has.
public struct Faults: Sendable {
    enum Kind: Sendable {
        case crash, serverCrash, clock, clone, backup, restore, newDevice, serverBackup, serverRestore, revocation, loss
        case month
    }

    var kinds: [Kind]
    /// Devices also sync by a file that goes round.
    var hasFile: Bool
    /// The most bytes of changes that a device sends at a time. Few of them end pushes in the middle of a log.
    public var maximumPushBytes = Int.max
    /// A month passes as often as all else goes wrong, so that trash is purged, and devices are away for long.
    public var isAging = false

    /// One of these is drawn each time.
    var drawn: [Kind] { isAging ? kinds + Array(repeating: .month, count: kinds.count) : kinds }

    var isEmpty: Bool { kinds.isEmpty }

    /// Nothing goes wrong but on the network, which loses and repeats messages.
    public static let none = Faults(kinds: [], hasFile: false)
    /// Everything that can go wrong, and a file that goes round.
    public static let all = Faults(
        kinds: [
            .crash, .serverCrash, .clock, .clone, .backup, .restore, .newDevice, .serverBackup, .serverRestore,
            .revocation, .loss, .month, .month,
        ],
        hasFile: true
    )
}
