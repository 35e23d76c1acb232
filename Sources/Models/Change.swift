public import EgWalker

/// An immutable statement about one record, numbered 1, 2, 3 … by the replica that made it.
///
/// One save is one change, however many fields it sets, so that a record never appears half
/// written on another device and a save costs one row (docs/decisions/0002).
///
/// A change is total and idempotent: unknown record, duplicate or unknown operation never
/// fails; it is applied, known already, or kept for later.
public struct Change: Hashable, Sendable {
    public var replica: ReplicaID
    /// The number in its replica's own log. No gaps.
    public var sequence: UInt64
    /// The time of its stamp; the replica is the tie-break.
    public var time: UInt64
    public var record: RecordID
    public var kind: RecordKind
    /// The schema whose rules the operations need.
    public var schema: UInt32
    public var operations: [Operation]
    /// Its values are gone, as nobody needs them any more: the digest they had. Its operations are there with empty
    /// ones.
    public var folded: ContentHash?

    public init(
        replica: ReplicaID,
        sequence: UInt64,
        time: UInt64,
        record: RecordID,
        kind: RecordKind,
        schema: UInt32 = Schema.current,
        operations: [Operation],
        folded: ContentHash? = nil
    ) {
        self.replica = replica
        self.sequence = sequence
        self.time = time
        self.record = record
        self.kind = kind
        self.schema = schema
        self.operations = operations
        self.folded = folded
    }

    public var stamp: Stamp { Stamp(time: time, replica: replica) }

    /// The same change's name in a text's graph.
    public var id: ChangeID { ChangeID(agent: replica.rawValue, sequence: sequence) }
}

/// What a change says about its record.
public enum Operation: Hashable, Sendable {
    /// Gives a register a value. `replaces` names the stamps of the values the author saw,
    /// which proves without a clock whether two values were written apart.
    case set(Field, Value, replaces: [Stamp])
    /// Puts an element into a set.
    case include(Field, ExactString, replaces: [Stamp])
    /// Takes an element out of a set.
    case exclude(Field, ExactString, replaces: [Stamp])
    /// Changes a merging text.
    case edit(Field, TextEdit)
    /// Deletes the record as its author saw it: `seen` holds the latest stamp of each replica
    /// that had touched it. An edit beyond those wins.
    case delete(seen: [Stamp])
    /// Takes back the deletes of these stamps.
    case restore(replaces: [Stamp])
    /// Takes everything out of a record that has been in the trash long enough, but for what its author had not
    /// `seen`, as with a delete.
    case purge(seen: [Stamp])
    /// Stands with a record that was purged and is written again, as somebody held it who had not known of the purge:
    /// what this author had `seen` of it is in it.
    case revive(seen: [Stamp])
    /// Stands with words that others typed into a text that was purged, written by somebody who has nothing else of it.
    /// Whoever has still writes the record whole.
    case salvage(seen: [Stamp])
    /// An operation of a later program. Kept in the log, replayed after an upgrade.
    case unknown
}

/// One save of a merging text: an atomic list of spans against the version its author saw.
public struct TextEdit: Hashable, Sendable {
    public var parents: [ChangeID]
    /// The author saw the parents' merge with its repair (see ``EgWalker``).
    public var isRepaired: Bool
    /// Settles every text conflict in the edit's past.
    public var settles: Bool
    public var spans: [TextSpan]

    public init(parents: [ChangeID], isRepaired: Bool = false, settles: Bool = false, spans: [TextSpan]) {
        self.parents = parents
        self.isRepaired = isRepaired
        self.settles = settles
        self.spans = spans
    }
}
