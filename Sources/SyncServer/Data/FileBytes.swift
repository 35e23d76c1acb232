import Glibc
import Models

/// Small files that only their owner may read.
enum FileBytes {
    /// Makes an empty file of mode 0600 if there is none.
    static func makeEmpty(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SyncServerError.folderNotWritable(path, reason: DataFolder.lastError()) }
        close(descriptor)
    }

    /// Nil if there is no such file.
    static func read(_ path: String, maximumBytes: Int = Limits.maximumKeyFileBytes) throws -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw SyncServerError.inputOutput("\(path): \(DataFolder.lastError())")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            guard count >= 0 else { throw SyncServerError.inputOutput("\(path): \(DataFolder.lastError())") }
            if count == 0 { return bytes }
            bytes += piece[..<count]
            guard bytes.count <= maximumBytes else { throw SyncServerError.inputOutput("\(path): too long") }
        }
    }

    /// Puts a file of mode 0600 in place, whole or not at all, and on disk when it returns.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SyncServerError.folderNotWritable(path, reason: DataFolder.lastError()) }
        do {
            defer { close(descriptor) }
            var written = 0
            while written < bytes.count {
                let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                guard count > 0 else { throw SyncServerError.inputOutput("\(path): \(DataFolder.lastError())") }
                written += count
            }
            guard fsync(descriptor) == 0 else {
                throw SyncServerError.inputOutput("\(path): \(DataFolder.lastError())")
            }
        }
        guard rename(temporary, path) == 0 else {
            throw SyncServerError.inputOutput("\(path): \(DataFolder.lastError())")
        }
        syncFolder(of: path)
    }

    private static func syncFolder(of path: String) {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        let folder = open(end == path.startIndex ? "." : String(path[..<end]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }
}
