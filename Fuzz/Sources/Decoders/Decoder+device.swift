import Models
import SyncClient
import SyncTLS

/// What a person types or pastes to link a device, and what the device keeps of its server.
extension Decoder {
    static func readLink(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let link = try? LinkText(text) {
            let again = try? LinkText(link.description)
            precondition(again == link, "a link is read back as another")
        }
        if let address = ServerAddress(text) {
            precondition(ServerAddress(address.description) == address, "an address is read back as another")
        }
        if let pin = KeyPin(text) {
            let forms = [pin.base32, pin.grouped, pin.base64, pin.curlPin]
            precondition(forms.allSatisfy { KeyPin($0) == pin }, "a pin is read back as another")
        }
        _ = Credential(text: text)
        _ = Handle.keys(startingWith: text)
        _ = RecordID(text)
        _ = NotebookID(text)
    }

    /// The file `server`.
    static func readServer(_ bytes: [UInt8]) {
        guard let server = LinkedServer(text: String(decoding: bytes, as: UTF8.self)) else { return }
        precondition(LinkedServer(text: server.text) == server, "a server is read back as another")
    }

    /// The file `ticket`.
    static func readTicket(_ bytes: [UInt8]) {
        guard let ticket = ResumptionTicket(serialized: bytes) else { return }
        let again = ResumptionTicket(serialized: LinkedServer.bytes(of: ticket))
        precondition(again == ticket, "a ticket is read back as another")
    }
}
