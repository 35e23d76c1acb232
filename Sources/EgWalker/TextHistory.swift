/// A change as a history holds it.
public struct TextNode: Sendable {
    /// A number greater than those of the change's parents. It need not be dense, and may differ between replicas:
    /// it never reaches a result.
    public var order: Int
    public var change: TextChange
    /// The change was among the ``TextMergeResult/misfits`` when it was taken in: it does not fit its parents' version
    /// and counts as empty. Every replica comes to the same verdict. A merge that replays only a part of the history
    /// cannot come to it again, so the store remembers it.
    public var isVoid: Bool

    public init(order: Int, change: TextChange, isVoid: Bool = false) {
        self.order = order
        self.change = change
        self.isVoid = isVoid
    }
}

/// The changes of one text, wherever they are kept, looked up one by one.
public protocol TextHistory {
    /// The change of this name; nil if the history does not have it.
    func node(_ id: ChangeID) throws -> TextNode?
}

/// What taking in changes came to.
public struct TextMergeResult: Hashable, Sendable {
    /// What a person sees: the merge of ``heads``, with its repair.
    public var text: String
    /// The changes that no other known change follows, ascending.
    public var heads: [ChangeID]
    /// Two changes made apart met, so there may be conflicts to list.
    public var metConcurrency: Bool
    /// The new changes that do not fit their parents' version, ascending. They belong to the history all the same, as
    /// empty ones (``TextNode/isVoid``), so that what was written on top of them is not lost.
    public var misfits: [ChangeID]

    public init(text: String, heads: [ChangeID], metConcurrency: Bool, misfits: [ChangeID]) {
        self.text = text
        self.heads = heads
        self.metConcurrency = metConcurrency
        self.misfits = misfits
    }
}
