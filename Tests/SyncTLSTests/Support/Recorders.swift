import NIOCore
import NIOTLS

@testable import SyncTLS

/// Writes down all that an application would see, in order, and lets a test react to it.
final class ApplicationRecorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    enum Event: Equatable {
        case active
        case read(String)
        case readComplete
        case handshakeCompleted(String?)
        case inputClosed
        case shutdownCompleted
        case other
        case error(TLSError)
        case otherError
        case inactive
    }

    private(set) var events: [Event] = []
    var react: (Event, ChannelHandlerContext) -> Void = { _, _ in }

    var text: String {
        events.map { if case .read(let text) = $0 { text } else { "" } }.joined()
    }

    var errors: [TLSError] {
        events.compactMap { if case .error(let error) = $0 { error } else { nil } }
    }

    private func record(_ event: Event, _ context: ChannelHandlerContext) {
        events.append(event)
        react(event, context)
    }

    func channelActive(context: ChannelHandlerContext) {
        record(.active, context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        record(.read(String(buffer: unwrapInboundIn(data))), context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        record(.readComplete, context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted(let name): record(.handshakeCompleted(name), context)
        case TLSUserEvent.shutdownCompleted: record(.shutdownCompleted, context)
        case ChannelEvent.inputClosed: record(.inputClosed, context)
        default: record(.other, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        record((error as? TLSError).map { .error($0) } ?? .otherError, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        record(.inactive, context)
    }
}

/// Stands between TLS and an embedded channel, which knows no half-close: notes what the socket is asked for.
final class SocketRecorder: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private(set) var isOutputClosed = false
    private(set) var isClosed = false
    private(set) var readCount = 0
    private(set) var flushCount = 0
    /// While true, written bytes stay here and their promises wait, as with a full socket.
    var isBlocked = false
    private var blocked: [(NIOAny, EventLoopPromise<Void>?)] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isBlocked {
            blocked.append((data, promise))
        } else {
            context.write(data, promise: promise)
        }
    }

    func unblock(_ channel: any Channel) throws {
        isBlocked = false
        let context = try channel.pipeline.syncOperations.context(handler: self)
        let waiting = blocked
        blocked = []
        for (data, promise) in waiting {
            context.write(data, promise: promise)
        }
        context.flush()
    }

    func flush(context: ChannelHandlerContext) {
        flushCount += 1
        context.flush()
    }

    func read(context: ChannelHandlerContext) {
        readCount += 1
        context.read()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output {
            isOutputClosed = true
            promise?.succeed(())
        } else {
            isClosed = true
            context.close(mode: mode, promise: promise)
        }
    }
}
