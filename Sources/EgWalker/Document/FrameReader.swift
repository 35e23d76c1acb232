/// The changes of a frame, checked, in the form the graph holds them.
struct FrameContent {
    struct Node {
        var id: ChangeID
        /// Places in `parents`.
        var parents: Range<Int>
        var flags: EventGraph.Flags
        var spanCount: Int
    }

    /// A parent: a change of the frame, or one that the receiver must have.
    enum Parent {
        case inside(Int)
        case outside(ChangeID)
    }

    var nodes: [Node] = []
    var parents: [Parent] = []
    /// Sources count from the beginning of `text`.
    var spans: [Span] = []
    var text: [UInt8]
    var textCount = 0

    init(_ columns: FrameFormat.Columns) throws(TextCodingError) {
        text = columns.text
        guard SpanCodec.isUTF8(text[...]) else { throw .invalidText }
        let outside = try readIDs(columns.ids)
        try readGraph(columns.graph, outside: outside)
        try readCounts(columns.counts)
        try readOperations(columns.operations)
    }

    private mutating func readIDs(_ column: [UInt8]) throws(TextCodingError) -> [ChangeID] {
        var reader = ByteReader(column[...])
        var agents: [UInt64] = []
        for _ in 0..<(try reader.count(upTo: column.count)) { agents.append(try reader.varint()) }
        func agent(_ reader: inout ByteReader) throws(TextCodingError) -> Int {
            guard !agents.isEmpty else { throw .outOfRange }
            return try reader.count(upTo: agents.count - 1)
        }
        var outside: [ChangeID] = []
        for _ in 0..<(try reader.count(upTo: column.count)) {
            let place = try agent(&reader)
            outside.append(ChangeID(agent: agents[place], sequence: try reader.varint()))
        }
        let count = try reader.count(upTo: EgWalkerLimits.maximumChangeCount)
        var next = [UInt64](repeating: 0, count: agents.count)
        while nodes.count < count {
            let place = try agent(&reader)
            let first = next[place] &+ UInt64(bitPattern: Int64(try reader.signed()))
            let length = try reader.count(upTo: count - nodes.count)
            guard length > 0, first <= UInt64.max - UInt64(length) else { throw .outOfRange }
            for step in 0..<UInt64(length) {
                let id = ChangeID(agent: agents[place], sequence: first + step)
                nodes.append(Node(id: id, parents: 0..<0, flags: [], spanCount: 0))
            }
            next[place] = first + UInt64(length)
        }
        guard reader.isAtEnd else { throw .trailingBytes }
        return outside
    }

    private mutating func readGraph(_ column: [UInt8], outside: [ChangeID]) throws(TextCodingError) {
        var reader = ByteReader(column[...])
        var place = 0
        while place < nodes.count {
            for _ in 0..<(try reader.count(upTo: nodes.count - place)) {
                guard place > 0 else { throw .outOfRange }
                parents.append(.inside(place - 1))
                nodes[place].parents = parents.count - 1..<parents.count
                place += 1
            }
            if place == nodes.count { break }
            let head = try reader.count(upTo: EgWalkerLimits.maximumParentCount * 4 + 3)
            if head & 1 == 1 { nodes[place].flags.insert(.isRepaired) }
            if head & 2 == 2 { nodes[place].flags.insert(.settles) }
            let first = parents.count
            for _ in 0..<head >> 2 {
                let distance = try reader.count(upTo: place)
                if distance > 0 {
                    parents.append(.inside(place - distance))
                } else {
                    guard !outside.isEmpty else { throw .outOfRange }
                    parents.append(.outside(outside[try reader.count(upTo: outside.count - 1)]))
                }
            }
            nodes[place].parents = first..<parents.count
            place += 1
        }
        guard reader.isAtEnd else { throw .trailingBytes }
    }

    private mutating func readCounts(_ column: [UInt8]) throws(TextCodingError) {
        var reader = ByteReader(column[...])
        var place = 0
        while place < nodes.count {
            let spanCount = try reader.count(upTo: EgWalkerLimits.maximumSpanCount)
            let length = try reader.count(upTo: nodes.count - place)
            guard length > 0 else { throw .outOfRange }
            for index in place..<place + length { nodes[index].spanCount = spanCount }
            place += length
        }
        guard reader.isAtEnd else { throw .trailingBytes }
    }

    private mutating func readOperations(_ column: [UInt8]) throws(TextCodingError) {
        var reader = ByteReader(column[...])
        // A span takes at least two bytes, so that the memory follows the bytes and not what they claim.
        spans.reserveCapacity(column.count / 2)
        var place = 0
        for node in nodes {
            for _ in 0..<node.spanCount {
                let (position, count, isDelete) = try SpanCodec.operation(&reader, place: place)
                if isDelete {
                    spans.append(Span(position: Int32(position), count: -Int32(count), source: 0))
                    place = position
                } else {
                    guard textCount + count <= text.count else { throw .truncated }
                    spans.append(Span(position: Int32(position), count: Int32(count), source: Int32(textCount)))
                    textCount += count
                    place = position + count
                }
            }
        }
        guard reader.isAtEnd else { throw .trailingBytes }
        guard text.withUnsafeBufferPointer(scalarCountOfUTF8) == textCount else { throw .outOfRange }
    }
}
