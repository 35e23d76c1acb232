/// A stretch of text that two sides changed apart: the merge kept all words, and here is what each side wrote.
public struct TextConflict: Hashable, Sendable {
    /// What one side made of the stretch.
    public struct Version: Hashable, Sendable {
        /// The side's changes that touched the stretch, oldest first; the last one is its date.
        public var ids: [ChangeID]
        public var text: String

        public init(ids: [ChangeID], text: String) {
            self.ids = ids
            self.text = text
        }
    }

    /// The stretch, whole sentences or lines, at the version that both sides had.
    public var base: String
    /// At least two, no two with the same scalars; ascending by their last change.
    public var versions: [Version]

    public init(base: String, versions: [Version]) {
        self.base = base
        self.versions = versions
    }
}
