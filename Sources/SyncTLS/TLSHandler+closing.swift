public import NIOCore
import NIOTLS

extension TLSHandler {
    public func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .output:
            closeOutput(context, promise: promise)
        case .all, .input:
            closeAll(context, promise: promise)
        }
    }

    func closeAll(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        let action = state.close()
        switch action {
        case .closeNow:
            stopTimer()
            failHandshake(.closedDuringHandshake)
            failPendingWrites(ChannelError.ioOnClosedChannel)
            takeCloseOutputPromise()?.fail(ChannelError.ioOnClosedChannel)
            context.flush()
            context.close(promise: promise)
        case .sendCloseNotifyAndAwaitPeer, .sendCloseNotifyAndFlush:
            join(promise)
            startCloseTimer(context, self.context.limits.closeTimeout)
            // What was flushed has been encrypted already; what was not is lost, as on any channel.
            failPendingWrites(ChannelError.ioOnClosedChannel)
            sendCloseNotify(context)
            context.read()
        case .awaitPeer, .joinCloseInProgress:
            join(promise)
            startCloseTimer(context, self.context.limits.closeTimeout)
            context.read()
        case .passOn:
            context.close(promise: promise)
        }
    }

    func closeOutput(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        // Before the state changes: afterwards nothing is encrypted any more.
        pendingWrites.mark()
        encryptPendingWrites(context)
        switch state.closeOutput() {
        case .awaitHandshake:
            closeOutputPromise = promise
        case .sendCloseNotify:
            sendCloseNotify(context)
            context.close(mode: .output, promise: promise)
        case .sendCloseNotifyAndFlush:
            join(promise)
            sendCloseNotify(context)
        case .refuse(let error):
            promise?.fail(error)
        }
    }

    /// The peer's close_notify has come, and all it sent before has been delivered.
    func peerClosed(_ context: ChannelHandlerContext) {
        switch state.peerClosed(allowsHalfClosure: allowsHalfClosure(context)) {
        case .reportInputClosed:
            finishRead(context)
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        case .sendCloseNotifyAndFlush:
            startCloseTimer(context, self.context.limits.closeTimeout)
            failPendingWrites(ChannelError.ioOnClosedChannel)
            sendCloseNotify(context)
        case .close:
            finishClose(context)
        case .awaitFlush, .nothing:
            break
        }
    }

    /// The network's input has ended, but the channel has not.
    func inputEnded(_ context: ChannelHandlerContext) {
        switch state.inputEnded() {
        case .forward:
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        case .swallow:
            break
        case .fail(let error):
            deliverPlaintext(context)
            fail(context, error)
        case .close:
            finishClose(context)
        }
    }

    // MARK: Steps

    private func sendCloseNotify(_ context: ChannelHandlerContext) {
        session.sendCloseNotify()
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess { [weak self] in
            guard let self, let context = channelContext else { return }
            closeNotifyWritten(context)
        }
        writeCiphertext(context, promise: written)
        context.flush()
    }

    private func closeNotifyWritten(_ context: ChannelHandlerContext) {
        switch state.closeNotifyWritten() {
        case .close:
            finishClose(context)
        case .limitHalfClosed:
            if let timeout = self.context.limits.halfClosedTimeout {
                startCloseTimer(context, timeout)
            }
        case .nothing:
            break
        }
    }

    private func finishClose(_ context: ChannelHandlerContext) {
        stopTimer()
        finishRead(context)
        context.fireUserInboundEventTriggered(TLSUserEvent.shutdownCompleted)
        context.close(promise: takeClosePromise())
    }

    /// What was delivered counts as a read of its own before the event that ends reading.
    private func finishRead(_ context: ChannelHandlerContext) {
        guard hasDeliveredSinceReadComplete else { return }
        hasDeliveredSinceReadComplete = false
        context.fireChannelReadComplete()
    }

    private func startCloseTimer(_ context: ChannelHandlerContext, _ timeout: TimeAmount) {
        startTimer(context, timeout) { handler, context in
            if handler.state.closeTimedOut() {
                context.close(promise: handler.takeClosePromise())
            }
        }
    }

    private func allowsHalfClosure(_ context: ChannelHandlerContext) -> Bool {
        (try? context.channel.syncOptions?.getOption(.allowRemoteHalfClosure)) ?? false
    }

    // MARK: Promises

    /// All who close get the same answer.
    private func join(_ promise: EventLoopPromise<Void>?) {
        if closePromise == nil {
            closePromise = promise
        } else {
            closePromise?.futureResult.cascade(to: promise)
        }
    }

    func takeClosePromise() -> EventLoopPromise<Void>? {
        defer { closePromise = nil }
        return closePromise
    }

    func takeCloseOutputPromise() -> EventLoopPromise<Void>? {
        defer { closeOutputPromise = nil }
        return closeOutputPromise
    }
}
