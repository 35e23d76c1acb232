import Glibc

/// Reading a descriptor with a bound on memory.
enum FileInput {
    /// The bytes up to the end of `descriptor`: all of them if they are at most `maximumBytes`, else one more than
    /// that, which tells the caller that there were too many.
    static func readAll(descriptor: Int32, maximumBytes: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let pieceBytes = 64 * 1024
        while bytes.count <= maximumBytes {
            let wanted = min(pieceBytes, maximumBytes + 1 - bytes.count)
            let piece = try readPiece(descriptor: descriptor, maximumBytes: wanted)
            if piece.isEmpty {
                break
            }
            bytes += piece
        }
        return bytes
    }

    /// What one call to the system yields; nothing at the end.
    static func readPiece(descriptor: Int32, maximumBytes: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: maximumBytes) { buffer, count in
            count = try readOnce(descriptor, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    private static func readOnce(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 {
                return count
            }
            switch errno {
            case EINTR:
                continue
            case EAGAIN:
                var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                _ = poll(&request, 1, -1)
            case let code:
                throw CommandError(
                    .inputOutput,
                    "cannot read the input: \(SystemError.text(code))",
                    hints: "nothing was saved"
                )
            }
        }
    }
}
