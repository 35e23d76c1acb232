public import Models

/// One change of a record as its history shows it.
public struct HistoryEntry: Sendable {
    public var change: Change
    /// Counts the versions of the text from 1, in order of arrival here; nil for a change that leaves the text alone, and for
    /// one whose words were purged.
    public var number: Int?
    /// The name its author's device gave itself.
    public var device: String?

    /// Names this version on every replica: `replica.sequence`.
    public var name: String { "\(change.replica).\(change.sequence)" }
}

extension StoreReader {
    /// All changes of `record` in order of arrival. Reads the whole log.
    public func history(of record: RecordID, text field: Field?) throws -> [HistoryEntry] {
        var names: [ReplicaID: String?] = [:]
        var count = 0
        let state = try stateRow(record)?.state
        return try changes(to: record).map { logged in
            let change = logged.change
            let name = try names[change.replica] ?? deviceName(of: change.replica)
            names[change.replica] = .some(name)
            let isGone = state?.isPurged(change) ?? false
            let editsText =
                !isGone && change.operations.contains { if case .edit(field, _) = $0 { true } else { false } }
            if editsText { count += 1 }
            return HistoryEntry(change: change, number: editsText ? count : nil, device: name)
        }
    }

    /// The text of `field` as the author of `entry` left it.
    public func text(_ field: Field, after entry: HistoryEntry) throws -> String {
        try text(field, at: [entry.change.id])
    }
}
