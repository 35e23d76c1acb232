import NIOCore

/// Decides what a TLS connection does next. Pure: it is told what happened and answers what to do.
///
///     idle ──▶ handshaking ──▶ active ──▶ inputClosed ───▶ flushing ──▶ closed
///                               │  │                         ▲
///                               │  └────▶ outputClosed ──────┤
///                               │              ▼             │
///                               └────────▶ closing ──────────┘
///
/// Any phase goes straight to `closed` when something fails.
struct TLSHandlerState {
    enum Phase: Equatable {
        /// The channel is not active yet.
        case idle
        case handshaking
        /// Both directions are open.
        case active
        /// The peer has sent its close_notify; we may go on writing.
        case inputClosed
        /// We have sent ours; the peer may go on writing.
        case outputClosed
        /// We have sent ours, want nothing more, and wait for the peer's.
        case closing
        /// Both have sent theirs; our last bytes are on their way to the socket.
        case flushing
        case closed
    }

    private(set) var phase = Phase.idle
    private var closesOutputAfterHandshake = false
    private var isCloseNotifyWritten = false

    /// Whether flushed writes are encrypted now, rather than kept.
    var encrypts: Bool { phase == .active || phase == .inputClosed }

    /// Whether what arrives is decrypted now.
    var decrypts: Bool { deliversPlaintext || phase == .closing }

    /// Whether what was decrypted goes on to the application.
    var deliversPlaintext: Bool { phase == .active || phase == .outputClosed }

    /// Whether we want input although the application may not have asked for any.
    var readsOnItsOwn: Bool { phase == .handshaking || phase == .closing }

    /// Whether the handshake has ended well and the connection still stands.
    var isEstablished: Bool {
        switch phase {
        case .active, .inputClosed, .outputClosed, .closing, .flushing: true
        case .idle, .handshaking, .closed: false
        }
    }

    // MARK: The handshake

    /// The channel is active. Answers whether to start the handshake.
    mutating func start() -> Bool {
        guard phase == .idle else { return false }
        phase = .handshaking
        return true
    }

    /// Answers whether a close of the output, asked for earlier, follows the writes that were kept.
    mutating func handshakeCompleted() -> Bool {
        precondition(phase == .handshaking, "a handshake ended in \(phase)")
        phase = .active
        return closesOutputAfterHandshake
    }

    /// Answers whether the handshake is still going on, and so fails.
    func handshakeTimedOut() -> Bool {
        phase == .handshaking
    }

    // MARK: Writing

    /// `nil` if a write is kept; else why it is refused.
    func refusalOfWrite() -> ChannelError? {
        switch phase {
        case .idle, .handshaking: closesOutputAfterHandshake ? .outputClosed : nil
        case .active, .inputClosed: nil
        case .outputClosed: .outputClosed
        case .closing, .flushing, .closed: .ioOnClosedChannel
        }
    }
}

// MARK: - Closing from our side

extension TLSHandlerState {
    enum CloseAction: Equatable {
        /// There is no session to end: close the channel.
        case closeNow
        /// Send close_notify, then read on until the peer's, but not for long.
        case sendCloseNotifyAndAwaitPeer
        /// Ours has been sent: read on until the peer's, but not for long.
        case awaitPeer
        /// The peer's has come: send ours and close once it has left, but do not wait long.
        case sendCloseNotifyAndFlush
        /// A close is under way; this one ends with it, and it may no longer take long.
        case joinCloseInProgress
        /// The channel is closed, or about to be; let it answer.
        case passOn
    }

    /// OpenSSL refuses `SSL_shutdown` during the handshake, so before `active` there is no close_notify to send.
    mutating func close() -> CloseAction {
        switch phase {
        case .idle, .handshaking:
            phase = .closed
            return .closeNow
        case .active:
            phase = .closing
            return .sendCloseNotifyAndAwaitPeer
        case .inputClosed:
            phase = .flushing
            return .sendCloseNotifyAndFlush
        case .outputClosed:
            phase = .closing
            return .awaitPeer
        case .closing, .flushing:
            return .joinCloseInProgress
        case .closed:
            return .passOn
        }
    }

    enum CloseOutputAction: Equatable {
        /// Keep it behind the writes that wait for the handshake.
        case awaitHandshake
        /// Flush, send close_notify, close the channel's output.
        case sendCloseNotify
        /// The peer's has come: flush, send ours and close once it has left, however long that takes.
        case sendCloseNotifyAndFlush
        case refuse(ChannelError)
    }

