import EgWalker
import FoundationEssentials
public import Models
import SwiftProtobuf

/// The body of a change as bytes: `ChangeFrame` and `ChangeValues` of change.proto.
public enum ChangeCodec {
    /// The bytes of a change of ours. The same change always gives the same bytes.
    public static func encode(_ change: Change) -> [UInt8] {
        var frame = Webinar_V1_ChangeFrame()
        frame.time = change.time
        frame.record = .init(change.record.bits.bytes)
        frame.kind = change.kind.rawValue
        frame.schema = change.schema
        frame.operations = change.operations.map(Webinar_V1_Operation.init)
        // Serializing fails only for required fields, which proto3 does not have, and over 2 GB.
        let frameBytes: [UInt8] = (try? frame.serializedBytes()) ?? []
        if let digest = change.folded { return ChangeBody(frame: frameBytes[...], valuesDigest: digest).bytes }
        var values = Webinar_V1_ChangeValues()
        values.values = change.operations.map(Webinar_V1_OperationValue.init)
        while values.values.last?.value == nil, !values.values.isEmpty { values.values.removeLast() }
        let valueBytes: [UInt8] = (try? values.serializedBytes()) ?? []
        return ChangeBody(frame: frameBytes[...], values: valueBytes[...]).bytes
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
        guard let body = ChangeBody(bytes), body.hasFewFields,
            let frame = try? Webinar_V1_ChangeFrame(serializedBytes: Array(body.frame)),
            let values = try? Webinar_V1_ChangeValues(serializedBytes: Array(body.values ?? [])),
            let record = UUIDBits(bytes: [UInt8](frame.record))
        else { throw InvalidChange(.undecodable) }
        guard frame.operations.count <= Limits.maximumOperationCount else {
            throw InvalidChange(.tooManyOperations)
        }
        var operations: [Models.Operation] = []
        operations.reserveCapacity(frame.operations.count)
        for (index, operation) in frame.operations.enumerated() {
            let value = index < values.values.count ? values.values[index].value : nil
            guard let operation = Models.Operation(operation, value, schema: frame.schema) else {
                throw InvalidChange(.undecodable)
            }
            operations.append(operation)
        }
        let change = Change(
            replica: replica,
            sequence: sequence,
            time: frame.time,
            record: RecordID(record),
            kind: RecordKind(rawValue: frame.kind),
            schema: frame.schema,
            operations: operations,
            folded: body.values == nil ? body.valuesDigest : nil
        )
        try change.validate()
        return change
    }
}

extension ChangeBody {
    /// Operations, and what each of them names; a value for each operation.
    private static let nesting = FieldCount.Nesting(fields: [
        5: FieldCount.Nesting(fields: Dictionary(uniqueKeysWithValues: (1...9).map { ($0, .flat) }))
    ])

    fileprivate var hasFewFields: Bool {
        do throws(WireError) {
            try FieldCount.check(frame, within: Self.nesting)
            try FieldCount.check(values ?? [])
            return true
        } catch {
            return false
        }
    }
}

extension Webinar_V1_Operation {
    fileprivate init(_ operation: Models.Operation) {
        self.init()
        switch operation {
        case .set(let field, _, let replaces):
            var message = Webinar_V1_Set()
            message.field = field.rawValue
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
            self.edit = message
        case .delete(let seen): delete = Webinar_V1_Stamps(seen)
        case .restore(let replaces): restore = Webinar_V1_Stamps(replaces)
        case .purge(let seen): purge = Webinar_V1_Stamps(seen)
        case .revive(let seen): revive = Webinar_V1_Stamps(seen)
        case .salvage(let seen): salvage = Webinar_V1_Stamps(seen)
        case .unknown:
            break
        }
    }
}

extension Webinar_V1_OperationValue {
    fileprivate init(_ operation: Models.Operation) {
        self.init()
        switch operation {
        case .set(_, .text(let text), _): self.text = text
        case .set(_, .integer(let integer), _): self.integer = integer
        case .set(_, .reference(let record), _): reference = .init(record.bits.bytes)
        case .edit(_, let edit): spans = .init(SpanCodec.encode(edit.spans))
        case .set(_, .none, _), .include, .exclude, .delete, .restore, .purge, .revive, .salvage, .unknown: break
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

extension Webinar_V1_Stamps {
    fileprivate init(_ stamps: [Stamp]) {
        self.init()
        self.stamps = stamps.map(Webinar_V1_Stamp.init)
    }
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
    fileprivate init?(
        _ message: Webinar_V1_Operation,
        _ value: Webinar_V1_OperationValue.OneOf_Value?,
        schema: UInt32
    ) {
        guard schema <= Schema.current else {
            self = .unknown
            return
        }
        switch message.operation {
        case .set(let set):
            guard let value = Value(value) else { return nil }
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
            guard let spans = Self.spans(value) else { return nil }
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
        case .delete(let seen): self = .delete(seen: seen.stamps.map(\.stamp))
        case .restore(let replaced): self = .restore(replaces: replaced.stamps.map(\.stamp))
        case .purge(let seen): self = .purge(seen: seen.stamps.map(\.stamp))
        case .revive(let seen): self = .revive(seen: seen.stamps.map(\.stamp))
        case .salvage(let seen): self = .salvage(seen: seen.stamps.map(\.stamp))
        case nil:
            self = .unknown
        }
    }

    private static func spans(_ value: Webinar_V1_OperationValue.OneOf_Value?) -> [TextSpan]? {
        switch value {
        case nil: []
        case .spans(let bytes): try? SpanCodec.decode(Array(bytes))
        default: nil
        }
    }
}

extension Value {
    fileprivate init?(_ value: Webinar_V1_OperationValue.OneOf_Value?) {
        switch value {
        case nil: self = .none
        case .text(let text): self = .text(text)
        case .integer(let integer): self = .integer(integer)
        case .reference(let bytes):
            guard let bits = UUIDBits(bytes: [UInt8](bytes)) else { return nil }
            self = .reference(RecordID(bits))
        case .spans: return nil
        }
    }
}
