import Glibc
import Synchronization

/// A file that one process at a time has locked. The kernel drops the lock when the process ends, however it ends.
final class LockFile: Sendable {
    private let descriptor: Mutex<CInt>

    /// - Throws: ``SyncServerError/folderInUse(_:process:)`` with the process that has it.
    init(path: String, mayMake: Bool) throws {
        let flags = O_RDWR | O_CLOEXEC | (mayMake ? O_CREAT : 0)
        let descriptor = open(path, flags, 0o600)
        guard descriptor >= 0 else {
            throw SyncServerError.folderNotWritable(path, reason: DataFolder.lastError())
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let process = Self.process(in: descriptor)
            close(descriptor)
            throw SyncServerError.folderInUse(path, process: process)
        }
        let text = Array("\(getpid())\n".utf8)
        ftruncate(descriptor, 0)
        pwrite(descriptor, text, text.count, 0)
        self.descriptor = Mutex(descriptor)
    }

    deinit { unlock() }

    func unlock() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }

    private static func process(in descriptor: CInt) -> Int? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int(String(decoding: bytes.prefix(count).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
