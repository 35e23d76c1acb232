/// Every maximum of this room, with its reason.
public enum EgWalkerLimits {
    /// Scalars in one text, and the highest position. Positions inside are 32-bit numbers, half of whose range is for
    /// the text before a replay and half for what the replay inserts; this leaves both ample room.
    public static let maximumScalarCount = 1 << 28

    /// Scalars that all changes of one replay insert together.
    public static let maximumInsertedScalarCount = 1 << 29

    /// Spans of one change: a text of ten megabytes, every second word replaced.
    public static let maximumSpanCount = 1 << 22

    /// Parents of one change: more branches than a person's devices can open.
    public static let maximumParentCount = 1024

    /// Changes of one history frame or one replay.
    public static let maximumChangeCount = 1 << 24

    /// Changes a ``TextDocument`` keeps waiting for a parent. A peer that sends more out of order sends them again.
    public static let maximumWaitingCount = 100_000

    /// Bytes of one column of a history frame, inflated.
    public static let maximumColumnByteCount = 1 << 30

    /// Bytes of one varint: 64 bits, seven to a byte.
    static let maximumVarintByteCount = 10

    /// Conflicts listed for one text. A person settles some before asking for more.
    public static let maximumConflictCount = 1000

    /// Merges looked at for conflicts, the latest ones. Each may replay the whole history.
    public static let maximumMergeCount = 256

    /// Edit distance in tokens up to which the word diff is the shortest one. The search costs its square; beyond,
    /// anchors cut the texts first.
    static let maximumEditDistance = 1500

    /// Steps that all searches of one word diff may take together; what is left then is replaced whole.
    static let maximumDiffStepCount = 40_000_000

    /// Scalars of a replaced stretch in which words are looked for that only stand behind other white space.
    static let maximumTidiedScalarCount = 256
}
