import NIOCore
import NIOHTTP1

/// Deadlines on totals, and the answer to what is no HTTP. Stands between the HTTP parser and Hummingbird.
///
///     accepted ──head──▶ reading body ──end──▶ (we work) ──head──▶ answering ──end──▶ idle ──head──▶ …
///     head timeout       body timeout          none                body timeout       idle timeout
///
/// Each deadline is for the whole part, so a client that sends or reads a byte now and then is cut off like one that
/// does nothing. The handshake before has its own deadline, in the TLS handler.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: ServerLimits
    private var deadline: Scheduled<Void>?
    /// The head of a request was read, and its end not yet.
    private var isReading = false
    /// Requests that were read from the head on and not answered to the end.
    private var openRequestCount = 0
    /// An answer has begun and not ended.
    private var isAnswering = false
    /// The client wants no more than this answer: `Connection: close`, or HTTP/1.0.
    private var endsAfterAnswer = false
    /// We answered in Hummingbird's place; the connection is closing.
    private var isRefused = false

    init(limits: ServerLimits) {
        self.limits = limits
    }

    func handlerAdded(context: ChannelHandlerContext) {
        arm(context, limits.handshakeTimeout + limits.headTimeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        disarm()
    }

    func channelInactive(context: ChannelHandlerContext) {
        disarm()
        context.fireChannelInactive()
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            isReading = true
            openRequestCount += 1
            endsAfterAnswer = !head.isKeepAlive
            guard head.version == .http1_1 || head.version == .http1_0 else {
                return refuse(context, .versionNotSupported)
            }
            if !isAnswering { arm(context, limits.bodyTimeout(byteCount: head.expectedByteCount)) }
        case .body:
            break
        case .end:
            isReading = false
            if !isAnswering { disarm() }
        }
        context.fireChannelRead(data)
    }

    /// What is no HTTP is answered here, unless an answer is on its way. Hummingbird gets another error, for it
    /// answers the parser's itself.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isRefused else { return }
        let isParserError = error is HTTPParserError || error is NIOHTTPDecoderError
        guard isParserError else { return context.fireErrorCaught(error) }
        switch error as? HTTPParserError {
        case .invalidEOFState, .closedConnection:
            break
        case .headerOverflow:
            if openRequestCount == 0 { return refuse(context, .headTooLarge) }
        case .invalidVersion:
            if openRequestCount == 0 { return refuse(context, .versionNotSupported) }
        default:
            // In the middle of a body, its request is the one that waits for an answer.
            if openRequestCount == 0 || (isReading && openRequestCount == 1 && !isAnswering) {
                return refuse(context, .notHTTP)
            }
        }
        context.fireErrorCaught(ConnectionBroken())
    }

    // MARK: Out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isRefused else {
            promise?.fail(ConnectionBroken())
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head):
            if head.status.code >= 200 {
                isAnswering = true
                arm(
                    context,
                    limits.bodyTimeout(byteCount: head.headers.first(name: "content-length").flatMap { Int($0) })
                )
            }
            context.write(data, promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            let written = promise ?? context.eventLoop.makePromise()
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            written.futureResult.whenComplete { _ in
                let (connectionGuard, context) = bound.value
                connectionGuard.answered(context)
            }
            context.write(data, promise: written)
        }
    }

    private func answered(_ context: ChannelHandlerContext) {
        isAnswering = false
        openRequestCount = max(0, openRequestCount - 1)
        guard !isRefused, context.channel.isActive else { return disarm() }
        if endsAfterAnswer, openRequestCount == 0 {
            arm(context, limits.closeTimeout)
            return context.close(promise: nil)
        }
        // What is left of a body that nobody wanted has the time of a pause.
        if openRequestCount == 0 || isReading { arm(context, limits.idleTimeout) } else { disarm() }
    }

    /// Answers with a problem document and closes.
    private func refuse(_ context: ChannelHandlerContext, _ problem: Problem) {
        isRefused = true
        arm(context, limits.bodyTimeout)
        let body = context.channel.allocator.buffer(bytes: problem.body(requestID: RequestID()))
        let head = HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: problem.status),
            headers: [
                "Content-Type": Problem.mediaType, "Content-Length": "\(body.readableBytes)", "Connection": "close",
            ]
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
        context.fireErrorCaught(ConnectionBroken())
    }

    // MARK: Deadlines

    private func arm(_ context: ChannelHandlerContext, _ timeout: TimeAmount) {
        disarm()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: timeout) {
            let (connectionGuard, context) = bound.value
            connectionGuard.expire(context)
        }
    }

    private func disarm() {
        deadline?.cancel()
        deadline = nil
    }

    private func expire(_ context: ChannelHandlerContext) {
        deadline = nil
        if isReading, !isAnswering, !isRefused, openRequestCount == 1 {
            refuse(context, .timedOut)
        } else {
            context.close(promise: nil)
        }
    }
}

/// A guard belongs to the event loop of its channel.
@available(*, unavailable)
extension ConnectionGuard: Sendable {}

/// The connection is of no use any more: there is nobody to answer.
struct ConnectionBroken: Error {}

extension HTTPRequestHead {
    /// The bytes of the body that follows; nil if it is chunked.
    fileprivate var expectedByteCount: Int? {
        if headers.contains(name: "transfer-encoding") { return nil }
        return headers.first(name: "content-length").flatMap { Int($0) } ?? 0
    }
}
