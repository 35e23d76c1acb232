/// What a sync may do.
public struct SyncRules: Hashable, Sendable {
    /// A person said yes to many deletions, both here and elsewhere (see `DeletionGuard`).
    public var mayDeleteMany: Bool
    /// Only looks at what would come.
    public var sendsNothing: Bool
    /// The most bytes of changes to send at a time, however much more the link carries; one change goes always.
    public var maximumPushBytes: Int

    public init(mayDeleteMany: Bool = false, sendsNothing: Bool = false, maximumPushBytes: Int = .max) {
        self.mayDeleteMany = mayDeleteMany
        self.sendsNothing = sendsNothing
        self.maximumPushBytes = maximumPushBytes
    }
}
