import FoundationEssentials
public import Models
import SwiftProtobuf

// Linking and the list of devices, as HTTP bodies.

extension LinkRequest: ProtobufBacked {
    init(_ message: Webinar_V1_LinkRequest) throws(WireError) {
        guard message.link.count == Self.linkByteCount else { throw WireError(.invalidField("link")) }
        guard message.proof.count == Self.proofByteCount else { throw WireError(.invalidField("proof")) }
        guard DeviceName.isValid(message.deviceName) else { throw WireError(.invalidField("device_name")) }
        guard message.replica != 0 else { throw WireError(.invalidField("replica")) }
        self.init(
            link: [UInt8](message.link),
            proof: [UInt8](message.proof),
            deviceName: message.deviceName,
            replica: ReplicaID(message.replica)
        )
    }

    var message: Webinar_V1_LinkRequest {
        var message = Webinar_V1_LinkRequest()
        message.link = Data(link)
        message.proof = Data(proof)
        message.deviceName = deviceName
        message.replica = replica.rawValue
        return message
    }
}

extension LinkAnswer: ProtobufBacked {
    init(_ message: Webinar_V1_LinkResponse) throws(WireError) {
        guard let notebook = UUIDBits(bytes: [UInt8](message.notebook)) else {
            throw WireError(.invalidField("notebook"))
        }
        guard let credential = Credential(bytes: [UInt8](message.credential)) else {
            throw WireError(.invalidField("credential"))
        }
        guard [0, LinkText.pinByteCount].contains(message.sparePin.count) else {
            throw WireError(.invalidField("spare_pin"))
        }
        guard message.otherDevices.count <= Limits.maximumDeviceCount else {
            throw WireError(.invalidField("other_devices"))
        }
        self.init(
            notebook: NotebookID(notebook),
            credential: credential,
            device: message.device,
            person: message.person,
            notebookName: message.notebookName,
            sparePin: [UInt8](message.sparePin),
            otherDevices: message.otherDevices
        )
    }

    var message: Webinar_V1_LinkResponse {
        var message = Webinar_V1_LinkResponse()
        message.notebook = Data(notebook.bits.bytes)
        message.credential = Data(credential.bytes)
        message.device = device
        message.person = person
        message.notebookName = notebookName
        message.sparePin = Data(sparePin)
        message.otherDevices = otherDevices
        return message
    }
}

extension DeviceList: ProtobufBacked {
    init(_ message: Webinar_V1_DeviceList) throws(WireError) {
        // Revoked ones stay in the list.
        guard message.devices.count <= Limits.maximumDeviceCount * 16 else {
            throw WireError(.invalidField("devices"))
        }
        self.init(
            devices: message.devices.map { device in
                Device(
                    id: device.id,
                    name: device.name,
                    linkedMilliseconds: device.linkedMilliseconds,
                    seenMilliseconds: device.seenMilliseconds,
                    isRevoked: device.revoked,
                    isCurrent: device.current
                )
            }
        )
    }

    var message: Webinar_V1_DeviceList {
        var message = Webinar_V1_DeviceList()
        message.devices = devices.map { device in
            var message = Webinar_V1_Device()
            message.id = device.id
            message.name = device.name
            message.linkedMilliseconds = device.linkedMilliseconds
            message.seenMilliseconds = device.seenMilliseconds
            message.revoked = device.isRevoked
            message.current = device.isCurrent
            return message
        }
        return message
    }
}

extension DeviceRename: ProtobufBacked {
    init(_ message: Webinar_V1_DeviceRename) throws(WireError) {
        guard DeviceName.isValid(message.name) else { throw WireError(.invalidField("name")) }
        self.init(name: message.name)
    }

    var message: Webinar_V1_DeviceRename {
        var message = Webinar_V1_DeviceRename()
        message.name = name
        return message
    }
}
