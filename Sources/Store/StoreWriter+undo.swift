import EgWalker
import GRDB
public import Models

/// What ``StoreWriter/undo()`` took back.
public struct UndoneChange: Hashable, Sendable {
    public var record: RecordID
    /// Whether anything of the change was still in force. Where others changed the same since, nothing is.
    public var hadEffect: Bool
    /// Whether the change had made the record, which is now in the trash.
    public var removedRecord: Bool
}

extension StoreWriter {
    /// Takes back this device's last change that was neither taken back nor takes one back, by a change that says
    /// the contrary. Called again it goes further back. Nil where there is nothing left.
    ///
    /// Only what is still in force is taken back: a field that was set again since keeps its value.
    public func undo() throws -> UndoneChange? {
        let reader = try reader
        let replica = try reader.notebook().replica
        guard let target = try lastStanding(of: replica) ?? lastStandingBefore(replica) else { return nil }
        let before = try reader.head(of: replica).sequence
        let record = target.record
        var removesRecord = false
        try change(record) { state in
            if state.created == target.stamp {
                removesRecord = true
                return [state.deleting()].compactMap { $0 }
            }
            return try inverse(of: target, in: state)
        }
        let after = try self.reader.head(of: replica).sequence
        // Where nothing was left to take back, no change names the row; a negative number stands for that.
        let old = [target.replica.rawValue.stored, target.sequence.stored]
        let new = after > before ? [replica.rawValue.stored, after.stored] : [old[0], -old[1]]
        try db.run(
            "INSERT INTO undone (replica, sequence, undid_replica, undid) VALUES (?, ?, ?, ?)",
            new + old
        )
        return UndoneChange(record: record, hadEffect: after > before, removedRecord: removesRecord)
    }

    /// What this device issued again under other replicas before it went on under this one.
    private func lastStandingBefore(_ replica: ReplicaID) throws -> Change? {
        let sql = """
            SELECT replica FROM outgoing WHERE heir = ?
            ORDER BY (SELECT max(version) FROM changes WHERE changes.replica = outgoing.replica) DESC
            """
        for earlier in try db.all(sql, [replica.rawValue.stored], read: { ReplicaID($0.word(0)) }) {
            if let change = try lastStanding(of: earlier) { return change }
        }
        return nil
    }

    private func lastStanding(of replica: ReplicaID) throws -> Change? {
        let rows = try db.rows(
            """
            SELECT version, replica, sequence, body, hash FROM changes WHERE replica = ?1
            AND sequence NOT IN (SELECT sequence FROM undone WHERE replica = ?1)
            AND sequence NOT IN (SELECT undid FROM undone WHERE undid_replica = ?1)
            ORDER BY sequence DESC
            """,
            [replica.rawValue.stored]
        )
        while let row = try rows.next() {
            let change = try StoreReader.loggedChange(row).change
            if RecordKind.personal.contains(change.kind), !change.isAutomatic { return change }
        }
        return nil
    }

    /// What was taken back stays so under its new name.
    func renameUndone(_ renames: [(old: ChangeID, new: ChangeID)]) throws {
        guard try db.value("SELECT EXISTS (SELECT 1 FROM undone)") ?? false else { return }
        for (old, new) in renames {
            for sign: Int64 in [1, -1] {
                try db.run(
                    "UPDATE undone SET replica = ?, sequence = ? WHERE replica = ? AND sequence = ?",
                    [new.agent.stored, sign * new.sequence.stored, old.agent.stored, sign * old.sequence.stored]
                )
            }
            try db.run(
                "UPDATE undone SET undid_replica = ?, undid = ? WHERE undid_replica = ? AND undid = ?",
                [new.agent.stored, new.sequence.stored, old.agent.stored, old.sequence.stored]
            )
        }
    }

    private func inverse(of change: Change, in state: RecordState) throws -> [Models.Operation] {
        var operations: [Models.Operation] = []
        var changes: [Stamp: Change]?
        for operation in change.operations {
            switch operation {
            case .set(let field, _, let replaces):
                if changes == nil { changes = try self.changes(to: change.record) }
                let previous = replaces.first.flatMap { changes?[$0] }
                // What it was before is not kept for ever.
                if previous?.folded != nil { continue }
                operations += Self.resetting(
                    field,
                    of: state,
                    from: change.stamp,
                    to: previous?.value(of: field) ?? .none
                )
            case .include(let field, let element, _):
                if Self.isInForce(change.stamp, element, field, state) {
                    operations += [state.excluding(element, from: field)].compactMap { $0 }
                }
            case .exclude(let field, let element, _):
                if Self.isInForce(change.stamp, element, field, state) {
                    operations += [state.including(element, in: field)].compactMap { $0 }
                }
            case .edit(let field, let edit):
                operations += [try unediting(field, edit, of: change, in: state)].compactMap { $0 }
            case .delete:
                if state.deletes.heads.contains(where: { $0.stamp == change.stamp }) {
                    operations += [state.restoring()].compactMap { $0 }
                }
            case .restore:
                operations += [state.deleting()].compactMap { $0 }
            case .purge, .revive, .salvage, .unknown:
                break
            }
        }
        return operations
    }

    private func changes(to record: RecordID) throws -> [Stamp: Change] {
        let changes = try reader.changes(to: record).map(\.change)
        return Dictionary(changes.map { ($0.stamp, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Nothing where somebody set the field since.
    private static func resetting(
        _ field: Field,
        of state: RecordState,
        from stamp: Stamp,
        to value: Value
    ) -> [Models.Operation] {
        let register = state.registers.first { $0.field == field }?.content
        guard register?.heads.first?.stamp == stamp else { return [] }
        return [state.setting(field, to: value)].compactMap { $0 }
    }

    private static func isInForce(_ stamp: Stamp, _ element: ExactString, _ field: Field, _ state: RecordState) -> Bool
    {
        state.sets.first { $0.field == field }?.content.stamps(of: element).contains(stamp) ?? false
    }

    /// The edit that takes the author's words out of the text and puts back what they took out.
    ///
    /// What the text became since, by others or by later changes that were taken back themselves, is merged as text:
    /// in the graph, the words that an undo put back are not those that were there before.
    private func unediting(
        _ field: Field,
        _ edit: TextEdit,
        of change: Change,
        in state: RecordState
    ) throws -> Models.Operation? {
        let found = edit.parents.isEmpty ? "" : try reader.text(field, at: edit.parents)
        let left = try reader.text(field, at: [change.id])
        let current = try reader.record(change.record)?.text ?? ""
        let merged = try ThreeWayText.merge(base: left, mine: found, theirs: current)
        return try self.edit(field, of: state, to: merged)
    }
}

extension Change {
    fileprivate func value(of field: Field) -> Value? {
        for case .set(field, let value, _) in operations { return value }
        return nil
    }

    /// Whether the program wrote it by itself.
    fileprivate var isAutomatic: Bool {
        operations.contains { operation in
            switch operation {
            case .purge, .revive, .salvage: true
            default: false
            }
        }
    }
}
