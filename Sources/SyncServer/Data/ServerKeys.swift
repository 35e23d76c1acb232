import Digest
import SyncTLS

/// The keys a server has: the one in use with its certificate, and a spare whose pin devices know already.
struct ServerKeys: Sendable {
    let identity: ServerIdentity
    let sparePin: KeyPin
    /// What this server proves the heads with that it hands out. Not the TLS key, which may come from elsewhere.
    let proofSecret: [UInt8]
    /// Whether the key was made just now.
    let isNew: Bool

    /// Reads the keys of a folder. What is missing is made, but for a key whose certificate is there: devices would
    /// refuse a new one, so somebody has to look.
    ///
    /// A certificate near its end is renewed under the same key, so that pins hold.
    static func load(from folder: DataFolder, names: [String], nowSeconds: Int64) throws -> ServerKeys {
        let keyPath = folder.path + "/key.pem"
        let certificatePath = folder.path + "/certificate.pem"
        let certificate = try FileBytes.read(certificatePath)
        let key = try FileBytes.read(keyPath)
        if key == nil, certificate != nil {
            throw SyncServerError.keysDamaged(keyPath, reason: "it is missing, and the certificate is there")
        }
        let spare = try keyPair(at: folder.path + "/spare-key.pem")
        let keyPair = try keyPair(at: keyPath)
        var identity = try parsing(certificatePath) {
            try certificate.map { try ServerIdentity(certificatePEM: $0, keyPair: keyPair) }
        }
        if identity?.isDueForRenewal(nowSeconds: nowSeconds) != false {
            let renewed = try ServerIdentity.selfSigned(keyPair: keyPair, names: names, nowSeconds: nowSeconds)
            try FileBytes.write(renewed.certificatePEM, to: certificatePath)
            identity = renewed
        }
        guard let identity else { throw SyncServerError.keysDamaged(certificatePath, reason: "it is missing") }
        return ServerKeys(
            identity: identity,
            sparePin: spare.pin,
            proofSecret: try proofSecret(at: folder.path + "/proof.key"),
            isNew: key == nil
        )
    }

    private static func proofSecret(at path: String) throws -> [UInt8] {
        if let bytes = try FileBytes.read(path) {
            guard bytes.count == proofSecretByteCount else {
                throw SyncServerError.keysDamaged(path, reason: "it is not \(proofSecretByteCount) bytes long")
            }
            return bytes
        }
        let made = RandomBytes.bytes(proofSecretByteCount)
        try FileBytes.write(made, to: path)
        return made
    }

    private static let proofSecretByteCount = 32

    /// The pin alone, for commands.
    static func pin(in folder: DataFolder) throws -> KeyPin {
        let path = folder.path + "/key.pem"
        guard let bytes = try FileBytes.read(path) else { throw SyncServerError.neverStarted }
        return try parsing(path) { try TLSKeyPair(privateKeyPEM: bytes).pin }
    }

    private static func keyPair(at path: String) throws -> TLSKeyPair {
        if let bytes = try FileBytes.read(path) {
            return try parsing(path) { try TLSKeyPair(privateKeyPEM: bytes) }
        }
        let made = try TLSKeyPair.make()
        try FileBytes.write(made.privateKeyPEM, to: path)
        return made
    }

    private static func parsing<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as TLSError {
            throw SyncServerError.keysDamaged(path, reason: "\(error)")
        }
    }
}
