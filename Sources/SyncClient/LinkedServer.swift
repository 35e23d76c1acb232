public import Models
public import SyncTLS
import Digest

/// The server a device is linked to: what it keeps of it in a file of its own (mode 0600), so that
/// the notebook can be copied without it.
public struct LinkedServer: Hashable, Sendable {
    /// Where it was when the device was linked. A sync may go elsewhere, as long as the key is the same.
    public var address: ServerAddress
    /// The key the server must prove, and its spare.
    public var pins: [KeyPin]
    /// Shown with each request: whoever has it can sync as this device.
    public var credential: Credential
    /// The server's number for this device.
    public var device: UInt64
    /// What the server calls this device, as far as this device knows; 1 to 128 bytes on one line.
    public var deviceName: String
    /// The server's notebook that this device syncs with.
    public var notebook: NotebookID

    /// - Parameters:
    ///   - pins: one at least; without one no connection is made.
    ///   - device: the server's number for this device.
    ///   - deviceName: on one line, for ``text`` has a line for it.
    public init(
        address: ServerAddress,
        pins: [KeyPin],
        credential: Credential,
        device: UInt64,
        deviceName: String,
        notebook: NotebookID
    ) {
        self.address = address
        self.pins = pins
        self.credential = credential
        self.device = device
        self.deviceName = deviceName
        self.notebook = notebook
    }
}

/// As text: a line `key = value` each. Unknown keys are left alone, for a later program's sake.
extension LinkedServer {
    /// Six lines; pins in base32, the credential in base64url, so it is as secret as the credential.
    public var text: String {
        """
        address = \(address)
        pins = \(pins.map(\.base32).joined(separator: " "))
        credential = \(credential.text)
        device = \(device)
        name = \(deviceName)
        notebook = \(notebook)

        """
    }

    /// Nil if a line is missing or cannot be read.
    public init?(text: String) {
        var values: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let sign = line.firstIndex(of: "=") else { continue }
            let key = String(line[..<sign].filter { $0 != " " })
            values[key] = String(line[line.index(after: sign)...].drop { $0 == " " })
        }
        let pins = values["pins"]?.split(separator: " ").map { KeyPin(String($0)) } ?? []
        guard let address = values["address"].flatMap({ ServerAddress($0) }),
            !pins.isEmpty, pins.allSatisfy({ $0 != nil }),
            let credential = values["credential"].flatMap({ Credential(text: $0) }),
            let device = values["device"].flatMap({ UInt64($0) }),
            let name = values["name"],
            let notebook = values["notebook"].flatMap({ NotebookID($0) })
        else { return nil }
        self.init(
            address: address,
            pins: pins.compactMap { $0 },
            credential: credential,
            device: device,
            deviceName: name,
            notebook: notebook
        )
    }
}
