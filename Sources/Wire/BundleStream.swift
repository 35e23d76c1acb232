import Digest
public import Models

/// Writes a bundle, a block at a time.
public struct BundleWriter {
    private let hasher = SHA256Hasher()
    private let sink: ([UInt8]) throws -> Void

    /// - Parameter sink: takes the bytes in their order.
    public init(_ header: BundleHeader, to sink: @escaping ([UInt8]) throws -> Void) throws {
        self.sink = sink
        let bytes = BundleCodec.encode(header)
        try put(BundleCodec.magic + [BundleCodec.form])
        try put(Self.length(bytes.count) + bytes)
    }

    /// Appends a block of at least one change.
    public func write(_ runs: [ChangeRun]) throws {
        let bytes = BundleCodec.encode(runs)
        try put(Self.length(bytes.count))
        try put(bytes)
    }

    /// Ends the file. What was written before it stands for nothing without this.
    public func finish() throws {
        try put(Self.length(0))
        try sink(hasher.finalize().bytes)
    }

    private func put(_ bytes: [UInt8]) throws {
        hasher.update(bytes)
        try sink(bytes)
    }

    private static func length(_ count: Int) -> [UInt8] { Array(Hexadecimal.bigEndian(UInt64(count)).suffix(4)) }
}

/// Reads a bundle, a block at a time. What it hands out counts once ``next()`` has returned nil.
public struct BundleReader {
    public let header: BundleHeader
    private var input: HashedInput

    /// - Parameter source: the next bytes of the file, as many as asked for at most; none at its end.
    /// - Throws: ``BundleError``, and what `source` throws.
    public init(_ source: @escaping (Int) throws -> [UInt8]) throws {
        input = HashedInput(source)
        // A file that is shorter than this is another's.
        guard let magic = try? input.take(BundleCodec.magic.count), magic == BundleCodec.magic else {
            throw BundleError.notABundle
        }
        let form = try input.take(1)[0]
        guard form == BundleCodec.form else { throw BundleError.newerForm(Int(form)) }
        let count = try input.length()
        guard count <= Limits.maximumBundleHeaderBytes else { throw BundleError.damaged }
        let bytes = try input.take(count)
        do {
            header = try BundleCodec.header(bytes)
        } catch {
            throw BundleError.damaged
        }
    }

    /// The runs of the next block; nil at the end of a file that is whole.
    public mutating func next() throws -> [ChangeRun]? {
        let count = try input.length()
        guard count > 0 else {
            let hash = input.hash
            guard try input.take(BundleCodec.hashByteCount) == hash else { throw BundleError.damaged }
            guard try input.isAtEnd else { throw BundleError.damaged }
            return nil
        }
        guard count <= Limits.maximumExchangeBytes else { throw BundleError.damaged }
        let bytes = try input.take(count)
        do {
            return try BundleCodec.runs(bytes)
        } catch {
            throw BundleError.damaged
        }
    }

    /// Reads what is left, for the sake of its errors.
    public mutating func finish() throws {
        while try next() != nil {}
    }
}

/// Bytes from a source, hashed as they come.
private struct HashedInput {
    private let source: (Int) throws -> [UInt8]
    private let hasher = SHA256Hasher()

    private static let pieceByteCount = 64 * 1024

    init(_ source: @escaping (Int) throws -> [UInt8]) { self.source = source }

    /// Exactly `count` bytes. They are read in pieces, so that a length that lies costs no memory.
    func take(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let piece = try source(min(count - bytes.count, Self.pieceByteCount))
            guard !piece.isEmpty else { throw BundleError.cutShort }
            bytes += piece
        }
        hasher.update(bytes)
        return bytes
    }

    func length() throws -> Int { try take(4).reduce(0) { $0 << 8 | Int($1) } }

    /// The hash of everything taken so far, which begins anew.
    var hash: [UInt8] { hasher.finalize().bytes }

    var isAtEnd: Bool { get throws { try source(1).isEmpty } }
}

@available(*, unavailable)
extension BundleReader: Sendable {}

@available(*, unavailable)
extension BundleWriter: Sendable {}
