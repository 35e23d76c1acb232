/// What a command asks of a server.
public enum AdminRequest: Codable, Hashable, Sendable {
    /// A new link for one device of the owner's.
    case link
    case devices
    /// A device is named by its number or its name.
    case rename(device: String, name: String)
    case revoke(device: String)
}

/// What it gets.
public enum AdminAnswer: Codable, Hashable, Sendable {
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
    public var expiresMilliseconds: UInt64
}

/// A device as `device list` shows it.
public struct AdminDevice: Codable, Hashable, Sendable {
    public var id: UInt64
    public var name: String
    public var linkedMilliseconds: UInt64
    /// 0: never.
    public var seenMilliseconds: UInt64
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
