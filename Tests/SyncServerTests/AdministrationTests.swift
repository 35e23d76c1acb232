import Foundation
import Logging
import Models
import NIOPosix
import SyncClient
import Testing

@testable import SyncServer

/// The commands, over the control socket and on the files.
@Suite struct AdministrationTests {
    private func ask(_ request: AdminRequest, _ folder: String) async throws -> (AdminAnswer, Bool) {
        let (answer, isRunning) = try await ServerAdministration.ask(request, folder: folder)
        return (answer, isRunning)
    }

    private func names(_ answer: AdminAnswer) -> [String] {
        guard case .devices(let devices) = answer else { return [] }
        return devices.map(\.name)
    }

    @Test func `commands reach a running server, however long the path of its folder is`() async throws {
        let temporary = try TemporaryFolder()
        let path = temporary.path + "/" + String(repeating: "long/", count: 30) + "data"
        #expect(path.utf8.count > 107)
        let configuration = try SyncServerConfiguration(folder: path, listen: "127.0.0.1:0")
        try await RunningServer.with(configuration) { server in
            let (answer, isRunning) = try await ask(.link, path)
            #expect(isRunning)
            guard case .link(let link) = answer else {
                Issue.record("no link")
                return
            }
            let text = try LinkText(link.link)
            #expect(text.address.description == server.ready.publicAddress && link.server == server.ready.publicAddress)
            _ = try await DeviceLinking.redeem(text, deviceName: "desk", replica: ReplicaID(1))
            #expect(names(try await ask(.devices, path).0) == ["desk"])
            #expect(names(try await ask(.rename(device: "desk", name: "work"), path).0) == ["work"])
            #expect(
                try FileManager.default.attributesOfItem(atPath: path + "/control")[.posixPermissions] as? Int == 0o600
            )
        }
        #expect(!FileManager.default.fileExists(atPath: path + "/control"))
    }

    @Test func `a revocation by command ends open connections`() async throws {
        try await withServer { server in
            let device = try await server.linkedDevice("phone")
            let raw = try await RawConnection.open(to: server)
            try await raw.send(
                "GET /v1/devices HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(device.server.credential.text)\r\n\r\n"
            )
            try await raw.waitFor("}")
            _ = try await ask(.revoke(device: "phone"), server.server.folder.path)
            _ = try await raw.untilClosed()
            await #expect(throws: ConnectionError.self) { try await device.sync() }
        }
    }

    @Test func `commands work on the files of a server that does not run`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/data"
        try await withServer(folder: folder) { server in _ = try await server.linkedDevice("desk") }
        let (answer, isRunning) = try await ask(.link, path)
        #expect(!isRunning)
        guard case .link(let link) = answer else {
            Issue.record("no link")
            return
        }
        #expect(names(try await ask(.revoke(device: "1"), path).0) == ["desk"])
        // The link was made while the server was down, and is good once it is up again.
        try await withServer(folder: folder) { server in
            let made = try LinkText(link.link)
            let moved = LinkText(address: try server.address, pin: made.pin, secret: made.secret)
            _ = try await DeviceLinking.redeem(moved, deviceName: "phone", replica: ReplicaID(3))
            #expect(names(try await ask(.devices, path).0) == ["desk", "phone"])
        }
    }

    @Test func `mistakes have their own errors`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/data"
        await #expect(throws: SyncServerError.noServer(path)) { try await ask(.link, path) }
        try await withServer(folder: folder) { server in
            _ = try await server.linkedDevice("twin")
            _ = try await server.linkedDevice("twin")
            await #expect(throws: SyncServerError.noSuchDevice("x")) { try await ask(.revoke(device: "x"), path) }
            await #expect(throws: SyncServerError.ambiguousDevice("twin", ids: [1, 2])) {
                try await ask(.revoke(device: "twin"), path)
            }
            await #expect(throws: SyncServerError.invalidDeviceName) {
                try await ask(.rename(device: "1", name: "a\nb"), path)
            }
            _ = try await ask(.revoke(device: "2"), path)
            #expect(names(try await ask(.rename(device: "twin", name: "one"), path).0) == ["one"])
            // A second server on the same folder, and another on the same port.
            #expect(throws: SyncServerError.folderInUse(path + "/lock", process: Int(getpid()))) {
                try SyncServer(
                    try SyncServerConfiguration(folder: path, listen: "127.0.0.1:0"),
                    logger: .init(label: "x")
                )
            }
            let other = try TemporaryFolder()
            let listening = server.ready.listening
            await #expect(throws: SyncServerError.addressInUse(listening)) {
                try await RunningServer.with(
                    try SyncServerConfiguration(folder: other.path + "/data", listen: listening)
                ) { _ in }
            }
        }
    }

    @Test(arguments: ["not json\n", "{}\n", "\n", String(repeating: "x", count: 70_000)])
    func `nonsense on the control socket harms nobody`(text: String) async throws {
        try await withServer { server in
            let path = server.server.folder.path
            _ = try? await NIOThreadPool.singleton.runIfActive {
                try ControlClient.exchange(Data(text.utf8), folder: path)
            }
            let (answer, _) = try await ask(.devices, path)
            #expect(names(answer).isEmpty)
        }
    }
}
