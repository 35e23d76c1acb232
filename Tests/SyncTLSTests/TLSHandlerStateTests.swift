import NIOCore
import Testing

@testable import SyncTLS

/// The machine without channels: which phase leads where, and what it says to do.
@Suite struct TLSHandlerStateTests {
    typealias Phase = TLSHandlerState.Phase

    /// A machine that has been led to `phase`.
    static func machine(in phase: Phase) -> TLSHandlerState {
        var state = TLSHandlerState()
        guard phase != .idle else { return state }
        _ = state.start()
        guard phase != .handshaking else { return state }
        _ = state.handshakeCompleted()
        switch phase {
        case .idle, .handshaking, .active: break
        case .inputClosed: _ = state.peerClosed(allowsHalfClosure: true)
        case .outputClosed: _ = state.closeOutput()
        case .closing: _ = state.close()
        case .flushing: _ = state.peerClosed(allowsHalfClosure: false)
        case .closed: _ = state.failed()
        }
        return state
    }

    static let phases: [Phase] = [
        .idle, .handshaking, .active, .inputClosed, .outputClosed, .closing, .flushing, .closed,
    ]

    @Test(arguments: phases)
    func `every phase can be reached`(phase: Phase) {
        #expect(Self.machine(in: phase).phase == phase)
    }

    @Test(arguments: phases)
    func `the handshake starts once`(phase: Phase) {
        var state = Self.machine(in: phase)
        let starts = state.start()
        let startsAgain = state.start()
        #expect(starts == (phase == .idle) && !startsAgain)
    }

    @Test(
        arguments: zip(
            phases,
            [
                .closeNow, .closeNow, .sendCloseNotifyAndAwaitPeer, .sendCloseNotifyAndFlush, .awaitPeer,
                .joinCloseInProgress, .joinCloseInProgress, .passOn,
            ] as [TLSHandlerState.CloseAction]
        )
    )
    func `a close does what its phase allows`(phase: Phase, action: TLSHandlerState.CloseAction) {
        var state = Self.machine(in: phase)
        #expect(state.close() == action)
        #expect(state.refusalOfWrite() == .ioOnClosedChannel)
        #expect(!state.encrypts && !state.deliversPlaintext)
    }

    @Test(
        arguments: zip(
            phases,
            [
                .awaitHandshake, .awaitHandshake, .sendCloseNotify, .sendCloseNotifyAndFlush, .refuse(.outputClosed),
                .refuse(.ioOnClosedChannel), .refuse(.ioOnClosedChannel), .refuse(.ioOnClosedChannel),
            ] as [TLSHandlerState.CloseOutputAction]
        )
    )
    func `a close of the output does what its phase allows`(
        phase: Phase,
        action: TLSHandlerState.CloseOutputAction
    ) {
        var state = Self.machine(in: phase)
        #expect(state.closeOutput() == action)
        #expect(state.refusalOfWrite() != nil)
    }

    @Test(
        arguments: zip(
            phases,
            [
                .nothing, .nothing, .reportInputClosed, .nothing, .awaitFlush, .awaitFlush, .nothing, .nothing,
            ] as [TLSHandlerState.PeerClosedAction]
        )
    )
    func `the peer's close_notify is answered as the phase asks`(
        phase: Phase,
        action: TLSHandlerState.PeerClosedAction
    ) {
        var state = Self.machine(in: phase)
        #expect(state.peerClosed(allowsHalfClosure: true) == action)
        #expect(state.peerClosed(allowsHalfClosure: true) == .nothing)
    }

    @Test(
        arguments: zip(
            phases,
            [
                .forward, .fail(.closedDuringHandshake), .fail(.uncleanShutdown), .swallow, .fail(.uncleanShutdown),
                .close, .swallow, .forward,
            ] as [TLSHandlerState.InputEndedAction]
        )
    )
    func `the end of the input is clean only after close_notify`(
        phase: Phase,
        action: TLSHandlerState.InputEndedAction
    ) {
        var state = Self.machine(in: phase)
        #expect(state.inputEnded() == action)
    }

    @Test(
        arguments: zip(
            phases,
            [
                nil, .closedDuringHandshake, .uncleanShutdown, nil, .uncleanShutdown, nil, nil, nil,
            ] as [TLSError?]
        )
    )
    func `the end of the channel is clean only after close_notify`(phase: Phase, error: TLSError?) {
        var state = Self.machine(in: phase)
        #expect(state.channelInactive() == error)
        #expect(state.phase == .closed)
    }

    @Test func `our last bytes leave before the channel closes`() {
        var state = Self.machine(in: .outputClosed)
        #expect(state.closeNotifyWritten() == .limitHalfClosed)
        #expect(state.peerClosed(allowsHalfClosure: true) == .close)

        state = Self.machine(in: .outputClosed)
        #expect(state.peerClosed(allowsHalfClosure: true) == .awaitFlush)
        #expect(state.closeNotifyWritten() == .close)
        #expect(state.phase == .closed)
    }

    @Test func `a close of the output waits for the handshake, once`() {
        var state = Self.machine(in: .handshaking)
        #expect(state.closeOutput() == .awaitHandshake)
        #expect(state.closeOutput() == .refuse(.outputClosed))
        #expect(state.refusalOfWrite() == .outputClosed)
        let closesOutput = state.handshakeCompleted()
        #expect(closesOutput)
        #expect(state.closeOutput() == .sendCloseNotify)
    }

    @Test(arguments: phases)
    func `a failure is told once, and not while closing`(phase: Phase) {
        var state = Self.machine(in: phase)
        let expected: TLSHandlerState.FailureAction =
            switch phase {
            case .closed: .nothing
            case .closing, .flushing: .closeQuietly
            default: .reportAndClose
            }
        #expect(state.failed() == expected)
        #expect(state.failed() == .nothing)
    }

    @Test(arguments: phases)
    func `each time limit counts only in its phase`(phase: Phase) {
        var state = Self.machine(in: phase)
        #expect(state.handshakeTimedOut() == (phase == .handshaking))
        let closeTimedOut = state.closeTimedOut()
        #expect(closeTimedOut == [.outputClosed, .closing, .flushing].contains(phase))
    }
}
