import Digest
import Models
import Store
import SyncClient
import SyncTLS
import Testing
import Wire

@testable import SyncServer

/// Linking, credentials and revocation, over real sockets.
@Suite struct LinkingTests {
    @Test func `a link makes a device that can sync, and a second one gets what the first sent`() async throws {
        try await withServer { server in
            let desk = try await server.linkedDevice("desk")
            let phone = try await server.linkedDevice("phone")
            #expect(desk.server.notebook == phone.server.notebook)
            try desk.addSession("Social Media Trends in China")
            try await desk.sync()
            try await phone.sync()
            // The phone's name.
            try await desk.sync()
            let digests = [try phone.store.read { try $0.digest() }, try desk.store.read { try $0.digest() }]
            #expect(digests[0] == digests[1])

            let devices = try await RemoteDevices(phone.server).list()
            #expect(devices.map(\.name) == ["desk", "phone"])
            #expect(devices.map(\.isCurrent) == [false, true])
            #expect(devices.allSatisfy { $0.seenMilliseconds > 0 && !$0.isRevoked })
        }
    }

    @Test func `the answer to a link names the spare key and the other devices`() async throws {
        try await withServer { server in
            _ = try await server.linkedDevice("desk")
            let link = try LinkText(try await server.makeLink())
            let outcome = try await DeviceLinking.redeem(link, deviceName: "phone", replica: ReplicaID(7))
            #expect(outcome.otherDevices == ["desk"])
            #expect(outcome.server.pins == [server.server.keys.identity.pin, server.server.keys.sparePin])
            #expect(outcome.notebookName == "Notes" && outcome.person == "owner")
        }
    }

