/// Expands a compressed column: gets its bytes and the length it must come to, and must never give more.
public typealias TextInflating = (_ bytes: [UInt8], _ byteCount: Int) throws -> [UInt8]

extension TextDocument {
    /// A text with the history that ``encoded(since:deflating:)`` of an empty version wrote.
    ///
    /// Total: whatever the bytes are, it ends with a document or an error (``TextCodingError``, ``TextError``).
    public init(
        agent: UInt64,
        decoding bytes: [UInt8],
        isRepairing: Bool = true,
        inflating: TextInflating? = nil
    ) throws {
        self.init(agent: agent, isRepairing: isRepairing)
        try merge(bytes, inflating: inflating)
        if waitingCount > 0 { throw TextCodingError.outOfRange }
    }

    /// The changes that `version` lacks, as one frame of bytes with a checksum; all of them by default. Changes of
    /// `version` that are not known here count as not had.
    ///
    /// - Parameter deflating: Compresses a column. Nil leaves them as they are.
    public func encoded(since version: [ChangeID] = [], deflating: (([UInt8]) -> [UInt8])? = nil) -> [UInt8] {
        let known = version.compactMap { nodes[$0] }.sorted()
        var writer = FrameWriter(graph)
        return FrameFormat.pack(writer.columns(of: newer(than: known.isEmpty ? [0] : known)), deflating: deflating)
    }

    /// Takes in a frame, as ``apply(_:)`` takes in changes.
    @discardableResult
    public mutating func merge(_ bytes: [UInt8], inflating: TextInflating? = nil) throws -> [ChangeID] {
        let content = try FrameContent(FrameFormat.unpack(bytes, inflating: inflating))
        if canTakeWhole(content) { return try takeWhole(content) }
        return try apply(content.changes())
    }

    /// Whether nothing of the frame is known or lacks a parent, the common case: then its columns are taken over as
    /// they are.
    private func canTakeWhole(_ content: FrameContent) -> Bool {
        guard waitingCount == 0, graph.count + content.nodes.count < EgWalkerLimits.maximumChangeCount,
            graph.store.scalarCount + content.textCount <= EgWalkerLimits.maximumInsertedScalarCount
        else { return false }
        for node in content.nodes {
            if nodes[node.id] != nil { return false }
            for parent in content.parents[node.parents] {
                if case .outside(let id) = parent, nodes[id] == nil { return false }
            }
        }
        return true
    }

    private mutating func takeWhole(_ content: FrameContent) throws -> [ChangeID] {
        let firstNew = Int32(graph.count)
        let oldHeads = headNodes
        let firstSource = Int32(graph.store.scalarCount)
        _ = content.text.withUnsafeBufferPointer { graph.store.append(validUTF8: $0) }
        var numbers: [Int32] = []
        numbers.reserveCapacity(content.nodes.count)
        nodes.reserveCapacity(nodes.count + content.nodes.count)
        var span = 0
        var source = Int(firstSource)
        for node in content.nodes {
            for index in span..<span + node.spanCount {
                var moved = content.spans[index]
                if moved.count > 0 {
                    moved.source += firstSource
                    source += Int(moved.count)
                }
                graph.append(moved)
            }
            span += node.spanCount
            var parents: [Int32] = []
            for parent in content.parents[node.parents] {
                switch parent {
                case .inside(let place): parents.append(numbers[place])
                case .outside(let id): parents.append(self.nodes[id] ?? 0)
                }
            }
            parents.sort()
            let isMinimal = parents.count < 2 || graph.minimal(parents).count == parents.count
            guard isMinimal, nodes[node.id] == nil else {
                // As with changes one by one: those before the offending one are taken in.
                graph.dropOpenSpans()
                try merge(from: firstNew, oldHeads: oldHeads)
                throw isMinimal ? TextError.forked(node.id) : TextError.parentsNotMinimal(node.id)
            }
            let number = graph.close(node.id, parents: parents, flags: node.flags, sourceEnd: source)
            numbers.append(number)
            note(node.id, number, parents: parents)
        }
        return try merge(from: firstNew, oldHeads: oldHeads)
    }
}

extension FrameContent {
    /// The frame's changes one by one.
    func changes() -> [TextChange] {
        var store = TextStore()
        _ = text.withUnsafeBufferPointer { store.append(validUTF8: $0) }
        var next = 0
        return nodes.map { node in
            defer { next += node.spanCount }
            return TextChange(
                id: node.id,
                parents: parents[node.parents].map { parent in
                    switch parent {
                    case .inside(let place): nodes[place].id
                    case .outside(let id): id
                    }
                }.sorted(),
                isRepaired: node.flags.contains(.isRepaired),
                settles: node.flags.contains(.settles),
                spans: spans[next..<next + node.spanCount].map { span in
                    span.count > 0
                        ? .insert(
                            at: Int(span.position),
                            text: store.string(from: Int(span.source), count: Int(span.count))
                        )
                        : .delete(at: Int(span.position), count: Int(-span.count))
                }
            )
        }
    }
}
