import Digest
public import Models

/// The hashes that hold a log together.
public enum Chain {
    /// The hash of a replica's chain at one change: SHA-256 over replica, sequence (eight bytes each, big-endian), the
    /// hash before it (32 zero bytes before the first), the SHA-256 of its values, and its frame (``ChangeBody``).
    /// Bytes that are no body have a hash, too, which no body has.
    public static func hash(
        replica: ReplicaID,
        sequence: UInt64,
        previous: ContentHash,
        body: [UInt8]
    ) -> ContentHash {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(80 + body.count)
        bytes += Hexadecimal.bigEndian(replica.rawValue)
        bytes += Hexadecimal.bigEndian(sequence)
        bytes += previous.bytes
        if let body = ChangeBody(body) {
            bytes += body.valuesDigest.bytes
            bytes += body.frame
        } else {
            bytes += ContentHash(digesting: body).bytes
        }
        return ContentHash(digesting: bytes)
    }

    /// The hashes after each change of a run.
    public static func hashes(of run: ChangeRun) -> [ContentHash] {
        var previous = run.previous
        return run.bodies.enumerated().map { index, body in
            previous = hash(
                replica: run.replica,
                sequence: run.firstSequence + UInt64(index),
                previous: previous,
                body: body
            )
            return previous
        }
    }

    /// The name of a log in which the changes with these hashes are issued again: so much of SHA-256 over them, over what is
    /// before them, and over the time.
    ///
    /// A change's hash covers all of its log before it, so that copies of one device that have the same to issue again
    /// call it the same.
    ///
    /// - Parameters:
    ///   - previous: the log in which those before them are issued again; nil: they are the first.
    ///   - milliseconds: as of when they are stamped again; nil: they keep their stamps.
    public static func successor(
        of hashes: [ContentHash],
        after previous: ReplicaID?,
        stampedAt milliseconds: UInt64?
    ) -> ReplicaID {
        let words = [previous?.rawValue ?? 0, milliseconds ?? 0].flatMap(Hexadecimal.bigEndian)
        let digest = ContentHash(digesting: words + hashes.flatMap(\.bytes))
        let bits = digest.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        // 0 stands for none on the wire.
        return ReplicaID(max(bits, 1))
    }

    /// A server's running hash over its log: SHA-256 over the hash one version before (32 zero
    /// bytes before the first) and the chain's hash of the change that came.
    public static func logHash(previous: ContentHash, change: ContentHash) -> ContentHash {
        ContentHash(digesting: previous.bytes + change.bytes)
    }
}

extension ContentHash {
    /// SHA-256 of `bytes`.
    public init(digesting bytes: [UInt8]) {
        self = ContentHash(bytes: SHA256.hash(bytes).bytes) ?? .zero
    }

    /// 32 bytes, or none for zero, as the wire has it.
    init?(wire bytes: some Collection<UInt8>) {
        if bytes.isEmpty { self = .zero } else { self.init(bytes: Array(bytes)) }
    }

    var wire: [UInt8] { self == .zero ? [] : bytes }
}
