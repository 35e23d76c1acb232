/// One save of one text: a node of the event graph, atomic and immutable.
public struct TextChange: Hashable, Sendable {
    public var id: ChangeID
    /// The version that the author saw: the saves that no other save known to them followed. Ascending, none of them
    /// in another's past. Empty: the author began with the empty text.
    public var parents: [ChangeID]
    /// The author's text was the merge of ``parents`` *with its repair*: the same correction, made on both sides, shown
    /// once (docs/text-merge.md). Says nothing with fewer than two parents.
    public var isRepaired: Bool
    /// Every text conflict in this change's past is settled.
    public var settles: Bool
    public var spans: [TextSpan]

    public init(
        id: ChangeID,
        parents: [ChangeID],
        isRepaired: Bool = false,
        settles: Bool = false,
        spans: [TextSpan]
    ) {
        self.id = id
        self.parents = parents
        self.isRepaired = isRepaired
        self.settles = settles
        self.spans = spans
    }
}
