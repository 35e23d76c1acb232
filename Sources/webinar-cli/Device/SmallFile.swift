import Glibc
import Models

/// The small files beside a notebook: its install nonce, the current session, the server, a ticket.
///
/// Each is mode 0600 and replaced whole: written to a new file, synced, renamed over the old one, and the folder
/// synced. A reader sees the old content or the new, and a power cut leaves one of the two.
enum SmallFile {
    /// The text in the file at `path`; nil if there is none.
    static func read(_ path: String) throws -> String? {
        guard let bytes = try readBytes(path) else { return nil }
        do {
            return try TextInput.text(bytes, maximumBytes: Limits.maximumSmallFileBytes)
        } catch {
            throw unreadable(path, error.commandError.message)
        }
    }

    static func write(_ text: String, to path: String) throws {
        try writeBytes(Array(text.utf8), to: path)
    }

    static func readBytes(_ path: String) throws -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            if code == ENOENT || code == ENOTDIR {
                return nil
            }
            throw unreadable(path, SystemError.text(code))
        }
        defer { close(descriptor) }
        return try FileInput.readAll(descriptor: descriptor, maximumBytes: Limits.maximumSmallFileBytes)
    }

    static func writeBytes(_ bytes: [UInt8], to path: String) throws {
        let temporary = "\(path).\(getpid()).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw unwritable(path, errno)
        }
        do {
            defer { close(descriptor) }
            try FileOutput.writeAll(bytes, to: descriptor)
            guard fsync(descriptor) == 0 else {
                throw unwritable(path, errno)
            }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw unwritable(path, code)
        }
        syncFolder(of: path)
    }

    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw unwritable(path, errno)
        }
    }

    /// Makes a rename durable. A file system that cannot sync a folder has nothing better to offer.
    static func syncFolder(of path: String) {
        let name = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    private static func unreadable(_ path: String, _ reason: String) -> CommandError {
        CommandError(.inputOutput, "cannot read \(path): \(reason)", hints: "your notes are not affected")
    }

    private static func unwritable(_ path: String, _ code: Int32) -> CommandError {
        CommandError(
            code == ENOSPC || code == EDQUOT || code == EIO ? .inputOutput : .cannotCreate,
            "cannot write \(path): \(SystemError.text(code))",
            hints: "your notes are not affected"
        )
    }
}
