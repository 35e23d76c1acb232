import EgWalker
public import Models

/// The canonical bytes of a record's state: one state, one form, so that a digest over them
/// compares states. Local to a store; it never travels inside a change.
public enum StateCodec {
    /// Which form; a store whose rows have another one is rebuilt from its log.
    public static let version: UInt8 = 1

    public static func encode(_ state: RecordState) -> [UInt8] {
        var writer = ByteWriter()
        writer.byte(version)
        writer.raw(state.id.bits.bytes)
        writer.varint(UInt64(state.kind.rawValue))
        writer.stamp(state.created)
        writer.stamp(state.edited)
        writer.list(state.authors) { writer, author in
            writer.word(author.replica.rawValue)
            writer.varint(author.last)
            writer.varint(author.touched)
        }
        writer.list(state.registers) { writer, entry in
            writer.varint(UInt64(entry.field.rawValue))
            writer.register(entry.content) { $0.value($1) }
        }
        writer.list(state.sets) { writer, entry in
            writer.varint(UInt64(entry.field.rawValue))
            writer.list(entry.content.entries) { writer, element in
                writer.string(element.element.string)
                writer.register(element.presence) { $0.byte($1 ? 1 : 0) }
            }
        }
        writer.list(state.texts) { writer, entry in
            writer.varint(UInt64(entry.field.rawValue))
            writer.list(entry.content.heads) { writer, head in
                writer.word(head.agent)
                writer.varint(head.sequence)
            }
            writer.count(entry.content.hash.count)
            writer.raw(entry.content.hash)
            writer.count(entry.content.count)
        }
        writer.register(state.deletes) { writer, seen in writer.list(seen) { $0.stamp($1) } }
        writer.list(state.purged) { $0.stamp($1) }
        writer.register(state.revivals) { writer, seen in writer.list(seen) { $0.stamp($1) } }
        return writer.bytes
    }

    public static func decode(_ bytes: [UInt8]) throws(WireError) -> RecordState {
        var reader = ByteReader(bytes)
        guard try reader.byte() == version, let id = UUIDBits(bytes: try reader.raw(16)) else {
            throw WireError(.malformed)
        }
        let kind = RecordKind(rawValue: try reader.number())
        let created = try reader.stamp()
        let edited = try reader.stamp()
        let authors = try reader.list { (reader: inout ByteReader) throws(WireError) in
            RecordState.Author(
                replica: ReplicaID(try reader.word()),
                last: try reader.varint(),
                touched: try reader.varint()
            )
        }
        let registers = try reader.list { (reader: inout ByteReader) throws(WireError) in
            RecordState.FieldEntry(
                field: Field(rawValue: try reader.number()),
                content: try reader.register { (reader: inout ByteReader) throws(WireError) in try reader.value() }
            )
        }
        let sets = try reader.list { (reader: inout ByteReader) throws(WireError) in
            RecordState.FieldEntry(
                field: Field(rawValue: try reader.number()),
                content: ElementSet(
                    entries: try reader.list { (reader: inout ByteReader) throws(WireError) in
                        ElementSet.Entry(
                            element: ExactString(try reader.string()),
                            presence: try reader.register { (reader: inout ByteReader) throws(WireError) in
                                try reader.flag()
                            }
                        )
                    }
                )
            )
        }
        let texts = try reader.list { (reader: inout ByteReader) throws(WireError) in
            RecordState.FieldEntry(
                field: Field(rawValue: try reader.number()),
                content: RecordState.TextHeads(
                    heads: try reader.list { (reader: inout ByteReader) throws(WireError) in
                        ChangeID(agent: try reader.word(), sequence: try reader.varint())
                    },
                    hash: try reader.raw(try reader.count()),
                    count: Int(try reader.number())
                )
            )
        }
        let deletes = try reader.register { (reader: inout ByteReader) throws(WireError) in
            try reader.list { (reader: inout ByteReader) throws(WireError) in try reader.stamp() }
        }
        let purged = try reader.list { (reader: inout ByteReader) throws(WireError) in try reader.stamp() }
        let revivals = try reader.register { (reader: inout ByteReader) throws(WireError) in
            try reader.list { (reader: inout ByteReader) throws(WireError) in try reader.stamp() }
        }
        guard reader.isAtEnd else { throw WireError(.malformed) }
        return RecordState(
            id: RecordID(id),
            kind: kind,
            created: created,
            edited: edited,
            authors: authors,
            registers: registers,
            sets: sets,
            texts: texts,
            deletes: deletes,
            purged: purged,
            revivals: revivals
        )
    }
}

extension ByteWriter {
    fileprivate mutating func stamp(_ stamp: Stamp) {
        varint(stamp.time)
        word(stamp.replica.rawValue)
    }

    fileprivate mutating func list<Element>(_ elements: [Element], _ body: (inout ByteWriter, Element) -> Void) {
        count(elements.count)
        for element in elements { body(&self, element) }
    }

    fileprivate mutating func register<Content>(
        _ register: Register<Content>,
        _ body: (inout ByteWriter, Content) -> Void
    ) {
        list(register.heads) { writer, head in
            writer.stamp(head.stamp)
            body(&writer, head.content)
        }
        list(register.awaited) { $0.stamp($1) }
    }

    fileprivate mutating func value(_ value: Value) {
        switch value {
        case .none: byte(0)
        case .text(let text):
            byte(1)
            string(text)
        case .integer(let integer):
            byte(2)
            signed(integer)
        case .reference(let record):
            byte(3)
            raw(record.bits.bytes)
        }
    }
}

extension ByteReader {
    fileprivate mutating func number() throws(WireError) -> UInt32 {
        guard let number = UInt32(exactly: try varint()) else { throw WireError(.malformed) }
        return number
    }

    fileprivate mutating func flag() throws(WireError) -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        default: throw WireError(.malformed)
        }
    }

    fileprivate mutating func stamp() throws(WireError) -> Stamp {
        Stamp(time: try varint(), replica: ReplicaID(try word()))
    }

    fileprivate mutating func list<Element>(
        _ body: (inout ByteReader) throws(WireError) -> Element
    ) throws(WireError) -> [Element] {
        let count = try count()
        var elements: [Element] = []
        elements.reserveCapacity(min(count, 64))
        for _ in 0..<count { elements.append(try body(&self)) }
        return elements
    }

    fileprivate mutating func register<Content>(
        _ body: (inout ByteReader) throws(WireError) -> Content
    ) throws(WireError) -> Register<Content> {
        let heads = try list { (reader: inout ByteReader) throws(WireError) in
            Register<Content>.Head(stamp: try reader.stamp(), content: try body(&reader))
        }
        return Register(
            heads: heads,
            awaited: try list { (reader: inout ByteReader) throws(WireError) in try reader.stamp() }
        )
    }

    fileprivate mutating func value() throws(WireError) -> Value {
        switch try byte() {
        case 0: return .none
        case 1: return .text(try string())
        case 2: return .integer(try signed())
        case 3:
            guard let bits = UUIDBits(bytes: try raw(16)) else { throw WireError(.malformed) }
            return .reference(RecordID(bits))
        default: throw WireError(.malformed)
        }
    }
}
