import CZlib

/// One expansion, within caps. Owns zlib's state.
struct Inflater: ~Copyable {
    private let maximumBytes: Int
    private let maximumRatio: Int
    /// zlib keeps a pointer back to the stream, so it must not move in memory.
    private let stream: UnsafeMutablePointer<z_stream>

    /// The piece that is expanded at a time. The output grows as it comes, so a short input that claims much costs
    /// nothing before it is refused.
    private static let pieceByteCount = 32 * 1024

    init(maximumBytes: Int, maximumRatio: Int) throws(InflateError) {
        self.maximumBytes = maximumBytes
        self.maximumRatio = maximumRatio
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        if webinar_inflateInit(stream) != Z_OK {
            throw .outOfMemory
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    func run(_ bytes: [UInt8]) throws(InflateError) -> [UInt8] {
        guard bytes.count <= UInt32.max else { throw .tooManyBytes(maximum: maximumBytes) }
        let result = bytes.withUnsafeBufferPointer { input in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = UInt32(input.count)
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.pieceByteCount) { piece in
                expand(inputCount: input.count, through: piece)
            }
        }
        return try result.get()
    }

    private func expand(
        inputCount: Int,
        through piece: UnsafeMutableBufferPointer<UInt8>
    ) -> Result<[UInt8], InflateError> {
        let (ratioBytes, overflow) = inputCount.multipliedReportingOverflow(by: maximumRatio)
        let ratioLimit = overflow ? Int.max : ratioBytes
        var output: [UInt8] = []
        while true {
            stream.pointee.next_out = piece.baseAddress
            stream.pointee.avail_out = UInt32(piece.count)
            let status = CZlib.inflate(stream, Z_NO_FLUSH)
            let pieceCount = piece.count - Int(stream.pointee.avail_out)
            guard output.count + pieceCount <= maximumBytes else {
                return .failure(.tooManyBytes(maximum: maximumBytes))
            }
            guard output.count + pieceCount <= ratioLimit else {
                return .failure(.ratioTooHigh(maximum: maximumRatio))
            }
            output.append(contentsOf: piece.extracting(..<pieceCount))
            switch status {
            case Z_OK:
                continue
            case Z_STREAM_END:
                let rest = Int(stream.pointee.avail_in)
                return rest == 0 ? .success(output) : .failure(.trailingBytes(count: rest))
            case Z_BUF_ERROR:
                // "Progress is not possible": the piece was empty, so it is the input that is used up.
                return .failure(.truncated)
            case Z_NEED_DICT:
                return .failure(.needsDictionary)
            case Z_MEM_ERROR:
                return .failure(.outOfMemory)
            default:
                return .failure(.corrupt)
            }
        }
    }
}
