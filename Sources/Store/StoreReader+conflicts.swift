import EgWalker
public import Models

/// Something that was written apart on several replicas and that nobody has settled.
public struct RecordConflict: Hashable, Sendable {
    public enum Subject: Hashable, Sendable {
        /// Several values of a register.
        case field(Field)
        /// Several versions of a passage of a merging text; the text holds the words of all.
        case text(Field)
        /// The record was deleted on one replica and changed on another; it came back.
        case returned
    }

    public struct Version: Hashable, Sendable {
        /// The value; for a passage and for a record that came back, a text.
        public var value: Value
        /// The replica it comes from; nil where the log does not say.
        public var replica: ReplicaID?
        /// The name that replica's device gave itself.
        public var device: String?
        /// When it was written, in milliseconds since 1970 UTC.
        public var milliseconds: UInt64?
        /// The last change that made a passage read so.
        var lastChange: ChangeID?
    }

    public var subject: Subject
    /// What a passage read before both; nil for the others.
    public var base: String?
    /// The current value first. Empty for a record that came back.
    public var versions: [Version]
}

extension StoreReader {
    /// What is unsettled in a record.
    public func conflicts(of state: RecordState) throws -> [RecordConflict] {
        var conflicts: [RecordConflict] = []
        for field in state.conflictingFields {
            let heads = state.registers.first { $0.field == field }?.content.versions ?? []
            conflicts.append(
                RecordConflict(
                    subject: .field(field),
                    base: nil,
                    versions: try heads.map { try version($0.content, $0.stamp.replica, $0.stamp.milliseconds) }
                )
            )
        }
        for field in state.texts.map(\.field) {
            for passage in try textConflicts(of: state, field) {
                let versions = try passage.versions.map { side in
                    let last = try side.ids.last.flatMap { try change(ReplicaID($0.agent), $0.sequence)?.change }
                    var version = try version(.text(side.text), last?.replica, last?.stamp.milliseconds)
                    version.lastChange = side.ids.last
                    return version
                }
                conflicts.append(RecordConflict(subject: .text(field), base: passage.base, versions: versions))
            }
        }
        if state.isReturned {
            let deletes = try state.deletes.heads.map { try version(.none, $0.stamp.replica, $0.stamp.milliseconds) }
            conflicts.append(RecordConflict(subject: .returned, base: nil, versions: deletes))
        }
        return conflicts
    }

    private func version(
        _ value: Value,
        _ replica: ReplicaID?,
        _ milliseconds: UInt64?
    ) throws -> RecordConflict.Version {
        RecordConflict.Version(
            value: value,
            replica: replica,
            device: try replica.flatMap { try deviceName(of: $0) },
            milliseconds: milliseconds
        )
    }
}
