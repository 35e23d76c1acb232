import Models
import Store
import SyncClient
import Testing
import Wire

@testable import SyncServer

/// The routes of a device that verifies, asked for things that no device of ours asks.
@Suite struct VerifyRouteTests {
    private static let routes = ["verify", "repair"]

    private func post(
        _ body: [UInt8],
        _ path: String,
        _ headers: [(String, String)],
        to server: RunningServer,
        type: String = "application/x-protobuf"
    ) async throws -> ServerConnection.Answer {
        let connection = try await server.connect()
        let answer = try await connection.send("POST", path, headers: headers + [("content-type", type)], body: body)
        await connection.close()
        return answer
    }

    @Test(arguments: routes)
    func `only a device of the notebook may ask`(route: String) async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            let path = "/v1/notebooks/\(device.server.notebook)/\(route)"
            let body = route == "verify" ? VerifyQuestion.log(after: 0).body(.protobuf) : []
            #expect(try await post(body, path, [], to: server).status == 401)
            #expect(try await post(body, path, [device.authorization], to: server).status == 200)
            let other = "/v1/notebooks/\(NotebookID(UUIDBits(version7: 1, random: (1, 2))))/\(route)"
            #expect(try await post(body, other, [device.authorization], to: server).status == 404)
        }
    }

    @Test(arguments: routes, [[0], [0xFF, 0xFF, 0xFF], Array("{}".utf8), [UInt8](repeating: 0x0A, count: 1000)])
    func `what is no question is malformed`(route: String, body: [UInt8]) async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            let path = "/v1/notebooks/\(device.server.notebook)/\(route)"
            let answer = try await post(body, path, [device.authorization], to: server)
            #expect(answer.status == 400 && problemType(answer) == "body-malformed")
        }
    }

    @Test func `questions are answered in JSON, too`() async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            try device.addSession("One Internet Day")
            try await device.sync()
            let path = "/v1/notebooks/\(device.server.notebook)/verify"
            let answer = try await post(
                Array(#"{"position":{}}"#.utf8),
                path,
                [device.authorization],
                to: server,
                type: "application/json"
            )
            #expect(answer.status == 200 && answer.header("content-type") == "application/json")
            let read = try VerifyAnswer(body: answer.body, format: .json)
            #expect(read.at.version == 2)
            guard case .position(let position) = read.content else { throw ServerBusy() }
            #expect(position.heads.count == 1 && position.forked.isEmpty)
        }
    }

    @Test func `a repair that brings nothing that fits changes nothing`() async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            try device.addSession("One Internet Day")
            try await device.sync()
            let replica = try device.store.read { try $0.notebook().replica }
            let runs = [replica, ReplicaID(9)].map {
                ChangeRun(replica: $0, firstSequence: 1, previous: .zero, bodies: [[1, 2, 3], [], [4]])
            }
            let before = try device.store.read { try $0.digest() }
            let answer = try await post(
                RepairRequest(runs: runs, rebuilds: true).body(.protobuf),
                "/v1/notebooks/\(device.server.notebook)/repair",
                [device.authorization],
                to: server
            )
            let read = try RepairAnswer(body: answer.body, format: .protobuf)
            #expect(read == RepairAnswer(healedCount: 0, mendedCount: 0, isRebuilt: true))
            #expect(try await server.logVersion(device) == 2)
            #expect(try device.store.read { try $0.digest() } == before)
            try await device.sync()
        }
    }
}
