import Digest
public import Models
public import Store
public import SyncTLS

/// Links this device to a server, with what a link or QR code carries.
///
/// The link names the server's key, which is checked before anything is sent, and holds a secret,
/// which never is: the device proves it over the very connection it stands on, so that a relayed
/// handshake is worth nothing.
public enum DeviceLinking {
    /// What the exporter of the connection is asked for (RFC 8446, section 7.5).
    public static let exporterLabel = "EXPORTER-webinar-link"

    /// Bytes of the connection's exporter that a proof covers.
    public static let exporterByteCount = 32

    /// A link in use: what it came to.
    public struct Outcome: Sendable {
        /// The server with this device's new credential, which is nowhere else: the caller is to store it.
        public var server: LinkedServer
        /// The name of the person whose link it was.
        public var person: String
        /// The name of the notebook that the link is to.
        public var notebookName: String
        /// The names of the person's other devices that are not revoked, in the order they were linked.
        public var otherDevices: [String]
    }

    /// Redeems `link`. The store is not touched yet: see ``adopt(_:in:)``.
    ///
    /// - Throws: ``ConnectionError``.
    public static func redeem(
        _ link: LinkText,
        deviceName: String,
        replica: ReplicaID,
        onTicket: @escaping @Sendable (ResumptionTicket) -> Void = { _ in }
    ) async throws -> Outcome {
        guard let digest = SHA256Digest(bytes: link.pin) else {
            throw ConnectionError.notOurServer(reason: "the link's pin is not 32 bytes")
        }
        let pin = KeyPin(digest)
        return try await ServerConnection.with(to: link.address, pins: [pin], onTicket: onTicket) { connection in
            let exported = try await connection.keyingMaterial(label: exporterLabel, length: exporterByteCount)
            let id = Array(SHA256.hash(link.secret).bytes.prefix(LinkRequest.linkByteCount))
            let proof = hmacSHA256(key: link.secret, message: exported + id + Array(deviceName.utf8)).bytes
            let answer = try await connection.ask(
                "POST",
                "/v1/link",
                credential: nil,
                message: LinkRequest(link: id, proof: proof, deviceName: deviceName, replica: replica),
                as: LinkAnswer.self
            )
            let spare = SHA256Digest(bytes: answer.sparePin).map { KeyPin($0) }
            return Outcome(
                server: LinkedServer(
                    address: link.address,
                    pins: [pin] + [spare].compactMap { $0 },
                    credential: answer.credential,
                    device: answer.device,
                    deviceName: deviceName,
                    notebook: answer.notebook
                ),
                person: answer.person,
                notebookName: answer.notebookName,
                otherDevices: answer.otherDevices
            )
        }
    }

    /// Makes the store a replica of the server's notebook: what is in it goes along, everything
    /// counts as unsent, and the device's name is told to the other replicas.
    ///
    /// A notebook that it is a replica of already goes on from where it was.
    public static func adopt(_ outcome: Outcome, in writer: StoreWriter) throws {
        let server = outcome.server
        if try writer.reader.notebook().notebook != server.notebook {
            try writer.removePeer()
            try writer.adopt(server.notebook)
        }
        try name(server.deviceName, in: writer)
    }

    /// Tells the other replicas what this device is called.
    public static func name(_ name: String, in writer: StoreWriter) throws {
        let id = RecordID.device(try writer.reader.notebook().replica)
        if try writer.reader.record(id) != nil {
            try writer.change(id) { [$0.setting(.title, to: .text(name))].compactMap { $0 } }
        } else {
            try writer.create(.device, id: id, [.set(.title, .text(name), replaces: [])])
        }
    }
}
