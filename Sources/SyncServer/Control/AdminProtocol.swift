/// What a command asks of a server.
public enum AdminRequest: Codable, Hashable, Sendable {
    /// A new link for one device of the owner's.
    case link
    /// All of the owner's devices, revoked ones included.
    case devices
    /// A device is named by its number or its name; the new name has 1 to 128 bytes on one line.
    case rename(device: String, name: String)
    /// Ends a device's access at once, and its open connections; it is named by its number or its name.
    case revoke(device: String)
}

/// What it gets.
public enum AdminAnswer: Codable, Hashable, Sendable {
    /// To ``AdminRequest/link``.
    case link(AdminLink)
    /// All of the owner's devices, or the one that was changed.
    case devices([AdminDevice])
}

/// A link that was just made.
public struct AdminLink: Codable, Hashable, Sendable {
    /// The whole text: whoever has it can link a device.
    public var link: String
    /// `HOST:PORT` that it names.
    public var server: String
    /// The server's key pin in groups of four.
    public var pin: String
    /// When it ends, milliseconds since 1970 UTC: ten minutes after it was made.
    public var expiresMilliseconds: UInt64
}

/// A device as `device list` shows it.
public struct AdminDevice: Codable, Hashable, Sendable {
    /// The server's number for it, never given twice.
    public var id: UInt64
    /// 1 to 128 bytes on one line; several devices may have one name.
    public var name: String
    /// When it was linked, milliseconds since 1970 UTC.
    public var linkedMilliseconds: UInt64
    /// Its last request, milliseconds since 1970 UTC; 0: never.
    public var seenMilliseconds: UInt64
    /// When it was revoked, milliseconds since 1970 UTC; nil if it was not.
    public var revokedMilliseconds: UInt64?
}

/// One line on the control socket.
enum ControlReply: Codable, Hashable, Sendable {
    case done(AdminAnswer)
    case failed(ControlFailure)
}

/// An error that the command at the other end can tell.
enum ControlFailure: Codable, Hashable, Sendable {
    case noSuchDevice(String)
    case ambiguousDevice(String, ids: [UInt64])
    case invalidDeviceName
    case tooManyLinks(maximum: Int)
    case neverStarted
    case diskFull
    case other(String)

    init(_ error: any Error) {
        switch SyncServerError(error, listen: "") {
        case .noSuchDevice(let name): self = .noSuchDevice(name)
        case .ambiguousDevice(let name, let ids): self = .ambiguousDevice(name, ids: ids)
        case .invalidDeviceName: self = .invalidDeviceName
        case .tooManyLinks(let maximum): self = .tooManyLinks(maximum: maximum)
        case .neverStarted: self = .neverStarted
        case .diskFull: self = .diskFull
        case let error: self = .other("\(error)")
        }
    }

    var error: SyncServerError {
        switch self {
        case .noSuchDevice(let name): .noSuchDevice(name)
        case .ambiguousDevice(let name, let ids): .ambiguousDevice(name, ids: ids)
        case .invalidDeviceName: .invalidDeviceName
        case .tooManyLinks(let maximum): .tooManyLinks(maximum: maximum)
        case .neverStarted: .neverStarted
        case .diskFull: .diskFull
        case .other(let reason): .inputOutput(reason)
        }
    }
}