    mutating func closeOutput() -> CloseOutputAction {
        switch phase {
        case .idle, .handshaking:
            guard !closesOutputAfterHandshake else { return .refuse(.outputClosed) }
            closesOutputAfterHandshake = true
            return .awaitHandshake
        case .active:
            phase = .outputClosed
            return .sendCloseNotify
        case .inputClosed:
            phase = .flushing
            return .sendCloseNotifyAndFlush
        case .outputClosed:
            return .refuse(.outputClosed)
        case .closing, .flushing, .closed:
            return .refuse(.ioOnClosedChannel)
        }
    }

    enum CloseNotifyWrittenAction: Equatable {
        case close
        /// From now on the peer may not take for ever.
        case limitHalfClosed
        case nothing
    }

    /// All we had to send, close_notify last, has left for the socket.
    mutating func closeNotifyWritten() -> CloseNotifyWrittenAction {
        isCloseNotifyWritten = true
        switch phase {
        case .flushing:
            phase = .closed
            return .close
        case .outputClosed:
            return .limitHalfClosed
        case .idle, .handshaking, .active, .inputClosed, .closing, .closed:
            return .nothing
        }
    }

    /// Waiting for the peer, or for the socket, has taken too long. Answers whether to close the channel.
    mutating func closeTimedOut() -> Bool {
        switch phase {
        case .outputClosed, .closing, .flushing:
            phase = .closed
            return true
        case .idle, .handshaking, .active, .inputClosed, .closed:
            return false
        }
    }

    /// The server wants to go down. Answers whether to close: before the end of the handshake there is no one above
    /// who would.
    func closesWhenQuiescing() -> Bool {
        phase == .idle || phase == .handshaking
    }
}

// MARK: - Closing from the peer's side

extension TLSHandlerState {
    enum PeerClosedAction: Equatable {
        /// Tell the application that there is no more input; it may go on writing.
        case reportInputClosed
        /// Answer with close_notify and close once it has left.
        case sendCloseNotifyAndFlush
        /// Both sides are through: close.
        case close
        /// Both sides are through, but our last bytes have yet to leave.
        case awaitFlush
        case nothing
    }

    /// The peer's close_notify has come.
    mutating func peerClosed(allowsHalfClosure: Bool) -> PeerClosedAction {
        switch phase {
        case .active where allowsHalfClosure:
            phase = .inputClosed
            return .reportInputClosed
        case .active:
            phase = .flushing
            return .sendCloseNotifyAndFlush
        case .outputClosed, .closing:
            phase = isCloseNotifyWritten ? .closed : .flushing
            return phase == .closed ? .close : .awaitFlush
        case .idle, .handshaking, .inputClosed, .flushing, .closed:
            return .nothing
        }
    }

    enum InputEndedAction: Equatable {
        /// Not for us.
        case forward
        /// The application knows already, by close_notify.
        case swallow
        case fail(TLSError)
        /// We wanted nothing more anyway.
        case close
    }

    /// The network's input has ended while the channel is still open: a half-close of TCP.
    mutating func inputEnded() -> InputEndedAction {
        switch phase {
        case .idle, .closed:
            return .forward
        case .handshaking:
            return .fail(.closedDuringHandshake)
        case .active, .outputClosed:
            return .fail(.uncleanShutdown)
        case .closing:
            phase = .closed
            return .close
        case .inputClosed, .flushing:
            return .swallow
        }
    }

    /// The channel has closed. Answers the error to report first, if any.
    mutating func channelInactive() -> TLSError? {
        defer { phase = .closed }
        switch phase {
        case .handshaking: return .closedDuringHandshake
        case .active, .outputClosed: return .uncleanShutdown
        case .idle, .inputClosed, .closing, .flushing, .closed: return nil
        }
    }

    enum FailureAction: Equatable {
        case reportAndClose
        /// The connection was being closed: what goes wrong then is of no interest.
        case closeQuietly
        case nothing
    }

    mutating func failed() -> FailureAction {
        defer { phase = .closed }
        switch phase {
        case .closed: return .nothing
        case .closing, .flushing: return .closeQuietly
        case .idle, .handshaking, .active, .inputClosed, .outputClosed: return .reportAndClose
        }
    }
}
