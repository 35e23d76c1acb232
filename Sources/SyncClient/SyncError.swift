/// Why a sync ended early. Everything that was saved is safe; nothing is lost.
public enum SyncError: Error, Hashable, Sendable {
    /// The server answers what no server of ours answers.
    case protocolBroken(String)
    /// The server has another change under a number of another device's log than is here: the server and that device were
    /// put back together, and neither can tell (docs/decisions/0013).
    case logForked(String, sequence: UInt64)
}
