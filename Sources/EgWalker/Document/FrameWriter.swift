/// Turns nodes of a graph into the columns of a frame.
struct FrameWriter {
    private let graph: EventGraph
    private var agents: [UInt64: Int] = [:]
    private var agentList: [UInt64] = []
    private var outside: [Int32: Int] = [:]
    private var outsideList: [Int32] = []

    init(_ graph: EventGraph) { self.graph = graph }

    /// - Parameter nodes: Ascending, without repairs.
    mutating func columns(of nodes: [Int32]) -> FrameFormat.Columns {
        var columns = FrameFormat.Columns()
        columns.graph = graphColumn(nodes)
        columns.counts = countColumn(nodes)
        (columns.operations, columns.text) = operationColumns(nodes)
        columns.ids = idColumn(nodes)
        return columns
    }

    private mutating func place(of agent: UInt64) -> Int {
        if let place = agents[agent] { return place }
        agents[agent] = agentList.count
        agentList.append(agent)
        return agentList.count - 1
    }

    private mutating func graphColumn(_ nodes: [Int32]) -> [UInt8] {
        var column = ByteColumn()
        var places: [Int32: Int] = [:]
        // Only changes that are not the one before are looked up.
        for (place, node) in nodes.enumerated() { places[node] = place }
        var plainCount = 0
        for (place, node) in nodes.enumerated() {
            let flags = graph.flags[Int(node)]
            let parents = graph.parents(of: node)
            let isMarked = flags.contains(.isRepaired) || flags.contains(.settles)
            if place > 0, !isMarked, parents.count == 1, parents.first == nodes[place - 1] {
                plainCount += 1
                continue
            }
            column.append(plainCount)
            plainCount = 0
            let real = graph.realNodes(parents).filter { $0 != 0 }
            let bits = (flags.contains(.isRepaired) ? 1 : 0) + (flags.contains(.settles) ? 2 : 0)
            column.append(real.count * 4 + bits)
            for parent in real {
                if let other = places[parent] {
                    column.append(place - other)
                } else {
                    column.append(0)
                    column.append(outsidePlace(of: parent))
                }
            }
        }
        if plainCount > 0 { column.append(plainCount) }
        return column.bytes
    }

    private mutating func outsidePlace(of node: Int32) -> Int {
        if let place = outside[node] { return place }
        outside[node] = outsideList.count
        outsideList.append(node)
        return outsideList.count - 1
    }

    private mutating func idColumn(_ nodes: [Int32]) -> [UInt8] {
        var runs = ByteColumn()
        var next: [UInt64] = []
        var index = 0
        while index < nodes.count {
            let first = graph.ids[Int(nodes[index])]
            var length = 1
            while index + length < nodes.count,
                graph.ids[Int(nodes[index + length])]
                    == ChangeID(agent: first.agent, sequence: first.sequence &+ UInt64(length))
            { length += 1 }
            let place = place(of: first.agent)
            if place == next.count { next.append(0) }
            runs.append(place)
            runs.appendSigned(Int(Int64(bitPattern: first.sequence &- next[place])))
            runs.append(length)
            next[place] = first.sequence &+ UInt64(length)
            index += length
        }
        let outsidePlaces = outsideList.map { place(of: graph.ids[Int($0)].agent) }
        var column = ByteColumn()
        column.append(agentList.count)
        for agent in agentList { column.append(agent) }
        column.append(outsideList.count)
        for (node, place) in zip(outsideList, outsidePlaces) {
            column.append(place)
            column.append(graph.ids[Int(node)].sequence)
        }
        column.append(nodes.count)
        column.bytes.append(contentsOf: runs.bytes)
        return column.bytes
    }

    private func countColumn(_ nodes: [Int32]) -> [UInt8] {
        var column = ByteColumn()
        var index = 0
        while index < nodes.count {
            let spanCount = graph.spanRange(of: nodes[index]).count
            var length = 1
            while index + length < nodes.count, graph.spanRange(of: nodes[index + length]).count == spanCount {
                length += 1
            }
            column.append(spanCount)
            column.append(length)
            index += length
        }
        return column.bytes
    }

    private func operationColumns(_ nodes: [Int32]) -> (operations: [UInt8], text: [UInt8]) {
        var operations = ByteColumn()
        var text: [UInt8] = []
        var place = 0
        for node in nodes {
            for index in graph.spanRange(of: node) {
                let span = graph.spans[index]
                let position = Int(span.position)
                if span.count > 0 {
                    operations.append(Int(span.count) * 2)
                    operations.appendSigned(position - place)
                    place = position + Int(span.count)
                    text.append(
                        contentsOf: graph.store.bytes[
                            graph.store.byteRange(from: Int(span.source), count: Int(span.count))
                        ]
                    )
                } else {
                    operations.append(Int(-span.count) * 2 + 1)
                    operations.appendSigned(position - place)
                    place = position
                }
            }
        }
        return (operations.bytes, text)
    }
}
