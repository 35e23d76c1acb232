/// Why a change, a history or bytes were refused. Nothing is half applied.
public enum TextError: Error, Hashable, Sendable {
    /// A span of the change lies outside the text of the version its author named.
    case outOfBounds(ChangeID)
    /// The change names a parent that the history does not have.
    case unknownParent(ChangeID, of: ChangeID)
    /// The version holds a change that the history does not have.
    case unknownVersion(ChangeID)
    /// The change's parents are not ascending, or one of them is in another's past.
    case parentsNotMinimal(ChangeID)
    /// The history's order does not put parents before children, or the text is not that of the given version.
    case inconsistentHistory
    /// More than ``EgWalkerLimits`` allows.
    case tooLarge
    /// A second, different change under a known id: an author's counter was cloned or restored.
    case forked(ChangeID)
    /// More changes wait for a parent than ``EgWalkerLimits/maximumWaitingCount``.
    case tooManyWaiting
}
