/// When a sync that deletes waits for a person's yes (docs/decisions/0015). A slip of a script or a hand, carried to
/// every device, should be seen before; the few deletions of a day should not be asked about.
public enum DeletionGuard {
    /// - Parameters:
    ///   - count: the records that go into the trash.
    ///   - live: the records that are there before.
    public static func asks(deleting count: Int, of live: Int) -> Bool {
        count > max(Limits.unaskedDeletionCount, live * Limits.unaskedDeletionPercent / 100)
    }
}
