/// The name of one save of one text: who wrote it, and the number of the save in that author's own counting.
///
/// The order, agent first and then sequence, is the tie-break between texts inserted apart at one place. It is part
/// of the format: another order would give another text on another replica.
public struct ChangeID: Hashable, Comparable, Sendable {
    /// The author: one device, and one incarnation of it. A cloned or restored device takes another.
    public var agent: UInt64
    public var sequence: UInt64

    public init(agent: UInt64, sequence: UInt64) {
        self.agent = agent
        self.sequence = sequence
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.agent, left.sequence) < (right.agent, right.sequence)
    }
}
