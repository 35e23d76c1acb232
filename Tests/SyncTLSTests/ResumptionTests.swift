import NIOCore
import NIOEmbedded
import Testing

@testable import SyncTLS

@Suite struct ResumptionTests {
    /// Connects once and gives the ticket of that connection.
    static func ticket(client: TLSContext, server: TLSContext) throws -> ResumptionTicket {
        let pair = try EmbeddedPair.connected(client: client, server: server)
        return try #require(pair.client.tickets.all.last)
    }

    /// Whether a connection with `ticket` is resumed; both sides must say the same.
    static func resumes(_ ticket: ResumptionTicket?, client: TLSContext, server: TLSContext) throws -> Bool {
        let pair = try EmbeddedPair.connected(client: client, server: server, ticket: ticket)
        pair.client.send("question")
        try pair.pump()
        #expect(pair.server.application.text == "question")
        let clientInfo = try pair.client.handshake.wait()
        let serverInfo = try pair.server.handshake.wait()
        #expect(clientInfo.isResumed == serverInfo.isResumed)
        #expect(clientInfo.peerPin != nil)
        return clientInfo.isResumed
    }

    @Test func `a ticket resumes, through its bytes, and brings the next one`() throws {
        let client = try Fixture.clientContext()
        let server = try Fixture.serverContext()
        var ticket = try Self.ticket(client: client, server: server)
        for _ in 0..<5 {
            let stored = try #require(ResumptionTicket(serialized: ticket.serialized))
            #expect(stored == ticket)
            // Another context, as another process would make it.
            let laterClient = try Fixture.clientContext()
            let pair = try EmbeddedPair.connected(client: laterClient, server: server, ticket: stored)
            let info = try pair.client.handshake.wait()
            #expect(info.isResumed && info.peerPin == Fixture.identity.pin)
            #expect(try pair.server.handshake.wait().isResumed)
            #expect(pair.client.tickets.all.count == 1)
            ticket = try #require(pair.client.tickets.all.last)
        }
    }

    @Test func `each connection brings one ticket`() throws {
        let pair = try EmbeddedPair.connected()
        pair.server.send("answer")
        try pair.pump()
        #expect(pair.client.tickets.all.count == 1)
    }

    @Test func `a resumed handshake is short`() throws {
        let client = try Fixture.clientContext()
        let server = try Fixture.serverContext()
        let ticket = try Self.ticket(client: client, server: server)
        let pair = try EmbeddedPair.connected(client: client, server: server, ticket: ticket)
        #expect(try pair.client.handshake.wait().isResumed)
        #expect(pair.client.sentByteCount <= 490, "client sent \(pair.client.sentByteCount)")
        #expect(pair.server.sentByteCount <= 460, "server sent \(pair.server.sentByteCount)")
    }

    @Test func `keys rotate: the one before still opens, the one before that does not`() throws {
        let keys = TicketKeys()
        let client = try Fixture.clientContext()
        let server = try Fixture.serverContext { $0.ticketKeys = keys }
        let ticket = try Self.ticket(client: client, server: server)
        keys.rotate()
        #expect(try Self.resumes(ticket, client: client, server: server))
        let newer = try Self.ticket(client: client, server: server)
        keys.rotate()
        #expect(try !Self.resumes(ticket, client: client, server: server))
        #expect(try Self.resumes(newer, client: client, server: server))
    }

    @Test func `a renewed certificate under the same keys still resumes`() throws {
        let keys = TicketKeys()
        let renewed = try Fixture.identity.renewed(names: ["localhost"], nowSeconds: Fixture.nowSeconds)
        let client = try Fixture.clientContext()
        let before = try Fixture.serverContext { $0.ticketKeys = keys }
        let after = try Fixture.serverContext(renewed) { $0.ticketKeys = keys }
        let ticket = try Self.ticket(client: client, server: before)
        #expect(try Self.resumes(ticket, client: client, server: after))
    }

    @Test func `a server that started anew shakes hands in full`() throws {
        let client = try Fixture.clientContext()
        let ticket = try Self.ticket(client: client, server: Fixture.serverContext())
        #expect(try !Self.resumes(ticket, client: client, server: Fixture.serverContext()))
    }

    @Test func `a server without ticket keys sends no tickets`() throws {
        let pair = try EmbeddedPair.connected(server: Fixture.serverContext { $0.ticketKeys = nil })
        pair.server.send("answer")
        try pair.pump()
        #expect(pair.client.tickets.all.isEmpty)
    }

