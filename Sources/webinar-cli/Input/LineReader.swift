import Glibc
import Models

/// The lines of a descriptor, one at a time: memory holds a piece and the line at hand, never the file.
struct LineReader {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    /// The number of the line that was read last, from 1.
    private(set) var number = 0

    private static let pieceBytes = 256 * 1024

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// The next line without its line end; nil at the end.
    mutating func next() throws -> ArraySlice<UInt8>? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = buffer[start..<end]
                start = end + 1
                number += 1
                return line
            }
            if isAtEnd {
                guard start < buffer.count else { return nil }
                let line = buffer[start...]
                start = buffer.count
                number += 1
                return line
            }
            buffer.removeFirst(start)
            start = 0
            searched = buffer.count
            guard buffer.count <= Limits.maximumImportLineBytes else {
                throw CommandError(
                    .badData,
                    "line \(number + 1) is longer than \(Limits.maximumImportLineBytes) bytes",
                    hints: "nothing was imported"
                )
            }
            let piece = try FileInput.readPiece(descriptor: descriptor, maximumBytes: Self.pieceBytes)
            isAtEnd = piece.isEmpty
            buffer += piece
        }
    }
}

/// A file that can be read again from its beginning, whatever it came from.
///
/// A pipe may take its time, and nobody who saves a note should wait for it: it is copied into a file without a name
/// before the notebook is locked.
struct RereadableInput: ~Copyable {
    let descriptor: Int32

    /// - Parameter path: `-` for standard input.
    init(path: String, spoolFolder: String) throws {
        let source = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        let code = errno
        guard source >= 0 else {
            throw CommandError(
                .notFound,
                "cannot read \(path): \(SystemError.text(code))",
                hints: "nothing was imported"
            )
        }
        var status = stat()
        fstat(source, &status)
        if status.st_mode & S_IFMT == S_IFDIR {
            close(source)
            throw CommandError(.badData, "\(path) is a folder", hints: "nothing was imported")
        }
        guard status.st_mode & S_IFMT != S_IFREG else {
            descriptor = source
            return
        }
        defer { close(source) }
        descriptor = try Self.spooled(source, in: spoolFolder)
    }

    deinit { close(descriptor) }

    private static func spooled(_ source: Int32, in folder: String) throws -> Int32 {
        let path = "\(folder)/import.\(getpid()).spool"
        let spool = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        let code = errno
        guard spool >= 0 else {
            throw CommandError(
                .cannotCreate,
                "cannot make a file for the input in \(folder): \(SystemError.text(code))",
                hints: "nothing was imported"
            )
        }
        unlink(path)
        do {
            while true {
                let piece = try FileInput.readPiece(descriptor: source, maximumBytes: 256 * 1024)
                if piece.isEmpty { break }
                try FileOutput.writeAll(piece, to: spool)
            }
        } catch {
            close(spool)
            throw error
        }
        lseek(spool, 0, SEEK_SET)
        return spool
    }
}
