import Models
import Store
import SyncClient
import SyncTLS
import Synchronization
import Testing
import Wire

@testable import SyncServer

/// HTTP as other programs speak it: curl, and hands on a raw connection.
@Suite struct HTTPTests {
    @Test func `curl syncs in JSON over the pinned key`() async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            try device.addSession("Trends")
            let url = "https://\(server.ready.listening)/v1/notebooks/\(device.server.notebook)/sync"
            let common = [
                "--pinnedpubkey", server.ready.curlPin, "-H", "Authorization: Bearer \(device.server.credential.text)",
                "-H", "Content-Type: application/json", "--data-binary", "@-", url,
            ]
            let answer = try await Curl.run(common, input: try device.request().body(.json))
            #expect(answer.status == 200)
            #expect(answer.output.contains("Content-Type: application/json\r\n"))
            let read = try SyncAnswer(body: Array(answer.body.utf8), format: .json)
            #expect(read.outcome == .accepted && read.serverVersion == 2)

            let chunked = try await Curl.run(
                ["-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue"] + common,
                input: try device.request().body(.json)
            )
            #expect(chunked.output.hasPrefix("HTTP/1.1 100 Continue\r\n"))
            #expect(chunked.output.contains("HTTP/1.1 200 OK\r\n"))

            let wrongPin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
            let refused = try await Curl.run(["--pinnedpubkey", wrongPin, url])
            #expect(refused.exitCode == 90)
        }
    }

    @Test func `health and readiness are for anybody`() async throws {
        try await withServer { server in
            for path in ["healthz", "readyz"] {
                let answer = try await Curl.run(["https://\(server.ready.listening)/\(path)"])
                #expect(answer.status == 200)
                let head = try await Curl.run(["--head", "https://\(server.ready.listening)/\(path)"])
                #expect(head.status == 200 && head.body.isEmpty)
            }
        }
    }

    @Test(arguments: [
        (["-X", "GET", "/v1/link"], 405, "method-not-allowed"), (["/nowhere"], 404, "not-found"),
        (["--path-as-is", "/v1/../healthz"], 404, "not-found"),
        (
            ["-X", "POST", "-H", "Content-Length:", "-H", "Content-Type: application/json", "/v1/link"], 411,
            "length-required"
        ),
        (["-d", "{}", "/v1/link"], 415, "media-type"),
        (
            ["-d", "{}", "-H", "Content-Type: application/json", "-H", "Content-Encoding: gzip", "/v1/link"], 415,
            "content-encoding"
        ),
        (
            ["-d", "{}", "-H", "Content-Type: application/json", "-H", "Accept: text/html", "/v1/link"], 406,
            "not-acceptable"
        ),
        (["-d", "{}", "-H", "Content-Type: application/json", "/v1/link"], 400, "body-malformed"),
        (["-d", "{}", "-H", "Content-Type: application/json", "-H", "Expect: x", "/v1/link"], 417, "expectation"),
        (["-X", "GET", "-d", "x", "/healthz"], 400, "body-unexpected"),
        (["-H", "X: \(String(repeating: "a", count: 9000))", "/healthz"], 431, "head-too-large"),
        (["-H", "Host:", "/healthz"], 400, "bad-request"), (["/v1/devices"], 401, "unauthorized"),
    ])
    func `every refusal is a problem document`(arguments: [String], status: Int, type: String) async throws {
        try await withServer { server in
            let path = try #require(arguments.last)
            let answer = try await Curl.run(
                Array(arguments.dropLast()) + ["https://\(server.ready.listening)\(path)"]
            )
            #expect(answer.status == status)
            #expect(problemType(Array(answer.body.utf8)) == type)
            #expect(answer.output.contains("Content-Type: application/problem+json\r\n"))
            #expect(answer.output.contains("Connection: close\r\n"))
            #expect(answer.body.contains("\"status\":\(status),"))
        }
    }

    @Test(arguments: [
        "GARBAGE\r\n\r\n", "GET /healthz HTTP/1.1\r\nHost x\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
        "POST /v1/link HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /v1/link HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "POST /v1/link HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        "POST /v1/link HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ])
    func `what is no HTTP is refused once, and the connection ends`(text: String) async throws {
        try await withServer { server in
            let raw = try await RawConnection.open(to: server)
            try await raw.send(text)
            let answer = try await raw.untilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            #expect(answer.ranges(of: "HTTP/1.1 ").count == 1)
            #expect(problemType(Array(answer.utf8)) == "bad-request")
        }
    }

    @Test func `a connection carries many requests, and an older HTTP gets one`() async throws {
        try await withServer { server in
            let raw = try await RawConnection.open(to: server)
            try await raw.send(String(repeating: "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", count: 3))
            try await raw.send("GET /readyz HTTP/1.0\r\nHost: x\r\n\r\n")
            let text = try await raw.untilClosed()
            #expect(text.ranges(of: "ok\n").count == 3)
            #expect(text.hasSuffix("ready\n"))
        }
    }

    @Test func `a cold sync of one change stays under 1400 bytes each way from the second on`() async throws {
        try await withServer { server in
            let device = try await server.linkedDevice()
            let ticket = Mutex<ResumptionTicket?>(nil)
            for title in ["first", "second", "third"] {
                try device.addSession(title)
                let last = ticket.withLock { ticket in
                    defer { ticket = nil }
                    return ticket
                }
                let traffic = try await device.sync(ticket: last) { new in ticket.withLock { $0 = new } }
                guard title != "first" else { continue }
                #expect(last != nil)
                #expect(traffic.up < 1400 && traffic.down < 1400, "\(traffic)")
            }
        }
    }
}
