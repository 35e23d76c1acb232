import Deflate
import Models
import Store
import SyncClient
import Testing
import Wire

@testable import SyncServer

/// Bodies that nobody of ours sends: a problem document each, and the log untouched.
@Suite struct HostileBodyTests {
    private func post(
        _ body: [UInt8],
        _ headers: [(String, String)] = [],
        from device: TestDevice,
        to server: RunningServer,
        type: String = "application/x-protobuf"
    ) async throws -> ServerConnection.Answer {
        let connection = try await server.connect()
        let answer = try await connection.send(
            "POST",
            "/v1/notebooks/\(device.server.notebook)/sync",
            headers: [device.authorization, ("content-type", type)] + headers,
            body: body
        )
        await connection.close()
        return answer
    }

    @Test func `a body that is cut at any byte is refused or changes nothing`() async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            try device.addSession("One Internet Day")
            let body = try device.request().body(.protobuf)
            #expect(body.count > 100)
            for count in stride(from: 0, to: body.count - 1, by: 7) {
                let answer = try await post(Array(body.prefix(count)), from: device, to: server)
                #expect(answer.status == 400 || answer.status == 200, "cut at \(count)")
                #expect(try await server.logVersion(device) == 0, "cut at \(count)")
            }
            try await device.sync()
            #expect(try await server.logVersion(device) == 2)
        }
    }

    @Test(arguments: [[UInt8](), [0], [0xFF, 0xFF, 0xFF], Array("{}".utf8), [UInt8](repeating: 0x0A, count: 1000)])
    func `what is no message is malformed`(body: [UInt8]) async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            let answer = try await post(body, from: device, to: server)
            #expect(answer.status == 400 && problemType(answer) == "body-malformed")
            #expect(answer.header("content-type") == "application/problem+json")
            #expect(answer.header("connection") == "close")
        }
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{\"heads\":[{\"replica\":\"x\"}]}", String(repeating: "[", count: 100_000),
    ])
    func `what is no JSON of ours is malformed`(text: String) async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            let answer = try await post(Array(text.utf8), from: device, to: server, type: "application/json")
            #expect(answer.status == 400 && problemType(answer) == "body-malformed")
        }
    }

    @Test func `a body that inflates without end is refused before it does`() async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            // 100 MB in about 100 kB: a ratio of 1000.
            let bomb = Deflate.deflate([UInt8](repeating: 0, count: 100_000_000), level: 9)
            #expect(bomb.count < 200_000)
            let answer = try await post(bomb, [("content-encoding", "deflate")], from: device, to: server)
            #expect(answer.status == 413 && problemType(answer) == "body-too-large")
            #expect(try await server.logVersion(device) == 0)
        }
    }

    @Test func `a deflated body that is damaged is malformed`() async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            var deflated = Deflate.deflate(try device.request().body(.protobuf) + [UInt8](repeating: 1, count: 500))
            for body in [Array(deflated.dropLast()), deflated + [0], [1, 2, 3]] {
                let answer = try await post(body, [("content-encoding", "deflate")], from: device, to: server)
                #expect(answer.status == 400 && problemType(answer) == "body-malformed")
            }
            deflated[deflated.count / 2] ^= 0xFF
            let answer = try await post(deflated, [("content-encoding", "deflate")], from: device, to: server)
            #expect(answer.status == 400)
        }
    }

    @Test func `a body that is announced too large is refused before it is sent`() async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            let raw = try await RawConnection.open(to: server)
            try await raw.send(
                """
                POST /v1/notebooks/\(device.server.notebook)/sync HTTP/1.1\r
                Host: x\r
                Authorization: Bearer \(device.server.credential.text)\r
                Content-Type: application/x-protobuf\r
                Content-Length: \(Limits.maximumExchangeBytes + 1)\r
                Expect: 100-continue\r
                \r

                """
            )
            let text = try await raw.untilClosed()
            #expect(text.hasPrefix("HTTP/1.1 413 "))
            #expect(problemType(Array(text.utf8)) == "body-too-large")
        }
    }

    @Test func `a chunked body that grows too large is refused while it comes`() async throws {
        try await withServer { server in
            let body = [UInt8](repeating: 0x20, count: 100_000)
            let result = try await Curl.run(
                [
                    "-H", "Transfer-Encoding: chunked", "-H", "Content-Type: application/json", "--data-binary", "@-",
                    "https://\(server.ready.listening)/v1/link",
                ],
                input: body
            )
            #expect(result.status == 413 && problemType(Array(result.body.utf8)) == "body-too-large")
        }
    }

    @Test func `a change that breaks a rule is named, and nothing of the request is stored`() async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            try device.addSession("first")
            try device.addSession("second")
            var request = try device.request()
            let last = request.runs[0].bodies.count - 1
            request.runs[0].bodies[last] = [0xFF, 0xFF]
            let answer = try await post(request.body(.protobuf), from: device, to: server)
            #expect(answer.status == 400 && problemType(answer) == "change-invalid")
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(text.contains("\"replica\":\"\(request.runs[0].replica)\""))
            #expect(text.contains("\"sequence\":\(last + 1)}"))
            #expect(try await server.logVersion(device) == 0)
            try await device.sync()
        }
    }

    @Test func `a device cannot write under the server's replica`() async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            try device.addSession("x")
            try await device.sync()
            try device.addSession("y")
            let folder = server.server.folder
            let serverReplica = try NotebookStore(
                path: folder.notebookPath(device.server.notebook),
                surroundings: .ofThisMachine
            ).read { try $0.notebook().replica }
            var request = try device.request()
            request.runs[0].replica = serverReplica
            request.heads.append(Head(replica: serverReplica, sequence: 0, hash: .zero))
            let answer = try await post(request.body(.protobuf), from: device, to: server)
            #expect(answer.status == 403 && problemType(answer) == "replica-forbidden")
        }
    }
}
