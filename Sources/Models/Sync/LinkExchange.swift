/// What a device sends to be linked. The link's secret is proven, not sent.
public struct LinkRequest: Hashable, Sendable {
    /// Which link: the first 8 bytes of the SHA-256 of its secret.
    public var link: [UInt8]
    /// HMAC-SHA-256 under the secret, over this very TLS connection; 32 bytes.
    public var proof: [UInt8]
    public var deviceName: String
    /// The replica the device writes under now.
    public var replica: ReplicaID

    public static let linkByteCount = 8
    public static let proofByteCount = 32

    public init(link: [UInt8], proof: [UInt8], deviceName: String, replica: ReplicaID) {
        self.link = link
        self.proof = proof
        self.deviceName = deviceName
        self.replica = replica
    }
}

/// What a linked device gets.
public struct LinkAnswer: Hashable, Sendable {
    public var notebook: NotebookID
    public var credential: Credential
    public var device: UInt64
    public var person: String
    public var notebookName: String
    /// The pin of the server's spare key, for the day it changes keys; 32 bytes.
    public var sparePin: [UInt8]
    /// The names of the person's other devices.
    public var otherDevices: [String]

    public init(
        notebook: NotebookID,
        credential: Credential,
        device: UInt64,
        person: String,
        notebookName: String,
        sparePin: [UInt8],
        otherDevices: [String]
    ) {
        self.notebook = notebook
        self.credential = credential
        self.device = device
        self.person = person
        self.notebookName = notebookName
        self.sparePin = sparePin
        self.otherDevices = otherDevices
    }
}
