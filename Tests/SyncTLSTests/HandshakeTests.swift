import NIOCore
import NIOEmbedded
import NIOTLS
import Testing

@testable import SyncTLS

@Suite struct HandshakeTests {
    @Test func `both sides agree on what was settled`() throws {
        let pair = try EmbeddedPair.connected()
        #expect(pair.client.application.events.prefix(2) == [.active, .handshakeCompleted("http/1.1")])
        #expect(pair.server.application.events.prefix(2) == [.active, .handshakeCompleted("http/1.1")])
        let client = try pair.client.handshake.wait()
        let server = try pair.server.handshake.wait()
        #expect(client.peerPin == Fixture.identity.pin)
        #expect(client.cipherSuite == "TLS_AES_128_GCM_SHA256")
        #expect(!client.isResumed && !server.isResumed)
        #expect(server.peerPin == nil)
        #expect(pair.client.tls.connectionInfo == client)
    }

    @Test func `text goes both ways`() throws {
        let pair = try EmbeddedPair.connected()
        pair.client.send("question")
        try pair.pump()
        pair.server.send("answer")
        try pair.pump()
        #expect(pair.server.application.text == "question")
        #expect(pair.client.application.text == "answer")
    }

    @Test func `a wrong key is refused before a byte of the application leaves`() throws {
        let client = try Fixture.clientContext()
        let pair = try EmbeddedPair(client: client, server: Fixture.serverContext(Fixture.otherIdentity))
        let write = pair.client.outcome { promise in
            pair.client.channel.writeAndFlush(buffer("secret"), promise: promise)
        }
        try pair.connect()
        let expected = TLSError.wrongPin(expected: [Fixture.identity.pin], shown: Fixture.otherIdentity.pin)
        #expect(pair.client.application.errors == [expected])
        #expect(write.error as? TLSError == expected)
        #expect(throws: expected) { try pair.client.handshake.wait() }
        #expect(pair.client.socket.isClosed)
        #expect(pair.server.application.text == "")
        #expect(!pair.server.application.events.contains(.handshakeCompleted("http/1.1")))
        #expect(throws: TLSError.handshakeFailed(reason: "sslv3 alert handshake failure")) {
            try pair.server.handshake.wait()
        }
        #expect(pair.server.socket.isClosed)
    }

    @Test func `any of the pinned keys will do`() throws {
        let trust = TLSTrust.pinned([Fixture.otherIdentity.pin, Fixture.identity.pin])
        let pair = try EmbeddedPair.connected(client: Fixture.clientContext(trusting: trust))
        #expect(pair.client.tls.connectionInfo?.peerPin == Fixture.identity.pin)
    }

    @Test func `a client that pins nothing cannot be made`() {
        #expect(throws: TLSError.noPins) { try Fixture.clientContext(trusting: .pinned([])) }
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func `a certificate counts for its names`(hostname: String) throws {
        let trust = TLSTrust.authorities(pem: Fixture.identity.certificatePEM, hostname: hostname)
        let pair = try EmbeddedPair.connected(client: Fixture.clientContext(trusting: trust))
        #expect(pair.client.application.events.contains(.handshakeCompleted("http/1.1")))
    }

    @Test(arguments: [
        ("other.example", "hostname mismatch"), ("127.0.0.2", "IP address mismatch"),
    ])
    func `a certificate does not count for other names`(hostname: String, reason: String) throws {
        let trust = TLSTrust.authorities(pem: Fixture.identity.certificatePEM, hostname: hostname)
        let pair = try EmbeddedPair.connected(client: Fixture.clientContext(trusting: trust))
        #expect(pair.client.application.errors == [.certificateRefused(reason: reason)])
    }

    @Test func `a self-signed certificate does not count for the system`() throws {
        let trust = TLSTrust.system(hostname: "localhost")
        let pair = try EmbeddedPair.connected(client: Fixture.clientContext(trusting: trust))
        let errors = pair.client.application.errors
        #expect(errors == [.certificateRefused(reason: "self-signed certificate")])
        #expect(pair.server.application.text == "")
    }

    @Test func `a client with another application protocol is refused`() throws {
        let client = try Fixture.clientContext { $0.applicationProtocols = ["h2"] }
        let pair = try EmbeddedPair.connected(client: client)
        #expect(pair.client.application.errors == [.handshakeFailed(reason: "tlsv1 alert no application protocol")])
        #expect(pair.server.socket.isClosed)
    }

    @Test func `a client without application protocols is served`() throws {
        let client = try Fixture.clientContext { $0.applicationProtocols = [] }
        let pair = try EmbeddedPair.connected(client: client)
        #expect(pair.server.application.events.contains(.handshakeCompleted(nil)))
    }

    @Test func `a group that only the server prefers is agreed on`() throws {
        let client = try Fixture.clientContext { $0.groups = ["P-256", "X25519"] }
        let server = try Fixture.serverContext { $0.groups = ["P-384", "X25519"] }
        let pair = try EmbeddedPair.connected(client: client, server: server)
        #expect(pair.client.application.events.contains(.handshakeCompleted("http/1.1")))
    }

    @Test func `an exporter gives both ends the same bytes, and each connection its own`() throws {
        let pair = try EmbeddedPair.connected()
        let other = try EmbeddedPair.connected()
        func export(_ peer: EmbeddedPeer, _ label: String, _ context: String) throws -> [UInt8] {
            try peer.tls.exportKeyingMaterial(label: label, context: Array(context.utf8), length: 32)
        }
        let material = try export(pair.client, "EXPORTER-webinar-link", "a")
        #expect(material.count == 32)
        #expect(try export(pair.server, "EXPORTER-webinar-link", "a") == material)
        #expect(try export(pair.server, "EXPORTER-webinar-link", "b") != material)
        #expect(try export(pair.server, "EXPORTER-webinar-other", "a") != material)
        #expect(try export(other.client, "EXPORTER-webinar-link", "a") != material)
        let future = pair.server.channel.tlsKeyingMaterial(
            label: "EXPORTER-webinar-link",
            context: Array("a".utf8),
            length: 32
        )
        pair.loop.run()
        #expect(try future.wait() == material)
    }

    @Test func `there is nothing to export before the handshake`() throws {
        let pair = try EmbeddedPair()
        #expect(throws: TLSError.notEstablished) {
            try pair.client.tls.exportKeyingMaterial(label: "EXPORTER-x", context: [], length: 32)
        }
    }

    @Test func `the whole handshake has one time limit`() throws {
        let pair = try EmbeddedPair()
        try pair.server.activate()
        try pair.client.activate()
        let hello = try pair.client.takeSent()
        for second in 1...9 {
            // A byte now and then does not help.
            pair.loop.advanceTime(by: .seconds(1))
            try pair.server.receive(#require(hello.getSlice(at: second - 1, length: 1)))
            #expect(pair.server.channel.isActive)
        }
        pair.loop.advanceTime(by: .seconds(1))
        #expect(pair.server.application.errors == [.handshakeTimeout])
        #expect(pair.server.socket.isClosed)
        #expect(throws: TLSError.handshakeTimeout) { try pair.server.handshake.wait() }
        #expect(pair.client.application.errors == [.handshakeTimeout])
    }

    @Test func `no limit runs on after the handshake`() throws {
        let pair = try EmbeddedPair.connected()
        pair.loop.advanceTime(by: .hours(100))
        #expect(pair.client.channel.isActive && pair.server.channel.isActive)
    }

    @Test func `the end of the input during the handshake closes the channel`() throws {
        let pair = try EmbeddedPair()
        try pair.connectHalfway()
        pair.server.endInput()
        #expect(pair.server.application.errors == [.closedDuringHandshake])
        #expect(pair.server.socket.isClosed)
    }

    @Test func `a handshake that never began to read asks for its own input`() throws {
        let pair = try EmbeddedPair()
        try pair.server.channel.setOption(.autoRead, value: false).wait()
        try pair.server.activate()
        #expect(pair.server.socket.readCount == 1)
    }

    @Test func `a handler added to an active channel shakes hands`() throws {
        let loop = EmbeddedEventLoop()
        let client = EmbeddedChannel(loop: loop)
        try client.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        try client.pipeline.syncOperations.addHandler(TLSHandler(context: Fixture.clientContext()))
        #expect(try client.readOutbound(as: ByteBuffer.self) != nil)
    }

    @Test func `quiescing ends a connection that hangs before its handshake`() throws {
        let pair = try EmbeddedPair()
        try pair.server.activate()
        pair.server.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(pair.server.socket.isClosed)
        #expect(pair.server.application.events.contains(.other))
    }

    @Test func `quiescing is left to the application after the handshake`() throws {
        let pair = try EmbeddedPair.connected()
        pair.server.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(pair.server.channel.isActive)
        #expect(pair.server.application.events.last == .other)
    }
}

extension EmbeddedPair {
    /// The client has spoken, the server has not.
    func connectHalfway() throws {
        try server.activate()
        try client.activate()
    }
}
