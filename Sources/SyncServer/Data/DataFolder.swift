import Glibc
import Models

/// A server's data folder, locked: one process at a time uses what is in it.
///
///     lock                 who has it
///     key.pem, certificate.pem, spare-key.pem
///     proof.key            for the proofs of what this server had
///     accounts.sqlite      people, devices, links
///     notebooks/ID.sqlite  one file for each notebook
///     control              the socket of a running server
///
/// The folder is the owner's alone (0700), and so is each file in it (0600).
final class DataFolder: Sendable {
    enum Use {
        /// Makes the folder if there is none.
        case serving
        /// For a command: throws ``SyncServerError/noServer(_:)`` if there is none.
        case administration
    }

    let path: String
    /// Open as long as this lives: the way to the control socket, however long the path is.
    let descriptor: CInt
    private let lock: LockFile

    static func open(_ path: String, for use: Use) throws -> DataFolder {
        let wasMade = try make(path, for: use)
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SyncServerError.folderNotWritable(path, reason: lastError()) }
        do {
            let lock = try LockFile(path: path + "/lock", mayMake: use == .serving || wasMade)
            return DataFolder(path: path, descriptor: descriptor, lock: lock)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    private init(path: String, descriptor: CInt, lock: LockFile) {
        self.path = path
        self.descriptor = descriptor
        self.lock = lock
    }

    deinit { Glibc.close(descriptor) }

    /// Returns whether it was made. An existing folder that is not empty must be a server's.
    private static func make(_ path: String, for use: Use) throws -> Bool {
        if access(path + "/lock", F_OK) == 0 {
            guard access(path, W_OK) == 0 else {
                throw SyncServerError.folderNotWritable(path, reason: lastError())
            }
            return false
        }
        guard use == .serving else { throw SyncServerError.noServer(path) }
        if try isEmptyFolder(path) {
            guard chmod(path, 0o700) == 0, access(path, W_OK) == 0 else {
                throw SyncServerError.folderNotWritable(path, reason: lastError())
            }
            return true
        }
        try makeAll(path)
        return true
    }

    /// Nil stands for none there.
    private static func isEmptyFolder(_ path: String) throws -> Bool {
        guard let folder = opendir(path) else {
            guard errno == ENOENT else { throw SyncServerError.folderNotWritable(path, reason: lastError()) }
            return false
        }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // "." and ".." are always there.
        guard count <= 2 else { throw SyncServerError.folderNotOurs(path) }
        return true
    }

    private static func makeAll(_ path: String) throws {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            guard mkdir(made, 0o700) == 0 || errno == EEXIST else {
                throw SyncServerError.folderNotWritable(path, reason: lastError())
            }
        }
    }

    /// The accounts file, made with the right mode: SQLite gives its log files the mode of the database.
    func accountsPath() throws -> String {
        let path = path + "/accounts.sqlite"
        try FileBytes.makeEmpty(path)
        return path
    }

    func notebookPath(_ notebook: NotebookID) throws -> String {
        let folder = path + "/notebooks"
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw SyncServerError.folderNotWritable(folder, reason: Self.lastError())
        }
        let path = folder + "/\(notebook).sqlite"
        try FileBytes.makeEmpty(path)
        return path
    }

    /// Bytes that whoever owns the folder may still write to its disk.
    var freeBytes: UInt64? {
        var info = statvfs()
        guard fstatvfs(descriptor, &info) == 0 else { return nil }
        return UInt64(info.f_bavail) * UInt64(info.f_frsize)
    }

    func unlock() { lock.unlock() }

    static func lastError() -> String { String(cString: strerror(errno)) }
}
