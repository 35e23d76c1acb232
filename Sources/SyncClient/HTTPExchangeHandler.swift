import Models
import NIOCore
import NIOHTTP1
import Synchronization

/// One request at a time, and its answer gathered whole. Confined to its channel's event loop.
final class HTTPExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private var waiting: EventLoopPromise<ServerConnection.Answer>?
    private var answer: ServerConnection.Answer?
    private var stall: Scheduled<Void>?

    func send(
        _ head: HTTPRequestHead,
        body: [UInt8],
        on channel: any Channel
    ) -> EventLoopFuture<ServerConnection.Answer> {
        precondition(waiting == nil, "one request after the other")
        let promise = channel.eventLoop.makePromise(of: ServerConnection.Answer.self)
        guard channel.isActive else {
            promise.fail(ConnectionError.interrupted(reason: "the connection was closed"))
            return promise.futureResult
        }
        waiting = promise
        watch(channel)
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        write(body, on: channel)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        return promise.futureResult
    }

    /// In pieces, so that it is seen how it goes on.
    private func write(_ body: [UInt8], on channel: any Channel) {
        let bound = NIOLoopBound((self, channel), eventLoop: channel.eventLoop)
        for start in stride(from: 0, to: body.count, by: Limits.sentPieceBytes) {
            let end = min(start + Limits.sentPieceBytes, body.count)
            let piece = HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body[start..<end])))
            if end == body.count { return channel.write(piece, promise: nil) }
            channel.writeAndFlush(piece).whenSuccess {
                let (handler, channel) = bound.value
                if handler.waiting != nil { handler.watch(channel) }
            }
        }
    }

    /// Gives up when nothing has moved for a while; each piece that went and each part of an answer starts the wait anew.
    private func watch(_ channel: any Channel) {
        stall?.cancel()
        let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        stall = channel.eventLoop.scheduleTask(in: .milliseconds(Int64(Limits.stallTimeoutMilliseconds))) {
            bound.value.fail(ConnectionError.interrupted(reason: "no answer in time"))
            channel.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard waiting != nil else { return }
        watch(context.channel)
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard head.status.code >= 200 else { return }
            answer = ServerConnection.Answer(
                status: Int(head.status.code),
                headers: head.headers.map { ($0.name, $0.value) },
                body: []
            )
        case .body(let buffer):
            answer?.body += buffer.readableBytesView
            if let answer, answer.body.count > Limits.maximumExchangeBytes {
                fail(ConnectionError.notOurServer(reason: "its answer is over the limit"))
                context.close(promise: nil)
            }
        case .end:
            stall?.cancel()
            let promise = waiting
            waiting = nil
            if let answer { promise?.succeed(answer) }
            answer = nil
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(ConnectionError.interrupted(reason: "the connection was cut"))
        context.fireChannelInactive()
    }

    private func fail(_ error: any Error) {
        stall?.cancel()
        let promise = waiting
        waiting = nil
        answer = nil
        promise?.fail(error)
    }
}

@available(*, unavailable)
extension HTTPExchangeHandler: Sendable {}

/// What went over a socket, seen from below TLS.
final class ByteCounter: Sendable {
    private let up = Atomic<Int>(0)
    private let down = Atomic<Int>(0)

    var traffic: ServerConnection.Traffic {
        ServerConnection.Traffic(up: up.load(ordering: .relaxed), down: down.load(ordering: .relaxed))
    }

    func sent(_ count: Int) { up.wrappingAdd(count, ordering: .relaxed) }
    func received(_ count: Int) { down.wrappingAdd(count, ordering: .relaxed) }
}

/// Counts bytes and passes them on.
final class ByteCountingHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let counter: ByteCounter

    init(counter: ByteCounter) { self.counter = counter }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        counter.received(unwrapInboundIn(data).readableBytes)
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        counter.sent(unwrapOutboundIn(data).readableBytes)
        context.write(data, promise: promise)
    }
}

@available(*, unavailable)
extension ByteCountingHandler: Sendable {}