    @Test func `a link that was used is gone`() async throws {
        try await withServer { server in
            let link = try LinkText(try await server.makeLink())
            _ = try await DeviceLinking.redeem(link, deviceName: "a", replica: ReplicaID(1))
            let error = await #expect(throws: ConnectionError.self) {
                try await DeviceLinking.redeem(link, deviceName: "b", replica: ReplicaID(2))
            }
            #expect(error?.isRefused(410, "urn:webinar:problem:link-gone") == true)
        }
    }

    @Test func `a link that is too old is gone`() async throws {
        let clock = TestClock()
        try await withServer(clock: clock) { server in
            let link = try LinkText(try await server.makeLink())
            clock.advance(milliseconds: Limits.linkMilliseconds)
            let error = await #expect(throws: ConnectionError.self) {
                try await DeviceLinking.redeem(link, deviceName: "a", replica: ReplicaID(1))
            }
            #expect(error?.isRefused(410, "urn:webinar:problem:link-gone") == true)
        }
    }

    @Test func `a link with another secret is gone, however often it is tried`() async throws {
        try await withServer { server in
            let link = try LinkText(try await server.makeLink())
            for byte in 0..<5 {
                let wrong = LinkText(
                    address: link.address,
                    pin: link.pin,
                    secret: [UInt8](repeating: UInt8(byte), count: 16)
                )
                let error = await #expect(throws: ConnectionError.self) {
                    try await DeviceLinking.redeem(wrong, deviceName: "a", replica: ReplicaID(1))
                }
                #expect(error?.isRefused(410, "urn:webinar:problem:link-gone") == true)
            }
            _ = try await DeviceLinking.redeem(link, deviceName: "a", replica: ReplicaID(1))
        }
    }

    @Test func `a proof made on another connection is refused, and five of them end the link`() async throws {
        try await withServer { server in
            let link = try LinkText(try await server.makeLink())
            let other = try await server.connect()
            let exporter = try await other.keyingMaterial(
                label: LinkProof.exporterLabel,
                length: LinkProof.exporterByteCount
            )
            let request = LinkRequest(
                link: LinkProof.linkID(ofSecret: link.secret),
                proof: LinkProof.proof(secret: link.secret, exporter: exporter, deviceName: "a"),
                deviceName: "a",
                replica: ReplicaID(1)
            )
            for left in [4, 3, 2, 1, 0] {
                let connection = try await server.connect()
                let answer = try await connection.send(
                    "POST",
                    "/v1/link",
                    headers: [("content-type", "application/x-protobuf")],
                    body: request.body(.protobuf)
                )
                #expect(answer.status == 403 && problemType(answer) == "link-proof")
                #expect(String(decoding: answer.body, as: UTF8.self).contains("\"attempts_left\":\(left)}"))
                await connection.close()
            }
            let answer = try await other.send(
                "POST",
                "/v1/link",
                headers: [("content-type", "application/x-protobuf")],
                body: request.body(.protobuf)
            )
            #expect(answer.status == 410)
            await other.close()
        }
    }

    @Test func `who shows no credential of ours gets the same answer for every reason`() async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            let revoked = try await server.linkedDevice("gone")
            try await RemoteDevices(device.server).revoke(revoked.server.device)
            var bodies: Set<String> = []
            let random = try #require(Credential(bytes: RandomBytes.bytes(32))).text
            let headers: [[(String, String)]] = [
                [], [("authorization", "Bearer")], [("authorization", "Bearer x")],
                [("authorization", "Basic \(device.server.credential.text)")], [("authorization", "Bearer \(random)")],
                [revoked.authorization],
                [("authorization", "Bearer \(device.server.credential.text)=")],
            ]
            for headers in headers {
                let connection = try await server.connect()
                let answer = try await connection.send("GET", "/v1/devices", headers: headers)
                #expect(answer.status == 401 && answer.header("www-authenticate") == "Bearer")
                let text = String(decoding: answer.body, as: UTF8.self)
                bodies.insert(text.replacing(#/request:[0-9a-f]{8}/#, with: "request:X"))
                await connection.close()
            }
            #expect(bodies.count == 1)
        }
    }

    @Test func `after a restore the oldest device that is not revoked brings what nobody here writes`() async throws {
        try await withServer { server in
            let phone = try await server.linkedDevice("phone")
            let desk = try await server.linkedDevice("desk")
            func mayCarry(_ replica: ReplicaID, wasPutBack: Bool) async throws -> [Bool] {
                try await server.server.accounts.devices().filter { !$0.isRevoked }.map {
                    try server.server.accounts.rights(of: $0, in: desk.server.notebook).mayCarry(replica, wasPutBack)
                }
            }
            let (written, unknown) = (try phone.store.read { try $0.notebook().replica }, ReplicaID(77))
            #expect(try await mayCarry(unknown, wasPutBack: false) == [true, true])
            #expect(try await mayCarry(unknown, wasPutBack: true) == [true, false])
            #expect(try await mayCarry(written, wasPutBack: false) == [false, false])
            try await RemoteDevices(desk.server).revoke(phone.server.device)
            #expect(try await mayCarry(unknown, wasPutBack: true) == [true])
            #expect(try await mayCarry(written, wasPutBack: false) == [true])
        }
    }

    @Test func `a revoked device's open connections are closed at once`() async throws {
        try await withServer { server in
            let desk = try await server.linkedDevice("desk")
            let phone = try await server.linkedDevice("phone")
            let raw = try await RawConnection.open(to: server)
            try await raw.send(
                "GET /v1/devices HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(phone.server.credential.text)\r\n\r\n"
            )
            try await raw.waitFor("}")
            try await RemoteDevices(desk.server).revoke(phone.server.device)
            let text = try await raw.untilClosed()
            #expect(text.hasPrefix("HTTP/1.1 200 OK"))
            await #expect(throws: ConnectionError.self) { try await phone.sync() }
            try await desk.sync()
        }
    }

    @Test func `a device can revoke itself, and hears that it did`() async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            try await RemoteDevices(device.server).revoke(device.server.device)
            await #expect(throws: ConnectionError.self) { try await RemoteDevices(device.server).list() }
        }
    }

    @Test func `a device is renamed, and one that is not there is not found`() async throws {
        try await withServer { server in
            let device = try await server.linkedDevice("old")
            try await RemoteDevices(device.server).rename(device.server.device, to: "new 名")
            #expect(try await RemoteDevices(device.server).list().map(\.name) == ["new 名"])
            let error = await #expect(throws: ConnectionError.self) {
                try await RemoteDevices(device.server).rename(99, to: "x")
            }
            #expect(error?.isRefused(404, "urn:webinar:problem:not-found") == true)
        }
    }

    @Test func `an unknown notebook and another person's are equally not found`() async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            let connection = try await server.connect()
            let body = try device.request().body(.protobuf)
            let answer = try await connection.send(
                "POST",
                "/v1/notebooks/0192f3a0-0000-7000-8000-00000000000a/sync",
                headers: [device.authorization, ("content-type", "application/x-protobuf")],
                body: body
            )
            #expect(answer.status == 404 && problemType(answer) == "not-found")
            await connection.close()
            #expect(!server.server.accounts.isMember(99, of: device.server.notebook))
        }
    }

    @Test func `credentials and keys outlive a restart`() async throws {
        let folder = try TemporaryFolder()
        let device = try await withServer(folder: folder) { server in
            let device = try await server.linkedDevice()
            try device.addSession("before")
            try await device.sync()
            return (device, server.server.keys.identity.pin)
        }
        try await withServer(folder: folder) { server in
            #expect(server.server.keys.identity.pin == device.1)
            #expect(!server.ready.isNew && server.ready.deviceCount == 1)
            var linked = device.0.server
            linked.address = try server.address
            try await TestDevice(server: linked, store: device.0.store).sync()
            #expect(try await server.logVersion(device.0) > 0)
        }
    }
}

extension ConnectionError {
    func isRefused(_ status: Int, _ problem: String) -> Bool {
        guard case .refused(status, problem, _) = self else { return false }
        return true
    }
}
