import NIOCore
import NIOPosix
import Testing

@testable import SyncTLS

/// Both sides on real sockets.
@Suite(.timeLimit(.minutes(1))) struct LoopbackTests {
    @Test func `text comes back, and both directions end cleanly`() async throws {
        let server = try await LoopbackServer.start(.echo, context: Fixture.serverContext())
        let result = try await LoopbackClient.exchange(
            buffer("hello"),
            port: server.port,
            context: Fixture.clientContext()
        )
        #expect(result.text == "hello")
        #expect(result.info.peerPin == Fixture.identity.pin)
        try await server.stop()
    }

    @Test func `five megabytes come back whole`() async throws {
        let server = try await LoopbackServer.start(.echo, context: Fixture.serverContext())
        let text = String(repeating: "0123456789abcdef", count: 5 * 65_536)
        let client = try Fixture.clientContext { $0.limits.maximumBufferedBytes = 8 << 20 }
        let result = try await LoopbackClient.exchange(buffer(text), port: server.port, context: client)
        #expect(result.text.utf8.count == text.utf8.count)
        #expect(result.text == text)
        try await server.stop()
    }

    @Test func `many connections at once, half of them resumed`() async throws {
        let server = try await LoopbackServer.start(.echo, context: Fixture.serverContext())
        let client = try Fixture.clientContext()
        let port = server.port
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let tickets = TicketBox()
                    let first = try await LoopbackClient.exchange(
                        buffer("first \(number)"),
                        port: port,
                        context: client,
                        onTicket: { tickets.append($0) }
                    )
                    #expect(first.text == "first \(number)" && !first.info.isResumed)
                    let second = try await LoopbackClient.exchange(
                        buffer("second \(number)"),
                        port: port,
                        context: client,
                        ticket: tickets.all.last
                    )
                    #expect(second.text == "second \(number)" && second.info.isResumed)
                }
            }
            try await group.waitForAll()
        }
        try await server.stop()
    }

    @Test func `a wrong key is told to both who waits and who writes`() async throws {
        let server = try await LoopbackServer.start(.echo, context: Fixture.serverContext(Fixture.otherIdentity))
        let expected = TLSError.wrongPin(expected: [Fixture.identity.pin], shown: Fixture.otherIdentity.pin)
        await #expect(throws: expected) {
            try await LoopbackClient.exchange(
                buffer("secret"),
                port: server.port,
                context: Fixture.clientContext()
            )
        }
        try await server.stop()
    }

    @Test func `an exporter is reached from outside the event loop`() async throws {
        let server = try await LoopbackServer.start(.echo, context: Fixture.serverContext())
        let context = try Fixture.clientContext()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = TLSHandler(context: context)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .connect(host: "127.0.0.1", port: server.port).get()
        // The write ends once the handshake has.
        try await channel.writeAndFlush(buffer("x"))
        let material = try await channel.tlsKeyingMaterial(label: "EXPORTER-x", context: [], length: 32).get()
        #expect(material.count == 32)
        #expect(try await channel.tlsConnectionInfo().get().applicationProtocol == "http/1.1")
        try await channel.close()
        try await server.stop()
    }
}
