public import NIOCore
import NIOTLS

/// TLS 1.3 for one connection of NIO's, as server or as client: ciphertext below, plaintext above.
///
/// Add it first in the pipeline, before the channel is active or after. Writes are kept until the handshake has ended;
/// then `TLSUserEvent.handshakeCompleted` is fired. What fails is fired as a ``TLSError``, and the channel closes.
///
/// Closing:
/// - `close(mode: .all)` sends close_notify, waits for the peer's, but not over
///   ``TLSConnectionLimits/closeTimeout``, and closes the channel.
/// - `close(mode: .output)` flushes, sends close_notify and closes the channel's output; reading goes on.
/// - `close(mode: .input)` is a full close: NIO's servers cancel a connection with it, and TLS has no such half.
/// - The peer's close_notify arrives as `ChannelEvent.inputClosed` if the channel allows remote half-closure, and else
///   closes the channel. An end without close_notify is ``TLSError/uncleanShutdown``.
public final class TLSHandler: ChannelDuplexHandler, RemovableChannelHandler {
    public typealias InboundIn = ByteBuffer
    public typealias InboundOut = ByteBuffer
    public typealias OutboundIn = ByteBuffer
    public typealias OutboundOut = ByteBuffer

    let context: TLSContext
    let session: TLSSession
    var state = TLSHandlerState()
    var handshakePromise: EventLoopPromise<TLSConnectionInfo>?
    let onTicket: (@Sendable (ResumptionTicket) -> Void)?

    /// In the pipeline only.
    var channelContext: ChannelHandlerContext?

    /// Set when the handshake has ended well; it stays when the connection ends.
    public internal(set) var connectionInfo: TLSConnectionInfo?

    // Reading.
    var plaintext = ByteBuffer()
    var hasDeliveredSinceReadComplete = false
    var isReadWanted = false

    // Writing.
    var pendingWrites = MarkedCircularBuffer<PendingWrite>(initialCapacity: 8)
    var pendingWriteByteCount = 0

    // Closing.
    var closePromise: EventLoopPromise<Void>?
    var closeOutputPromise: EventLoopPromise<Void>?
    /// One clock at a time: the handshake's, or the close's.
    var timer: Scheduled<Void>?

    struct PendingWrite {
        let data: ByteBuffer
        let promise: EventLoopPromise<Void>?
    }

    /// - Parameters:
    ///   - context: Its kind decides whether this is the server's or the client's side.
    ///   - ticket: For a client: a ticket to resume with. One that does not fit the context's trust is not used.
    ///   - handshakePromise: Completed once, with what the handshake settled or the ``TLSError`` that ended it. A
    ///     handler that never gets into a pipeline (the connection failed before) leaves it to the caller.
    ///   - onTicket: For a client: called on the event loop with each ticket the server sends, the newest last.
    public init(
        context: TLSContext,
        ticket: ResumptionTicket? = nil,
        handshakePromise: EventLoopPromise<TLSConnectionInfo>? = nil,
        onTicket: (@Sendable (ResumptionTicket) -> Void)? = nil
    ) {
        self.context = context
        session = TLSSession(context: context, ticket: ticket)
        self.handshakePromise = handshakePromise
        self.onTicket = onTicket
    }

    /// Bytes that both ends of this connection, and no one else, can derive from its handshake (RFC 8446, section
    /// 7.5): a proof made with them is worthless on any other connection.
    ///
    /// Call it on the event loop, after the handshake; else it throws ``TLSError/notEstablished``.
    public func exportKeyingMaterial(
        label: String,
        context: [UInt8],
        length: Int
    ) throws(TLSError) -> [UInt8] {
        guard state.isEstablished else { throw .notEstablished }
        return try session.exportKeyingMaterial(label: label, context: context, length: length)
    }

    // MARK: In and out of the pipeline

    public func handlerAdded(context: ChannelHandlerContext) {
        channelContext = context
        if context.channel.isActive {
            start(context)
        }
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        // Two steps: the state first, so that what the promises call finds the handler closed.
        _ = state.failed()
        stopTimer()
        channelContext = nil
        failHandshake(.handlerRemoved)
        failPendingWrites(TLSError.handlerRemoved)
        takeCloseOutputPromise()?.fail(TLSError.handlerRemoved)
        takeClosePromise()?.fail(TLSError.handlerRemoved)
    }

    public func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        start(context)
    }

    public func channelInactive(context: ChannelHandlerContext) {
        deliverPlaintext(context)
        let error = state.channelInactive()
        stopTimer()
        failHandshake(error ?? .closedDuringHandshake)
        failPendingWrites(error ?? ChannelError.ioOnClosedChannel)
        takeCloseOutputPromise()?.fail(error ?? ChannelError.ioOnClosedChannel)
        if let error {
            context.fireErrorCaught(error)
        }
        context.fireChannelInactive()
        takeClosePromise()?.succeed(())
    }

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            inputEnded(context)
        case is ChannelShouldQuiesceEvent:
            context.fireUserInboundEventTriggered(event)
            if state.closesWhenQuiescing() {
                closeAll(context, promise: nil)
            }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }
}

/// A handler belongs to the event loop of its channel.
@available(*, unavailable)
extension TLSHandler: Sendable {}
