public import EgWalker

/// A record as all changes known so far leave it: a pure function of their set.
///
/// Applying the same set of changes in any order that keeps each replica's own order gives the
/// same value, and so the same bytes and the same digest, on every replica.
public struct RecordState: Hashable, Sendable {
    public var id: RecordID
    public var kind: RecordKind
    /// The earliest stamp: when the record was created.
    public var created: Stamp
    /// The latest stamp of a change that touched it; while only deletes are known, ``created``.
    public var edited: Stamp
    /// Ascending by replica.
    public internal(set) var authors: [Author]
    /// Ascending by field.
    public internal(set) var registers: [FieldEntry<Register<Value>>]
    /// Ascending by field.
    public internal(set) var sets: [FieldEntry<ElementSet>]
    /// Ascending by field.
    public var texts: [FieldEntry<TextHeads>]
    /// The deletes that nobody took back. Each holds what its author had seen.
    public internal(set) var deletes: Register<[Stamp]>
    /// How far purges took everything out: the latest stamp of each replica that one of them had seen, ascending by
    /// replica. Of what is not after it, nothing but its deletes counts.
    public internal(set) var purged: [Stamp]
    /// The changes that wrote a purged record again. Each holds what its author had seen.
    public internal(set) var revivals: Register<[Stamp]>

    /// How far a replica's changes to this record are known.
    public struct Author: Hashable, Sendable {
        public var replica: ReplicaID
        /// The time of its last change here.
        public var last: UInt64
        /// The time of its last change here that was no delete; 0 if there is none.
        public var touched: UInt64

        public init(replica: ReplicaID, last: UInt64, touched: UInt64) {
            self.replica = replica
            self.last = last
            self.touched = touched
        }
    }

    public struct FieldEntry<Content: Sendable>: Sendable {
        public var field: Field
        public var content: Content

        public init(field: Field, content: Content) {
            self.field = field
            self.content = content
        }
    }

    /// The version of a merging text: the changes that no other known change follows, and a
    /// hash of the text they merge to.
    public struct TextHeads: Hashable, Sendable {
        /// Ascending.
        public var heads: [ChangeID]
        /// Of the merged text's UTF-8 (SHA-256, first 16 bytes).
        public var hash: [UInt8]
        /// Scalars in the merged text.
        public var count: Int

        public init(heads: [ChangeID], hash: [UInt8], count: Int) {
            self.heads = heads
            self.hash = hash
            self.count = count
        }
    }

    public init(
        id: RecordID,
        kind: RecordKind,
        created: Stamp,
        edited: Stamp,
        authors: [Author] = [],
        registers: [FieldEntry<Register<Value>>] = [],
        sets: [FieldEntry<ElementSet>] = [],
        texts: [FieldEntry<TextHeads>] = [],
        deletes: Register<[Stamp]> = Register(),
        purged: [Stamp] = [],
        revivals: Register<[Stamp]> = Register()
    ) {
        self.id = id
        self.kind = kind
        self.created = created
        self.edited = edited
        self.authors = authors
        self.registers = registers
        self.sets = sets
        self.texts = texts
        self.deletes = deletes
        self.purged = purged
        self.revivals = revivals
    }

    /// The record that `first` begins, before anything is applied.
    public init(before first: Change) {
        self.init(id: first.record, kind: first.kind, created: first.stamp, edited: first.stamp)
    }
}

extension RecordState {
    /// Takes in everything of `change` but its text edits, whose merged version the caller puts
    /// into ``texts``.
    public mutating func apply(_ change: Change) {
        let stamp = change.stamp
        kind = min(kind, change.kind)
        created = min(created, stamp)
        let arrived = authors
        func hasArrived(_ other: Stamp) -> Bool {
            arrived.contains { $0.replica == other.replica && $0.last >= other.time }
        }
        for case .purge(let seen) in change.operations { purge(seen) }
        // Of a change that was purged its values do not count. What it replaced stays replaced.
        let isEmpty = change.folded != nil || isPurged(change)
        for case .revive(let seen) in change.operations {
            revivals.write(isEmpty ? nil : seen, at: stamp, replacing: [], hasArrived: hasArrived)
        }
        let restated = revivals.heads.map(\.stamp)
        func write(_ element: ExactString, _ isPresent: Bool, in field: Field, replacing replaced: [Stamp]) {
            sets.update(field, orInsert: ElementSet()) {
                $0.write(
                    element,
                    isEmpty ? nil : isPresent,
                    at: stamp,
                    replacing: replaced,
                    hasArrived: hasArrived,
                    isRestated: restated.contains
                )
            }
        }
        for operation in change.operations {
            switch operation {
            case .set(let field, let value, let replaces):
                registers.update(field, orInsert: Register()) {
                    $0.write(
                        isEmpty ? nil : value,
                        at: stamp,
                        replacing: replaces,
                        hasArrived: hasArrived,
                        isRestated: restated.contains
                    )
                }
            case .include(let field, let element, let replaces):
                write(element, true, in: field, replacing: replaces)
            case .exclude(let field, let element, let replaces):
                write(element, false, in: field, replacing: replaces)
            case .delete(let seen):
                deletes.write(seen, at: stamp, replacing: [], hasArrived: hasArrived)
            case .restore(let replaces):
                deletes.remove(replaces, hasArrived: hasArrived)
            case .edit, .purge, .revive, .salvage, .unknown:
                break
            }
        }
        forgetAwaited(through: stamp)
        if !purged.isEmpty { dropEmpty() }
        noteAuthor(of: change)
    }

    private mutating func forgetAwaited(through stamp: Stamp) {
        for index in registers.indices { registers[index].content.forget(through: stamp) }
        for index in sets.indices { sets[index].content.forget(through: stamp) }
        deletes.forget(through: stamp)
    }

    private mutating func noteAuthor(of change: Change) {
        let isDelete = change.isRemoval
        let touched = isDelete ? 0 : change.time
        let wasTouched = authors.contains { $0.touched > 0 }
        if !isDelete {
            edited = wasTouched ? max(edited, change.stamp) : change.stamp
        } else if !wasTouched {
            edited = created
        }
        let place = authors.firstIndex { $0.replica >= change.replica } ?? authors.endIndex
        if place < authors.endIndex, authors[place].replica == change.replica {
            authors[place].last = max(authors[place].last, change.time)
            authors[place].touched = max(authors[place].touched, touched)
        } else {
            authors.insert(Author(replica: change.replica, last: change.time, touched: touched), at: place)
        }
    }
}

extension Array {
    /// Changes the entry of `field`, made first if there is none; entries stay ascending.
    mutating func update<Content>(
        _ field: Field,
        orInsert empty: @autoclosure () -> Content,
        _ body: (inout Content) -> Void
    ) where Element == RecordState.FieldEntry<Content> {
        let place = firstIndex { $0.field >= field } ?? endIndex
        if place == endIndex || self[place].field != field {
            insert(RecordState.FieldEntry(field: field, content: empty()), at: place)
        }
        body(&self[place].content)
    }
}

extension RecordState.FieldEntry: Equatable where Content: Equatable {}
extension RecordState.FieldEntry: Hashable where Content: Hashable {}
