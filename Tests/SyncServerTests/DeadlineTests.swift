import Models
import NIOCore
import SyncClient
import Testing

@testable import SyncServer

/// Slow, half-open and too many clients; and a server that stops while they are there.
@Suite struct DeadlineTests {
    private static let quick: ServerLimits = {
        var limits = ServerLimits()
        limits.handshakeTimeout = .milliseconds(300)
        limits.headTimeout = .seconds(1)
        limits.idleTimeout = .milliseconds(200)
        limits.bodyTimeout = .milliseconds(300)
        limits.closeTimeout = .milliseconds(300)
        limits.minimumBytesPerSecond = 1_000_000
        return limits
    }()

    @Test(.timeLimit(.minutes(1))) func `a client that never ends its header fields is cut off`() async throws {
        try await withServer(limits: Self.quick) { server in
            let raw = try await RawConnection.open(to: server)
            // It may be late already, on a busy machine.
            try? await raw.send("GET /healthz HTTP/1.1\r\nHost: x\r\nX-")
            #expect(try await raw.untilClosed() == "")
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a client that goes on byte by byte is cut off all the same`() async throws {
        try await withServer(limits: Self.quick) { server in
            let raw = try await RawConnection.open(to: server)
            let drip = Task {
                try await raw.send("GET /healthz HTTP/1.1\r\nHost: x\r\nX-")
                while !Task.isCancelled { try await raw.send("a") }
            }
            let text = try await raw.untilClosed()
            drip.cancel()
            #expect(text == "" || text.hasPrefix("HTTP/1.1 431 "))
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a body that does not come is refused, and its connection closed`() async throws
    {
        var limits = Self.quick
        limits.headTimeout = .seconds(10)
        try await withServer(limits: limits) { server in
            let raw = try await RawConnection.open(to: server)
            try await raw.send(
                "POST /v1/link HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
            )
            let text = try await raw.untilClosed()
            #expect(text.hasPrefix("HTTP/1.1 408 "))
            #expect(text.ranges(of: "HTTP/1.1 ").count == 1)
            #expect(problemType(Array(text.utf8)) == "timed-out")
        }
    }

    @Test(.timeLimit(.minutes(1))) func `an idle connection is closed`() async throws {
        var limits = Self.quick
        limits.headTimeout = .seconds(10)
        try await withServer(limits: limits) { server in
            let raw = try await RawConnection.open(to: server)
            try await raw.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await raw.untilClosed().hasSuffix("ok\n"))
        }
    }

    @Test(.timeLimit(.minutes(1))) func `more connections from one address than the limit are not served`() async throws
    {
        var limits = ServerLimits()
        limits.countsLoopback = true
        limits.connectionCountPerAddress = 2
        try await withServer(limits: limits) { server in
            let first = try await RawConnection.open(to: server)
            let second = try await RawConnection.open(to: server)
            await #expect(throws: (any Error).self) { try await RawConnection.open(to: server) }
            try await first.channel.close().get()
            try await second.send("GET /healthz HTTP/1.0\r\nHost: x\r\n\r\n")
            #expect(try await second.untilClosed().hasSuffix("ok\n"))
            // Both places are free once the server has seen them close.
            while (try? await RawConnection.open(to: server)) == nil { await Task.yield() }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a server that stops answers what it accepted, and closes the rest`()
        async throws
    {
        try await withServer { server in
            let device = try await server.linkedDevice()
            let idle = try await RawConnection.open(to: server)
            try await idle.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            try await idle.waitFor("ok\n")
            let busy = try await RawConnection.open(to: server)
            let body = "{\"name\":\"new\"}"
            try await busy.send(
                """
                PATCH /v1/devices/\(device.server.device) HTTP/1.1\r
                Host: x\r
                Authorization: Bearer \(device.server.credential.text)\r
                Content-Type: application/json\r
                Content-Length: \(body.utf8.count)\r
                Expect: 100-continue\r
                \r

                """
            )
            try await busy.waitFor("100 Continue")
            await server.stop()
            _ = try await idle.untilClosed()
            try await busy.send(body)
            #expect(try await busy.untilClosed().contains("HTTP/1.1 204 "))
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a server that stops waits for nobody for ever`() async throws {
        var limits = ServerLimits()
        limits.stop = .milliseconds(300)
        limits.closeTimeout = .milliseconds(300)
        try await withServer(limits: limits) { server in
            let raw = try await RawConnection.open(to: server)
            try await raw.send(
                "POST /v1/link HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
            )
            await server.stop()
            _ = try await raw.untilClosed()
        }
    }
}
