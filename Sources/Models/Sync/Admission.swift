/// Whether a server accepts a run of changes, and why not. Pure: what the server holds and
/// what time it is are handed in.
public enum Admission: Hashable, Sendable {
    /// Append the changes from this index on; those before are known already, which is success.
    case accept(from: Int)
    /// Another content under a known number; the last sequence at which both agree, as far as
    /// the run tells.
    case forked(common: UInt64)
    /// The run begins after a gap.
    case sendFrom(UInt64)
    /// The stamp of the change at this index lies further ahead than is accepted, or did when it first came.
    case clockAhead(at: Int)
    /// A replica's stamps must rise with its sequences; the offender's sequence.
    case timeNotRising(sequence: UInt64)

    /// One change of the run, as far as admission looks at it.
    public struct Candidate: Hashable, Sendable {
        public var time: UInt64
        /// The chain's hash at this change, computed from the run.
        public var hash: ContentHash

        public init(time: UInt64, hash: ContentHash) {
            self.time = time
            self.hash = hash
        }
    }

    /// - Parameters:
    ///   - head: the server's head of the run's replica; sequence 0 if it knows none.
    ///   - headTime: the stamp's time there.
    ///   - knownHash: the server's hash of that replica's chain at a sequence up to the head's.
    ///   - wasAhead: whether the change with this hash was refused before for its stamp.
    public static func judge(
        firstSequence: UInt64,
        previous: ContentHash,
        candidates: [Candidate],
        head: Head,
        headTime: UInt64,
        serverMilliseconds: UInt64,
        knownHash: (UInt64) throws -> ContentHash?,
        wasAhead: (ContentHash) -> Bool = { _ in false }
    ) rethrows -> Admission {
        guard firstSequence <= head.sequence + 1 else { return .sendFrom(head.sequence + 1) }
        guard try knownHash(firstSequence - 1) == previous else { return .forked(common: 0) }

        // The chain makes one comparison enough: where the last common number agrees, all before it do.
        let knownCount = Int(clamping: head.sequence + 1 - firstSequence)
        let overlap = min(knownCount, candidates.count)
        if overlap > 0 {
            let sequence = firstSequence + UInt64(overlap) - 1
            guard try knownHash(sequence) == candidates[overlap - 1].hash else {
                let alike = try candidates[..<overlap].indices.last {
                    try knownHash(firstSequence + UInt64($0)) == candidates[$0].hash
                }
                return .forked(common: firstSequence + UInt64((alike ?? -1) + 1) - 1)
            }
        }

        var time = headTime
        for (index, candidate) in candidates.enumerated().dropFirst(overlap) {
            guard candidate.time > time else {
                return .timeNotRising(sequence: firstSequence + UInt64(index))
            }
            time = candidate.time
        }
        let latest = serverMilliseconds + Limits.maximumClockLeadMilliseconds
        let ahead = candidates[overlap...].firstIndex { $0.time >> 16 > latest || wasAhead($0.hash) }
        return ahead.map { .clockAhead(at: $0) } ?? .accept(from: overlap)
    }
}
