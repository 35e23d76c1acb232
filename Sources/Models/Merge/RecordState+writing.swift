extension RecordState {
    /// Sets `field`, or nothing if it holds `value` already. Replaces the current value only:
    /// what was written apart from it stays a conflict until someone settles it.
    public func setting(_ field: Field, to value: Value) -> Operation? {
        let register = registers.first { $0.field == field }?.content
        if register?.current == value || (register == nil && value == .none) { return nil }
        return .set(field, value, replaces: register?.heads.first.map { [$0.stamp] } ?? [])
    }

    /// Settles a conflict: `value` replaces every version of `field`.
    public func settling(_ field: Field, with value: Value) -> Operation {
        let heads = registers.first { $0.field == field }?.content.heads ?? []
        return .set(field, value, replaces: heads.map(\.stamp))
    }

    /// Adds `element`, or nothing if it is there.
    public func including(_ element: ExactString, in field: Field) -> Operation? {
        let set = sets.first { $0.field == field }?.content
        if elements(field).contains(element) { return nil }
        return .include(field, element, replaces: set?.stamps(of: element) ?? [])
    }

    /// Removes `element`, or nothing if it is not there.
    public func excluding(_ element: ExactString, from field: Field) -> Operation? {
        guard let set = sets.first(where: { $0.field == field })?.content, elements(field).contains(element) else {
            return nil
        }
        return .exclude(field, element, replaces: set.stamps(of: element))
    }

    /// Deletes what is seen here; nil if it is deleted already.
    public func deleting() -> Operation? { isDeleted ? nil : .delete(seen: seen) }

    /// Empties what has been in the trash for long; nil if it is not there, or is empty.
    public func purging() -> Operation? { isDeleted && !isPurged ? .purge(seen: seen) : nil }

    /// What makes `other`, of which a purge took a part, hold what is here but for the texts. It replaces nothing: what
    /// `other` still has was written apart from what it lost, or after it.
    public func restating(in other: RecordState) -> [Operation] {
        let values = registers.compactMap { entry -> Operation? in
            guard let value = entry.content.current, value != other.value(entry.field) else { return nil }
            return .set(entry.field, value, replaces: [])
        }
        let elements = sets.flatMap { entry in
            self.elements(entry.field).compactMap { other.including($0, in: entry.field) }
        }
        return values + elements
    }

    /// Takes every delete back; nil if there is none.
    public func restoring() -> Operation? {
        deletes.heads.isEmpty ? nil : .restore(replaces: deletes.heads.map(\.stamp))
    }
}

extension RecordState {
    /// Moves a merging text to a new version.
    public mutating func setText(_ field: Field, _ heads: TextHeads) {
        texts.update(field, orInsert: heads) { $0 = heads }
    }
}
