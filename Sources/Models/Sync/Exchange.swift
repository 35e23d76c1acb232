/// How far a replica has read a server's log.
public struct Cursor: Hashable, Sendable {
    /// The life of one server log; a server restored from a backup starts a new one.
    public var epoch: UInt64
    /// The server's number for a change, in order of arrival; dense. 0: nothing read.
    public var version: UInt64
    /// The server's running hash at `version`, which shows that the log is still the one that was read.
    public var hash: ContentHash

    public init(epoch: UInt64, version: UInt64, hash: ContentHash) {
        self.epoch = epoch
        self.version = version
        self.hash = hash
    }

    /// Before anything was read.
    public static let start = Cursor(epoch: 0, version: 0, hash: .zero)
}

/// The end of one replica's log as somebody holds it.
public struct Head: Hashable, Sendable {
    public var replica: ReplicaID
    /// 0: none of its changes.
    public var sequence: UInt64
    /// The chain's hash at `sequence`.
    public var hash: ContentHash

    public init(replica: ReplicaID, sequence: UInt64, hash: ContentHash) {
        self.replica = replica
        self.sequence = sequence
        self.hash = hash
    }
}

/// Consecutive changes of one replica. Replica, sequence and previous hash stand once for all,
/// and the hash chain covers them.
public struct ChangeRun: Hashable, Sendable {
    public var replica: ReplicaID
    /// The sequence of the first body.
    public var firstSequence: UInt64
    /// The chain's hash before the first body.
    public var previous: ContentHash
    /// The changes' bytes as their author wrote them.
    public var bodies: [[UInt8]]

    public init(replica: ReplicaID, firstSequence: UInt64, previous: ContentHash, bodies: [[UInt8]]) {
        self.replica = replica
        self.firstSequence = firstSequence
        self.previous = previous
        self.bodies = bodies
    }
}

/// What a device asks: pushes and pulls in one.
public struct SyncRequest: Hashable, Sendable {
    public var cursor: Cursor
    /// The ends of the device's own logs, unsent changes included: the replica it writes under
    /// first, then earlier ones that still have something to send.
    public var heads: [Head]
    /// The ends of other logs that it holds, while it reads a server's log from the start: these it need not
    /// be sent, and the server says which of them it lacks.
    public var known: [Head]
    public var runs: [ChangeRun]
    /// Others have the runs already, by file. Nothing can stamp them again, so no clock judges them; everything
    /// else that was written since goes in a request of its own.
    public var isShared: Bool
    /// Where a run ends that is another's, or that the server had before: that the server had it.
    public var proofs: [HeadProof]
    /// Points of one of its logs, ascending, after a fork: which of them does the server have alike?
    public var probes: [Head]
    /// From a device that holds nothing of others: what of a snapshot it has loaded. The server may answer with
    /// the log all the same.
    public var snapshot: SnapshotPosition?
    /// It only looks, with a copy of itself that is thrown away: the server notes nothing about it.
    public var isTrial: Bool
    /// The most bytes of changes it wants back.
    public var maximumBytes: Int

    public init(
        cursor: Cursor,
        heads: [Head],
        known: [Head] = [],
        runs: [ChangeRun],
        isShared: Bool = false,
        proofs: [HeadProof] = [],
        probes: [Head] = [],
        snapshot: SnapshotPosition? = nil,
        isTrial: Bool = false,
        maximumBytes: Int
    ) {
        self.cursor = cursor
        self.heads = heads
        self.known = known
        self.runs = runs
        self.isShared = isShared
        self.proofs = proofs
        self.probes = probes
        self.snapshot = snapshot
        self.isTrial = isTrial
        self.maximumBytes = maximumBytes
    }
}

/// What the server answers.
public struct SyncAnswer: Hashable, Sendable {
    public var outcome: SyncOutcome
    /// The server's heads of the logs the device named as its own, accepted through here; and of those it
    /// named as known, where the server has less.
    public var accepted: [Head]
    public var runs: [ChangeRun]
    /// Instead of runs, for a device that loads.
    public var snapshot: SnapshotPage?
    /// That the server holds these logs up to here: for a server that is put back to an earlier state.
    public var proofs: [HeadProof]
    public var next: Cursor
    /// More changes wait after `next`.
    public var hasMore: Bool
    public var serverMilliseconds: UInt64
    /// The newest version of the server's log.
    public var serverVersion: UInt64
    /// The digest of the server's state, when the device has read all of its log.
    public var digest: ContentHash?
    /// Everybody who was seen lately has read the server's log up to here, when the device has read all of it.
    public var floor: UInt64

    public init(
        outcome: SyncOutcome,
        accepted: [Head],
        runs: [ChangeRun],
        snapshot: SnapshotPage? = nil,
        proofs: [HeadProof] = [],
        next: Cursor,
        hasMore: Bool,
        serverMilliseconds: UInt64,
        serverVersion: UInt64,
        digest: ContentHash?,
        floor: UInt64 = 0
    ) {
        self.outcome = outcome
        self.accepted = accepted
        self.runs = runs
        self.snapshot = snapshot
        self.proofs = proofs
        self.next = next
        self.hasMore = hasMore
        self.serverMilliseconds = serverMilliseconds
        self.serverVersion = serverVersion
        self.digest = digest
        self.floor = floor
    }
}

/// What became of the push.
public enum SyncOutcome: Hashable, Sendable {
    case accepted
    /// The server holds another change under a number of this replica, or more of them than the
    /// device: it was cloned or restored. `common` is the last sequence known to be alike in both:
    /// of the run that was sent, or of the probes.
    case replicaForked(ReplicaID, common: UInt64)
    /// The run of this replica begins after a gap; send again from the sequence.
    case sendFrom(ReplicaID, UInt64)
    /// A stamp of this replica lies further ahead than the server accepts, or did when it first came, in these
    /// milliseconds of the server's: stamp what was not sent again, as of then. To whoever brings the same change the
    /// server always says the same, so that all of them issue the same again.
    case clockAhead(ReplicaID, at: UInt64)
    /// The log behind the cursor is gone: read again from the start of `next`, and send what
    /// the server lacks.
    case historyLost
}
