public import Models

/// What a sync did.
public struct SyncReport: Hashable, Sendable {
    /// Changes that the server was sent and took; some it may have had already.
    public var sentCount = 0
    /// Changes that came and were new here.
    public var receivedCount = 0
    /// Requests that were answered, corrections included.
    public var exchangeCount = 0
    /// How much of a notebook that is new here has come; nil when all of it is here.
    public var loading: SnapshotPosition?
    /// Both sides compared digests of their own state, and they are equal.
    public var isLevel = false
    /// This device turned out to be a copy, or to be restored, and writes under a new replica now.
    public var tookNewReplica = false
    /// The server's log was put back; what it lacked was sent again.
    public var serverWasRestored = false
    /// Records that others deleted and that are in the trash here now.
    public var deletedCount = 0
    /// Records that were long enough in the trash, and that this device purged.
    public var purgedCount = 0
    /// Records that others purged while they were changed elsewhere, and that this device wrote again.
    public var revivedCount = 0
    /// So many records here were deleted elsewhere that the server's news wait for a yes; 0: they do not.
    public var heldDeletionCount = 0
    /// So many records were deleted here that what was written here waits for a yes; 0: it does not.
    public var withheldDeletionCount = 0

    /// Of a sync that has done nothing yet.
    public init() {}
}
