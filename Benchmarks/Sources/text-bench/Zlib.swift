import CZlibBench

func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(UInt(bytes.count))
    var output = [UInt8](repeating: 0, count: Int(count))
    compress2(&output, &count, bytes, UInt(bytes.count), 9)
    return Array(output[..<Int(count)])
}

func inflated(_ bytes: [UInt8], _ byteCount: Int) throws -> [UInt8] {
    var count = UInt(byteCount)
    var output = [UInt8](repeating: 0, count: byteCount)
    let status = uncompress(&output, &count, bytes, UInt(bytes.count))
    struct Failure: Error {}
    guard status == Z_OK, count == UInt(byteCount) else { throw Failure() }
    return output
}

func gunzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    inflateInit2_(&stream, 31, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
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
    }
    return output
}
