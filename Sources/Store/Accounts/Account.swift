public import Digest
public import Models

/// A person of a server.
public struct Person: Hashable, Sendable {
    public var id: Int64
    public var name: String
}

/// A device that was linked, with what the server knows it by.
public struct AccountDevice: Hashable, Sendable {
    public var id: UInt64
    public var person: Int64
    public var name: String
    /// SHA-256 of the credential that only the device has.
    public var credential: SHA256Digest
    public var linkedMilliseconds: UInt64
    /// As far as it was written down; 0: never.
    public var seenMilliseconds: UInt64
    public var revokedMilliseconds: UInt64?

    public var isRevoked: Bool { revokedMilliseconds != nil }
}

/// A notebook of a server.
public struct AccountNotebook: Hashable, Sendable {
    public var id: NotebookID
    public var name: String
}

/// Who may sync which notebook.
public struct Membership: Hashable, Sendable {
    public var notebook: NotebookID
    public var person: Int64

    public init(notebook: NotebookID, person: Int64) {
        self.notebook = notebook
        self.person = person
    }
}

/// A link that was made.
public struct NewLink: Hashable, Sendable {
    public var secret: [UInt8]
    public var expiresMilliseconds: UInt64
}

/// What became of an attempt to redeem a link.
public enum LinkRedemption: Hashable, Sendable {
    case linked(AccountDevice, person: Person, notebook: AccountNotebook, otherDevices: [String])
    /// Used, older than ten minutes, ended by wrong attempts, or never made.
    case gone
    case wrongProof(attemptsLeft: Int)
    case tooManyDevices
}
