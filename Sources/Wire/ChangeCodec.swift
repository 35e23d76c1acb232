import EgWalker
import FoundationEssentials
public import Models
import SwiftProtobuf

/// The body of a change as bytes: `ChangeBody` of change.proto.
public enum ChangeCodec {
    /// The bytes of a change of ours. The same change always gives the same bytes.
    public static func encode(_ change: Change) -> [UInt8] {
        var body = Webinar_V1_ChangeBody()
        body.time = change.time
        body.record = .init(change.record.bits.bytes)
        body.kind = change.kind.rawValue
        body.schema = change.schema
        body.operations = change.operations.map(Webinar_V1_Operation.init)
        // Serializing fails only for required fields, which proto3 does not have, and over 2 GB.
        return (try? body.serializedBytes()) ?? []
    }

    /// Reads the body of `replica`'s change `sequence` and checks it against every limit.
    ///
    /// What a later program wrote is read as far as it is understood; its operations become
    /// ``Operation/unknown``, and the bytes are kept by whoever called.
    public static func decode(
        _ bytes: [UInt8],
        replica: ReplicaID,
        sequence: UInt64
    ) throws(InvalidChange) -> Change {
        guard bytes.count <= Limits.maximumChangeBytes else { throw InvalidChange(.textTooLong) }
        guard let body = try? Webinar_V1_ChangeBody(serializedBytes: bytes),
            let record = UUIDBits(bytes: [UInt8](body.record))
        else { throw InvalidChange(.undecodable) }
        guard body.operations.count <= Limits.maximumOperationCount else {
            throw InvalidChange(.tooManyOperations)
        }
        var operations: [Models.Operation] = []
        operations.reserveCapacity(body.operations.count)
        for operation in body.operations {
            guard let operation = Models.Operation(operation, schema: body.schema) else {
                throw InvalidChange(.undecodable)
            }
            operations.append(operation)
        }
        let change = Change(
            replica: replica,
            sequence: sequence,
            time: body.time,
            record: RecordID(record),
            kind: RecordKind(rawValue: body.kind),
            schema: body.schema,
            operations: operations
        )
        try change.validate()
        return change
    }
}

extension Webinar_V1_Operation {
    fileprivate init(_ operation: Models.Operation) {
        self.init()
        switch operation {
        case .set(let field, let value, let replaces):
            var message = Webinar_V1_Set()
            message.field = field.rawValue
            switch value {
            case .none: break
            case .text(let text): message.text = text
            case .integer(let integer): message.integer = integer
            case .reference(let record): message.reference = .init(record.bits.bytes)
            }
            message.replaces = replaces.map(Webinar_V1_Stamp.init)
            self.set = message
        case .include(let field, let element, let replaces):
            include = Webinar_V1_Element(field, element, replaces)
        case .exclude(let field, let element, let replaces):
            exclude = Webinar_V1_Element(field, element, replaces)
        case .edit(let field, let edit):
            var message = Webinar_V1_Edit()
            message.field = field.rawValue
            message.parents = edit.parents.map {
                var id = Webinar_V1_ChangeID()
                id.replica = $0.agent
                id.sequence = $0.sequence
                return id
            }
            message.repaired = edit.isRepaired
            message.settles = edit.settles
            message.spans = .init(SpanCodec.encode(edit.spans))
            self.edit = message
        case .delete(let seen):
            var message = Webinar_V1_Delete()
            message.seen = seen.map(Webinar_V1_Stamp.init)
            delete = message
        case .restore(let replaces):
            var message = Webinar_V1_Restore()
            message.replaces = replaces.map(Webinar_V1_Stamp.init)
            restore = message
        case .unknown:
            break
        }
    }
}

extension Webinar_V1_Stamp {
    fileprivate init(_ stamp: Stamp) {
        self.init()
        time = stamp.time
        replica = stamp.replica.rawValue
    }

    fileprivate var stamp: Stamp { Stamp(time: time, replica: ReplicaID(replica)) }
}

extension Webinar_V1_Element {
    fileprivate init(_ field: Field, _ element: ExactString, _ replaces: [Stamp]) {
        self.init()
        self.field = field.rawValue
        self.element = element.string
        self.replaces = replaces.map(Webinar_V1_Stamp.init)
    }
}

extension Models.Operation {
    /// Nil if the message is of our schema and malformed; unknown if it is of a later one.
    fileprivate init?(_ message: Webinar_V1_Operation, schema: UInt32) {
        guard schema <= Schema.current else {
            self = .unknown
            return
        }
        switch message.operation {
        case .set(let set):
            guard let value = Value(set) else { return nil }
            self = .set(Field(rawValue: set.field), value, replaces: set.replaces.map(\.stamp))
        case .include(let element):
            self = .include(
                Field(rawValue: element.field),
                ExactString(element.element),
                replaces: element.replaces.map(\.stamp)
            )
        case .exclude(let element):
            self = .exclude(
                Field(rawValue: element.field),
                ExactString(element.element),
                replaces: element.replaces.map(\.stamp)
            )
        case .edit(let edit):
            guard let spans = try? SpanCodec.decode(Array(edit.spans)) else { return nil }
            let edit = (
                field: Field(rawValue: edit.field),
                edit: TextEdit(
                    parents: edit.parents.map { ChangeID(agent: $0.replica, sequence: $0.sequence) },
                    isRepaired: edit.repaired,
                    settles: edit.settles,
                    spans: spans
                )
            )
            self = .edit(edit.field, edit.edit)
        case .delete(let delete):
            self = .delete(seen: delete.seen.map(\.stamp))
        case .restore(let restore):
            self = .restore(replaces: restore.replaces.map(\.stamp))
        case nil:
            self = .unknown
        }
    }
}

extension Value {
    fileprivate init?(_ message: Webinar_V1_Set) {
        switch message.value {
        case nil: self = .none
        case .text(let text): self = .text(text)
        case .integer(let integer): self = .integer(integer)
        case .reference(let bytes):
            guard let bits = UUIDBits(bytes: [UInt8](bytes)) else { return nil }
            self = .reference(RecordID(bits))
        }
    }
}
