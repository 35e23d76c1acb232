/// The state of all records in short: for each of 256 buckets the XOR of the digests of the records in it, so
/// that two replicas find out what differs by comparing 8 KiB.
///
/// Each side computes it from its own rows. It compares one person's own replicas; it is no proof against an author
/// of colliding states.
public struct BucketDigests: Hashable, Sendable {
    public static let count = 256

    /// One for each bucket; zero where no record is in it.
    public private(set) var digests: [ContentHash]

    /// Of no record.
    public init() { digests = Array(repeating: .zero, count: Self.count) }

    /// Exactly 256 digests, or nil.
    public init?(_ digests: [ContentHash]) {
        guard digests.count == Self.count else { return nil }
        self.digests = digests
    }

    /// The bucket that a record is in: the last byte of its id.
    public static func bucket(of record: RecordID) -> UInt8 { UInt8(truncatingIfNeeded: record.bits.low) }

    /// Adds a record, or takes one out that was added.
    public mutating func toggle(_ record: RecordDigest) {
        let bucket = Int(Self.bucket(of: record.record))
        digests[bucket] = digests[bucket].combined(with: record.digest)
    }

    /// Adds what is in `other`, of which no record is in here.
    public mutating func add(_ other: BucketDigests) {
        for (bucket, digest) in other.digests.enumerated() { digests[bucket] = digests[bucket].combined(with: digest) }
    }

    /// The buckets that are not equal.
    public func differing(from other: BucketDigests) -> Set<UInt8> {
        Set(digests.indices.filter { digests[$0] != other.digests[$0] }.map { UInt8($0) })
    }
}

/// A record's state in short.
public struct RecordDigest: Hashable, Sendable {
    public var record: RecordID
    /// SHA-256 of the canonical bytes of its state; of those and its texts where the two do not fit.
    public var digest: ContentHash

    public init(record: RecordID, digest: ContentHash) {
        self.record = record
        self.digest = digest
    }
}

extension ContentHash {
    /// The XOR of both.
    func combined(with other: ContentHash) -> ContentHash {
        ContentHash(
            words: (
                words.0 ^ other.words.0, words.1 ^ other.words.1, words.2 ^ other.words.2, words.3 ^ other.words.3
            )
        )
    }
}
