/// How many bytes one exchange carries, adapted to the link so that an exchange takes seconds:
/// small on a link that breaks, large on one that flies.
public struct BatchSize: Hashable, Sendable {
    public private(set) var bytes: Int

    /// - Parameter bytes: where the last sync left off; anything out of bounds is brought inside.
    public init(bytes: Int = 256 * 1024) {
        self.bytes = min(max(bytes, Limits.minimumBatchBytes), Limits.maximumBatchBytes)
    }

    /// An exchange went through in `milliseconds`.
    public mutating func succeeded(inMilliseconds milliseconds: UInt64) {
        if milliseconds * 2 < Limits.exchangeGoalMilliseconds {
            self = BatchSize(bytes: bytes * 4)
        } else if milliseconds > Limits.exchangeGoalMilliseconds * 2 {
            self = BatchSize(bytes: bytes / 2)
        }
    }

    /// An exchange broke off.
    public mutating func failed() {
        self = BatchSize(bytes: bytes / 4)
    }
}
