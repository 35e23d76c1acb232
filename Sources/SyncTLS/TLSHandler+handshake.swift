import NIOCore
import NIOTLS

extension TLSHandler {
    /// The channel is active: begin, within the time limit for the whole.
    func start(_ context: ChannelHandlerContext) {
        guard state.start() else { return }
        startTimer(context, self.context.limits.handshakeTimeout) { handler, context in
            if handler.state.handshakeTimedOut() {
                handler.fail(context, .handshakeTimeout)
            }
        }
        stepHandshake(context)
        if state.readsOnItsOwn {
            // Without `autoRead` no one above would ask for the handshake's bytes.
            context.read()
        }
    }

    func stepHandshake(_ context: ChannelHandlerContext) {
        switch session.handshake() {
        case .needsInput:
            writeCiphertext(context)
            context.flush()
        case .completed(let info):
            complete(context, info)
        case .failed(let error):
            fail(context, error)
        }
    }

    /// The order matters: our last handshake bytes, then the event (an application may write in it, behind what was
    /// kept), then what the peer has sent already, then what was kept; one flush for all of it.
    private func complete(_ context: ChannelHandlerContext, _ info: TLSConnectionInfo) {
        let closesOutput = state.handshakeCompleted()
        stopTimer()
        connectionInfo = info
        writeCiphertext(context)
        takeHandshakePromise()?.succeed(info)
        context.fireUserInboundEventTriggered(
            TLSUserEvent.handshakeCompleted(negotiatedProtocol: info.applicationProtocol)
        )
        decrypt(context)
        encryptPendingWrites(context)
        if closesOutput {
            closeOutput(context, promise: takeCloseOutputPromise())
        }
        context.flush()
    }

    func failHandshake(_ error: TLSError) {
        takeHandshakePromise()?.fail(error)
    }

    private func takeHandshakePromise() -> EventLoopPromise<TLSConnectionInfo>? {
        defer { handshakePromise = nil }
        return handshakePromise
    }

    /// The one way out when something is wrong: the alert leaves, all that waits fails, the channel closes.
    func fail(_ context: ChannelHandlerContext, _ error: TLSError) {
        let action = state.failed()
        guard action != .nothing else { return }
        stopTimer()
        writeCiphertext(context)
        context.flush()
        failHandshake(error)
        failPendingWrites(error)
        takeCloseOutputPromise()?.fail(error)
        if action == .reportAndClose {
            context.fireErrorCaught(error)
        }
        context.close(promise: takeClosePromise())
    }

    // MARK: Time limits

    /// Runs `action` on the event loop after `delay`, unless another timer takes its place.
    func startTimer(
        _ context: ChannelHandlerContext,
        _ delay: TimeAmount,
        _ action: @escaping (TLSHandler, ChannelHandlerContext) -> Void
    ) {
        stopTimer()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            guard let self, let context = channelContext else { return }
            timer = nil
            action(self, context)
        }
    }

    func stopTimer() {
        timer?.cancel()
        timer = nil
    }
}
