import Glibc
import NIOCore
import Store
import SyncTLS

/// Why a server cannot run, or a command cannot do what it was asked.
public enum SyncServerError: Error, Hashable, Sendable {
    /// Not `HOST:PORT`.
    case invalidAddress(String)
    /// Something else listens there.
    case addressInUse(String)
    /// This machine has no such address, or the user may not use it.
    case cannotListen(String, reason: String)

    /// The folder cannot be made, or not be written.
    case folderNotWritable(String, reason: String)
    /// Something else lives in the folder.
    case folderNotOurs(String)
    /// A server runs on it already.
    case folderInUse(String, process: Int?)
    /// There is no server's data in it.
    case noServer(String)
    /// A file of keys is missing or damaged.
    case keysDamaged(String, reason: String)
    /// A newer program wrote the data.
    case newerProgram
    case diskFull
    /// A database is damaged, with what was found.
    case damaged(String)
    /// Something that the system or SQLite reports and that is none of the others, in its words.
    case inputOutput(String)
    /// The running server does not answer.
    case notAnswering(String)

    /// The server has not run yet, so nobody knows its address.
    case neverStarted
    /// The owner has no device of this number or name.
    case noSuchDevice(String)
    /// Several devices have this name; their numbers tell them apart.
    case ambiguousDevice(String, ids: [UInt64])
    /// A device's name has 1 to 128 bytes on one line, and not only white space.
    case invalidDeviceName
    /// So many links wait to be redeemed already; each ends ten minutes after it was made.
    case tooManyLinks(maximum: Int)
}

extension SyncServerError {
    static func translating<Result>(_ body: () throws -> Result) throws(SyncServerError) -> Result {
        do { return try body() } catch { throw SyncServerError(error, listen: "") }
    }

    /// - Parameter listen: the address, should it be the cause.
    init(_ error: any Error, listen: String) {
        switch error {
        case let error as SyncServerError: self = error
        case let error as StoreError: self.init(error)
        case let error as TLSError: self = .keysDamaged("key.pem", reason: "\(error)")
        case let error as IOError where error.errnoCode == EADDRINUSE: self = .addressInUse(listen)
        case let error as IOError: self = .cannotListen(listen, reason: String(cString: strerror(error.errnoCode)))
        default: self = .cannotListen(listen, reason: "\(error)")
        }
    }

    init(_ error: StoreError) {
        switch error {
        case .newerProgram: self = .newerProgram
        case .diskFull: self = .diskFull
        case .corrupt(let reason): self = .damaged(reason)
        case .readOnly(let reason): self = .folderNotWritable("", reason: reason)
        default: self = .inputOutput("\(error)")
        }
    }
}