    @Test func `a ticket does not outlive the trust in its key`() throws {
        let keys = TicketKeys()
        let server = try Fixture.serverContext { $0.ticketKeys = keys }
        let client = try Fixture.clientContext()
        let ticket = try Self.ticket(client: client, server: server)
        // The same server, but the client no longer pins its key.
        let distrusting = try Fixture.clientContext(trusting: .pinned([Fixture.otherIdentity.pin]))
        let pair = try EmbeddedPair.connected(client: distrusting, server: server, ticket: ticket)
        #expect(
            pair.client.application.errors
                == [.wrongPin(expected: [Fixture.otherIdentity.pin], shown: Fixture.identity.pin)]
        )
        // Nor does a ticket of a pinned key stand in for the system's trust in a name.
        let named = try Fixture.clientContext(
            trusting: .authorities(pem: Fixture.identity.certificatePEM, hostname: "localhost")
        )
        #expect(try !Self.resumes(ticket, client: named, server: server))
    }

    @Test func `a ticket under another pin than its session's is not used`() throws {
        let server = try Fixture.serverContext()
        let client = try Fixture.clientContext()
        let ticket = try Self.ticket(client: client, server: server)
        let forged = ResumptionTicket(pin: Fixture.otherIdentity.pin, hostname: nil, session: ticket.session)
        let trusting = try Fixture.clientContext(
            trusting: .pinned([Fixture.otherIdentity.pin, Fixture.identity.pin])
        )
        #expect(try Self.resumes(ticket, client: trusting, server: server))
        #expect(try !Self.resumes(forged, client: trusting, server: server))
    }

    @Test func `a ticket for one name is not used for another`() throws {
        let server = try Fixture.serverContext()
        func client(_ hostname: String) throws -> TLSContext {
            try Fixture.clientContext(
                trusting: .authorities(pem: Fixture.identity.certificatePEM, hostname: hostname)
            )
        }
        let ticket = try Self.ticket(client: client("localhost"), server: server)
        #expect(ticket.hostname == "localhost")
        #expect(ResumptionTicket(serialized: ticket.serialized) == ticket)
        #expect(try Self.resumes(ticket, client: client("localhost"), server: server))
        #expect(try !Self.resumes(ticket, client: client("127.0.0.1"), server: server))
    }

    @Test func `a host name that is no text is no ticket's, and one that is too long another's`() throws {
        let pin = [UInt8](repeating: 0, count: 32)
        let bytes = Array("wtk1".utf8) + pin + [86] + [UInt8](repeating: 0xFF, count: 86) + [1]
        #expect(ResumptionTicket(serialized: bytes) == nil)
        let long = Array("wtk1".utf8) + pin + [255] + [UInt8](repeating: 0x61, count: 255) + [1]
        #expect(ResumptionTicket(serialized: long)?.serialized == long)
    }

    @Test func `damaged bytes are no ticket, or one that does no harm`() throws {
        let server = try Fixture.serverContext()
        let client = try Fixture.clientContext()
        let bytes = try Self.ticket(client: client, server: server).serialized
        #expect(ResumptionTicket(serialized: []) == nil)
        #expect(ResumptionTicket(serialized: Array(bytes[..<37])) == nil)
        #expect(ResumptionTicket(serialized: [UInt8](repeating: 0, count: 70_000)) == nil)
        for index in stride(from: 0, to: bytes.count, by: 13) {
            var damaged = bytes
            damaged[index] ^= 0x41
            let ticket = ResumptionTicket(serialized: damaged)
            let pair = try EmbeddedPair.connected(client: client, server: server, ticket: ticket)
            // A wrong secret in the session is found by the server, which ends the handshake; nothing worse.
            let isConnected = pair.client.tls.connectionInfo != nil
            #expect(isConnected || !pair.client.application.errors.isEmpty, "byte \(index)")
            let cut = ResumptionTicket(serialized: Array(bytes[..<index]))
            #expect(try !Self.resumes(cut, client: client, server: server))
        }
    }
}

@Suite struct TicketKeyRingTests {
    static let lifetime = TimeAmount.hours(48)
    static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test func `a key seals for one lifetime and opens for two`() {
        var ring = TicketKeyRing(lifetime: Self.lifetime, at: Self.start)
        let first = ring.sealingKey(at: Self.start)
        #expect(ring.sealingKey(at: Self.start + Self.lifetime - .nanoseconds(1)) == first)
        let second = ring.sealingKey(at: Self.start + Self.lifetime)
        #expect(second != first && second.name != first.name)
        #expect(ring.openingKey(named: first.name, at: Self.start + Self.lifetime) == first)
        #expect(ring.openingKey(named: second.name, at: Self.start + Self.lifetime) == second)
        #expect(ring.openingKey(named: first.name, at: Self.start + Self.lifetime * 2) == nil)
        #expect(ring.openingKey(named: second.name, at: Self.start + Self.lifetime * 2) == second)
    }

    @Test func `after a long silence no old key opens`() {
        var ring = TicketKeyRing(lifetime: Self.lifetime, at: Self.start)
        let first = ring.sealingKey(at: Self.start)
        #expect(ring.openingKey(named: first.name, at: Self.start + Self.lifetime * 2) == nil)
        #expect(ring.previous == nil)
    }

    @Test func `an unknown name opens nothing`() {
        var ring = TicketKeyRing(lifetime: Self.lifetime, at: Self.start)
        #expect(ring.openingKey(named: [UInt8](repeating: 0, count: 16), at: Self.start) == nil)
    }
}
