extension Change {
    /// Whether it only takes away: it does not touch the record, and no purge takes it out.
    public var isRemoval: Bool {
        operations.allSatisfy { operation in
            switch operation {
            case .delete, .purge: true
            default: false
            }
        }
    }
}

extension [Stamp] {
    /// Whether somebody who had seen these had seen `stamp`.
    public func covers(_ stamp: Stamp) -> Bool { contains { $0.replica == stamp.replica && stamp.time <= $0.time } }

    /// Whether somebody who had seen these had seen all of those.
    public func coversAll(_ others: [Stamp]) -> Bool { others.allSatisfy(covers) }
}

extension RecordState {
    /// Whether a purge that is known took `change` out.
    public func isPurged(_ change: Change) -> Bool { !change.isRemoval && isPurged(change.stamp) }

    func isPurged(_ stamp: Stamp) -> Bool { purged.covers(stamp) }

    /// Whether a purge took out all there was.
    public var isPurged: Bool {
        !purged.isEmpty
            && authors.allSatisfy { $0.touched == 0 || isPurged(Stamp(time: $0.touched, replica: $0.replica)) }
    }

    /// Whether somebody who did not know of a purge touched the record, and nobody has written it again since.
    public var lacksRevival: Bool { !purged.isEmpty && !isPurged && revivals.heads.isEmpty }

    /// Whether what was written at `stamp` had been purged, and was written again as somebody had known it.
    public func isRestated(_ stamp: Stamp) -> Bool { revivals.heads.contains { $0.stamp == stamp } }

    mutating func purge(_ seen: [Stamp]) {
        for stamp in seen {
            let place = purged.firstIndex { $0.replica >= stamp.replica } ?? purged.endIndex
            if place < purged.endIndex, purged[place].replica == stamp.replica {
                purged[place] = max(purged[place], stamp)
            } else {
                purged.insert(stamp, at: place)
            }
        }
        let purged = purged
        for index in registers.indices { registers[index].content.heads.removeAll { purged.covers($0.stamp) } }
        for index in sets.indices { sets[index].content.drop(where: purged.covers) }
        revivals.heads.removeAll { purged.covers($0.stamp) }
    }

    /// What is purged leaves no trace of the fields it had, whatever order its changes came in.
    mutating func dropEmpty() {
        registers.removeAll { $0.content.heads.isEmpty && $0.content.awaited.isEmpty }
        for index in sets.indices { sets[index].content.dropEmpty() }
        sets.removeAll { $0.content.entries.isEmpty }
    }
}
