public import Models
public import Store

/// What a verification found, after what it repaired.
public struct VerifyReport: Hashable, Sendable {
    /// What is wrong on this device.
    public var here: StoreCheck
    /// Nil where no server was asked.
    public var server: ServerVerdict?
    /// What was put right on the way; what is left is in ``here`` and ``server``.
    public var repairs = Repairs()

    /// - Parameters:
    ///   - here: what the last look at this device found.
    ///   - server: what the last comparison found; nil where no server was asked.
    public init(here: StoreCheck, server: ServerVerdict? = nil, repairs: Repairs = Repairs()) {
        self.here = here
        self.server = server
        self.repairs = repairs
    }

    /// Nothing is damaged, as far as was looked. What waits to be sent or read is no damage.
    public var isSound: Bool { here.findings.isEmpty && server?.isSound != false }
}

/// What was put right.
public struct Repairs: Hashable, Sendable {
    /// Changes here that stand right again because that followed from the rest of the log.
    public var mendedCount = 0
    /// Changes here that have their bytes again, found on this device alone.
    public var healedHereCount = 0
    /// Changes here that got their bytes from the server.
    public var fetchedCount = 0
    /// Changes that this device had lost, and has from the server again.
    public var regainedCount = 0
    /// The state here was built anew from the log.
    public var isRebuilt = false
    /// Changes there that stand right again because that followed from the rest.
    public var mendedThereCount = 0
    /// Changes there that got their bytes from this device.
    public var healedThereCount = 0
    /// The state there was built anew from the log.
    public var isRebuiltThere = false

    public init() {}

    /// Nothing was put right, on either side.
    public var isEmpty: Bool { self == Repairs() }
}

/// How a server compares with this device: what differs, and what that means.
///
/// Pure. A record is damaged where both hold the same changes to it and not the same state.
public struct ServerVerdict: Hashable, Sendable {
    /// What is wrong with the server's log.
    public var logFaults: [LogFault]
    /// Records with the same changes on both sides and another state, ascending.
    public var damaged: [RecordID]
    /// Changes that this device had read, and lost.
    public var lost: [ChangeSpan]
    /// Logs that are not the same on both sides as far as both go.
    public var forked: [ReplicaID]
    /// Changes here that the server does not have. No damage: the next sync carries them, and the records they touch
    /// were left out.
    public var unsentCount: UInt64
    /// Changes there that this device has not read; no damage either.
    public var unreadCount: UInt64
    /// Both keep their state in the same form, so that it could be compared.
    public var isComparable: Bool

    /// - Parameter touchedHere: the changes here that the server does not have, and their records.
    public init(_ findings: ServerComparison.Findings, touchedHere: TouchedLook) {
        logFaults = findings.logFaults
        damaged = findings.differing.subtracting(findings.touchedThere).subtracting(touchedHere.records).sorted()
        lost = findings.lost
        forked = findings.forked.sorted()
        unsentCount = touchedHere.spans.reduce(0) { $0 &+ $1.count }
        unreadCount = findings.unread.reduce(0) { $0 &+ $1.count }
        isComparable = findings.isComparable
    }

    /// Nothing is damaged there or lost here, and all of the state could be compared. Changes may wait on either side.
    public var isSound: Bool {
        logFaults.isEmpty && damaged.isEmpty && lost.isEmpty && forked.isEmpty && isComparable
    }

    /// Nothing is damaged, and nothing waits on either side.
    public var isEqual: Bool { isSound && unsentCount == 0 && unreadCount == 0 }
}
