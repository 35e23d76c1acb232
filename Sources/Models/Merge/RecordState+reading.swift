extension RecordState {
    /// A register's current value.
    public func value(_ field: Field) -> Value? {
        registers.first { $0.field == field }?.content.current
    }

    public func text(_ field: Field) -> String? {
        if case .text(let text) = value(field) { text } else { nil }
    }

    public func integer(_ field: Field) -> Int64? {
        if case .integer(let integer) = value(field) { integer } else { nil }
    }

    public func reference(_ field: Field) -> RecordID? {
        if case .reference(let record) = value(field) { record } else { nil }
    }

    public func elements(_ field: Field) -> [ExactString] {
        sets.first { $0.field == field }?.content.elements(isRestated: isRestated) ?? []
    }

    public func textHeads(_ field: Field) -> TextHeads? {
        texts.first { $0.field == field }?.content
    }

    /// What the record belongs to (see ``RecordKind/parentField``).
    public var parent: RecordID? { kind.parentField.flatMap { reference($0) } }

    /// Whether somebody deleted it and nobody's edit stands against that.
    public var isDeleted: Bool { !deletes.heads.isEmpty && !hasEditsBeyondDeletes }

    /// Whether it was deleted on one side and edited on another: it came back, flagged.
    public var isReturned: Bool { !deletes.heads.isEmpty && hasEditsBeyondDeletes }

    /// When the deletion that counts was made, for the 30 days in the trash.
    public var deleted: Stamp? { isDeleted ? deletes.heads.first?.stamp : nil }

    private var hasEditsBeyondDeletes: Bool {
        authors.contains { author in
            author.touched > 0
                && !deletes.heads.contains { delete in
                    delete.content.contains { $0.replica == author.replica && $0.time >= author.touched }
                }
        }
    }

    /// The fields that were written apart and not settled.
    public var conflictingFields: [Field] {
        registers.filter { $0.content.versions.count > 1 }.map(\.field)
    }

    /// What a delete made now has seen.
    public var seen: [Stamp] {
        authors.filter { $0.touched > 0 }.map { Stamp(time: $0.touched, replica: $0.replica) }
    }

    /// The latest time known for this record, which the next stamp must pass.
    public var latestTime: UInt64 { authors.map(\.last).max() ?? 0 }
}
