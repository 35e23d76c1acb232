import Digest
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import SyncTLS

/// OpenSSL's own programs and curl, as real processes on the other side.
@Suite(.timeLimit(.minutes(1))) struct InteroperationTests {
    // MARK: Our server

    @Test func `openssl s_client gets TLS 1.3`() async throws {
        let server = try await LoopbackServer.start(.echo, context: Fixture.serverContext())
        let output = try await Program.run(
            "openssl",
            ["s_client", "-connect", "127.0.0.1:\(server.port)", "-alpn", "http/1.1"],
            input: "a line\n"
        )
        #expect(output.status == 0)
        #expect(output.text.contains("New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384"))
        #expect(output.text.contains("ALPN protocol: http/1.1"))
        #expect(output.text.contains("Server Temp Key: X25519"))
        #expect(output.text.contains("Peer signature type: ECDSA"))
        #expect(output.text.contains("Early data was not sent"))
        try await server.stop()
    }

    @Test(arguments: ["-tls1_2", "-no_tls1_3"])
    func `TLS 1.2 is refused`(option: String) async throws {
        let server = try await LoopbackServer.start(.echo, context: Fixture.serverContext())
        let output = try await Program.run(
            "openssl",
            ["s_client", "-connect", "127.0.0.1:\(server.port)", option]
        )
        #expect(output.text.contains("alert protocol version"))
        #expect(output.status != 0)
        try await server.stop()
    }

    @Test func `another application protocol is refused`() async throws {
        let server = try await LoopbackServer.start(.echo, context: Fixture.serverContext())
        let output = try await Program.run(
            "openssl",
            ["s_client", "-connect", "127.0.0.1:\(server.port)", "-alpn", "h2"]
        )
        #expect(output.text.contains("no application protocol"))
        try await server.stop()
    }

    @Test func `openssl s_client resumes with the session it saved`() async throws {
        let folder = try TemporaryFolder()
        let session = folder.path("session.pem")
        let server = try await LoopbackServer.start(.hello, context: Fixture.serverContext())
        let arguments = ["s_client", "-connect", "127.0.0.1:\(server.port)", "-ign_eof"]
        let request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
        // With the answer the ticket has come; `Q` would not wait for it, the end of the connection does.
        let first = try RunningProgram("openssl", arguments + ["-sess_out", session])
        try first.send(request)
        #expect(first.read(past: "hello").contains("New, TLSv1.3"))
        first.stop()
        let second = try RunningProgram("openssl", arguments + ["-sess_in", session])
        try second.send(request)
        #expect(second.read(past: "hello again").contains("Reused, TLSv1.3"))
        second.stop()
        try await server.stop()
    }

    @Test func `curl trusts the pin`() async throws {
        let server = try await LoopbackServer.start(.hello, context: Fixture.serverContext())
        let url = "https://127.0.0.1:\(server.port)/"
        let right = try await Program.run(
            "curl",
            ["-sS", "--insecure", "--pinnedpubkey", Fixture.identity.pin.curlPin, url, url]
        )
        #expect(right.status == 0)
        #expect(right.text == "hello\nhello\n")
        let wrong = try await Program.run(
            "curl",
            ["-sS", "--insecure", "--pinnedpubkey", Fixture.otherIdentity.pin.curlPin, url]
        )
        #expect(wrong.status == 90)
        try await server.stop()
    }

    @Test func `curl trusts the certificate under its name`() async throws {
        let folder = try TemporaryFolder()
        let certificate = try folder.write(Fixture.identity.certificatePEM, to: "certificate.pem")
        let server = try await LoopbackServer.start(.hello, context: Fixture.serverContext())
        let output = try await Program.run(
            "curl",
            ["-sS", "--cacert", certificate, "https://localhost:\(server.port)/"]
        )
        #expect(output.status == 0)
        #expect(output.text == "hello\n")
        try await server.stop()
    }

    // MARK: Our client

    /// `openssl s_server` on a port of its choice, sending each line back reversed.
    private func startServer(_ folder: TemporaryFolder, _ options: [String]) throws -> (RunningProgram, port: Int) {
        let certificate = try folder.write(Fixture.identity.certificatePEM, to: "certificate.pem")
        let key = try folder.write(Fixture.identity.keyPair.privateKeyPEM, to: "key.pem")
        let program = try RunningProgram(
            "openssl",
            ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-rev"] + options
        )
        let line = try #require(
            program.read(past: "ACCEPT ").split(separator: "\n").first { $0.hasPrefix("ACCEPT ") }
        )
        let port = try #require(line.split(separator: ":").last.flatMap { Int($0) })
        return (program, port)
    }

    @Test func `openssl s_server answers our client, which resumes`() async throws {
        let folder = try TemporaryFolder()
        let (program, port) = try startServer(folder, ["-alpn", "http/1.1"])
        defer { program.stop() }
        let tickets = TicketBox()
        let context = try Fixture.clientContext()
        for attempt in 0..<2 {
            let result = try await exchangeLine(port: port, context: context, tickets: tickets)
            #expect(result.text == "cba\n")
            #expect(result.info.isResumed == (attempt == 1))
            #expect(result.info.applicationProtocol == "http/1.1")
        }
    }

    /// Waits for the answer, then closes: s_server takes a half-close for the end.
    private func exchangeLine(
        port: Int,
        context: TLSContext,
        tickets: TicketBox
    ) async throws -> LoopbackClient.Result {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let handshake = loop.makePromise(of: TLSConnectionInfo.self)
        let ticket = tickets.all.last
        let channel = try await ClientBootstrap(group: loop).connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    TLSHandler(
                        context: context,
                        ticket: ticket,
                        handshakePromise: handshake,
                        onTicket: { tickets.append($0) }
                    )
                )
                return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(buffer("abc\n"))
            var text = ""
            for try await piece in inbound {
                text += String(buffer: piece)
                if text.hasSuffix("\n") { break }
            }
            return try await LoopbackClient.Result(text: text, info: handshake.futureResult.get())
        }
    }

    @Test func `our client refuses a server of TLS 1.2`() async throws {
        let folder = try TemporaryFolder()
        let (program, port) = try startServer(folder, ["-tls1_2"])
        defer { program.stop() }
        await #expect(throws: TLSError.handshakeFailed(reason: "tlsv1 alert protocol version")) {
            try await LoopbackClient.exchange(buffer("abc\n"), port: port, context: Fixture.clientContext())
        }
    }

    @Test func `our client refuses a pinned name with another key, and the server sees nothing`() async throws {
        let folder = try TemporaryFolder()
        let (program, port) = try startServer(folder, [])
        let context = try Fixture.clientContext(trusting: .pinned([Fixture.otherIdentity.pin]))
        let expected = TLSError.wrongPin(expected: [Fixture.otherIdentity.pin], shown: Fixture.identity.pin)
        await #expect(throws: expected) {
            try await LoopbackClient.exchange(buffer("secret\n"), port: port, context: context)
        }
        program.stop()
        let text = program.readToEnd()
        #expect(!text.contains("secret") && !text.contains("terces"))
    }

    // MARK: Our certificate

    @Test func `openssl x509 reads the certificate as it was meant`() async throws {
        let folder = try TemporaryFolder()
        let identity = try ServerIdentity.selfSigned(
            keyPair: .make(),
            names: ["desk.example.org", "192.0.2.7", "2001:db8::1"],
            nowSeconds: Fixture.nowSeconds
        )
        let path = try folder.write(identity.certificatePEM, to: "certificate.pem")
        let text = try await Program.run("openssl", ["x509", "-in", path, "-noout", "-text"]).text
        for line in [
            "Version: 3 (0x2)",
            "Signature Algorithm: ecdsa-with-SHA256",
            "Issuer: CN = webinar-server",
            "Subject: CN = webinar-server",
            "Not Before: Dec 30 00:00:00 2025 GMT",
            "Not After : Mar 29 00:00:00 2026 GMT",
            "ASN1 OID: prime256v1",
            "X509v3 Basic Constraints: critical",
            "CA:FALSE",
            "X509v3 Key Usage: critical",
            "Digital Signature",
            "TLS Web Server Authentication",
            "DNS:desk.example.org, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:1",
        ] {
            #expect(text.contains(line), "\(line) in \(text)")
        }
        let serial = try await Program.run("openssl", ["x509", "-in", path, "-noout", "-serial"]).text
        #expect(serial.count == "serial=\n".count + 32)
    }

    @Test func `openssl computes the same pin from the key`() async throws {
        let folder = try TemporaryFolder()
        let key = try folder.write(Fixture.identity.keyPair.privateKeyPEM, to: "key.pem")
        let publicKey = folder.path("public.der")
        let written = try await Program.run(
            "openssl",
            ["pkey", "-in", key, "-pubout", "-outform", "DER", "-out", publicKey]
        )
        #expect(written.status == 0, "\(written.text)")
        let digest = try await Program.run("openssl", ["dgst", "-sha256", "-r", publicKey])
        #expect(digest.text.hasPrefix(Fixture.identity.pin.digest.hex))
    }
}
