import NIOCore
import NIOEmbedded
import NIOTLS
import Synchronization

@testable import SyncTLS

/// A client and a server joined by hand, on one event loop whose clock the test moves.
final class EmbeddedPair {
    let loop = EmbeddedEventLoop()
    let client: EmbeddedPeer
    let server: EmbeddedPeer

    init(
        client clientContext: TLSContext? = nil,
        server serverContext: TLSContext? = nil,
        ticket: ResumptionTicket? = nil
    ) throws {
        client = try EmbeddedPeer(clientContext ?? Fixture.clientContext(), loop: loop, ticket: ticket)
        server = try EmbeddedPeer(serverContext ?? Fixture.serverContext(), loop: loop)
    }

    /// A pair that has shaken hands.
    static func connected(
        client: TLSContext? = nil,
        server: TLSContext? = nil,
        ticket: ResumptionTicket? = nil
    ) throws -> EmbeddedPair {
        let pair = try EmbeddedPair(client: client, server: server, ticket: ticket)
        try pair.connect()
        return pair
    }

    func connect() throws {
        try server.activate()
        try client.activate()
        try pump()
    }

    /// Carries bytes both ways until there are no more.
    func pump() throws {
        var isQuiet = false
        while !isQuiet {
            loop.run()
            let fromClient = try client.takeSent()
            let fromServer = try server.takeSent()
            try server.receive(fromClient)
            try client.receive(fromServer)
            isQuiet = fromClient.readableBytes == 0 && fromServer.readableBytes == 0
        }
    }
}

/// One end: TLS between a recorder that stands for the socket and one that stands for the application.
final class EmbeddedPeer {
    let channel: EmbeddedChannel
    let tls: TLSHandler
    let application = ApplicationRecorder()
    let socket = SocketRecorder()
    let handshake: EventLoopFuture<TLSConnectionInfo>
    let tickets = TicketBox()
    private(set) var sentByteCount = 0

    init(_ context: TLSContext, loop: EmbeddedEventLoop, ticket: ResumptionTicket? = nil) throws {
        let promise = loop.makePromise(of: TLSConnectionInfo.self)
        handshake = promise.futureResult
        tls = TLSHandler(
            context: context,
            ticket: ticket,
            handshakePromise: promise,
            onTicket: { [tickets] in tickets.append($0) }
        )
        channel = EmbeddedChannel(loop: loop)
        channel.allowRemoteHalfClosure = true
        try channel.pipeline.syncOperations.addHandlers([socket, tls, application])
    }

    func activate() throws {
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    }

    func takeSent() throws -> ByteBuffer {
        var all = ByteBuffer()
        while var piece = try channel.readOutbound(as: ByteBuffer.self) {
            all.writeBuffer(&piece)
        }
        sentByteCount += all.readableBytes
        return all
    }

    func receive(_ bytes: ByteBuffer) throws {
        guard bytes.readableBytes > 0, channel.isActive else { return }
        try channel.writeInbound(bytes)
    }

    /// The network's input ends, as a FIN does it.
    func endInput() {
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    func send(_ text: String) {
        channel.writeAndFlush(buffer(text), promise: nil)
    }

    /// The outcome of a write, a close or the like, as far as there is one.
    func outcome(_ operation: (EventLoopPromise<Void>) -> Void) -> Outcome {
        let outcome = Outcome()
        let promise = channel.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { outcome.set($0) }
        operation(promise)
        return outcome
    }
}

/// How a promise ended, and as which one of all.
final class Outcome: Sendable {
    private static let count = Mutex(0)
    private let value = Mutex<(result: Result<Void, any Error>, order: Int)?>(nil)

    func set(_ result: Result<Void, any Error>) {
        let order = Self.count.withLock { count in
            count += 1
            return count
        }
        value.withLock { $0 = (result, order) }
    }

    var isPending: Bool { value.withLock { $0 == nil } }
    var isSuccess: Bool {
        value.withLock { if case .success = $0?.result { true } else { false } }
    }
    var order: Int { value.withLock { $0?.order ?? .max } }
    var error: (any Error)? {
        value.withLock { if case .failure(let error) = $0?.result { error } else { nil } }
    }
}

final class TicketBox: Sendable {
    private let tickets = Mutex<[ResumptionTicket]>([])

    func append(_ ticket: ResumptionTicket) {
        tickets.withLock { $0.append(ticket) }
    }

    var all: [ResumptionTicket] { tickets.withLock { $0 } }
}
