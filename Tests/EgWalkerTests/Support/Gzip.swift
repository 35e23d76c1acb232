import CZlib

/// Expands a gzip file, for the traces only.
func gunzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    // 31: a window of 32 KiB and the gzip format.
    let begun = inflateInit2_(&stream, 31, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    precondition(begun == Z_OK, "inflateInit2 failed with \(begun)")
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    var input = bytes
    input.withUnsafeMutableBufferPointer { input in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        var status = Z_OK
        while status == Z_OK {
            piece.withUnsafeMutableBufferPointer { piece in
                stream.next_out = piece.baseAddress
                stream.avail_out = UInt32(piece.count)
                status = inflate(&stream, Z_NO_FLUSH)
                output.append(contentsOf: piece[..<(piece.count - Int(stream.avail_out))])
            }
        }
        precondition(status == Z_STREAM_END, "the trace is damaged: \(status)")
    }
    return output
}
