import CZlib

/// One compression. Owns zlib's state.
struct Deflater: ~Copyable {
    /// zlib keeps a pointer back to the stream, so it must not move in memory.
    private let stream: UnsafeMutablePointer<z_stream>

    init(level: Int) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = webinar_deflateInit(stream, CInt(level))
        precondition(result == Z_OK, "deflateInit failed with \(result): out of memory, or another zlib's header")
    }

    deinit {
        deflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    func run(_ bytes: [UInt8]) -> [UInt8] {
        // deflateBound: "an upper bound on the compressed size after deflation of sourceLen bytes", so that one call
        // does it; it is little more than the input.
        let bound = Int(deflateBound(stream, UInt(bytes.count)))
        precondition(bound <= UInt32.max, "deflate takes at most about 4 GiB at once")
        return [UInt8](unsafeUninitializedCapacity: bound) { output, outputCount in
            bytes.withUnsafeBufferPointer { input in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = UInt32(input.count)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(bound)
                let result = CZlib.deflate(stream, Z_FINISH)
                precondition(result == Z_STREAM_END, "deflate failed with \(result) within its own bound")
            }
            outputCount = bound - Int(stream.pointee.avail_out)
        }
    }
}
