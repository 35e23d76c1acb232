public import NIOCore

extension TLSHandler {
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard state.readsOnItsOwn || state.decrypts else { return }
        session.feed(unwrapInboundIn(data))
        if state.phase == .handshaking {
            stepHandshake(context)
        } else {
            decrypt(context)
        }
    }

    public func channelReadComplete(context: ChannelHandlerContext) {
        deliverPlaintext(context)
        if hasDeliveredSinceReadComplete {
            hasDeliveredSinceReadComplete = false
            context.fireChannelReadComplete()
        } else if isReadWanted || state.readsOnItsOwn {
            // The read that was asked for brought no plaintext, so it is not answered yet.
            context.read()
        }
    }

    public func read(context: ChannelHandlerContext) {
        isReadWanted = true
        context.read()
    }

    /// Decrypts what has arrived. Plaintext is kept until the end of the read, so that many records make one buffer.
    func decrypt(_ context: ChannelHandlerContext) {
        guard state.decrypts else { return }
        let end = session.read(into: &plaintext)
        if !state.deliversPlaintext {
            plaintext.clear()
        }
        // Reading can make bytes to send: the answer to a KeyUpdate, an alert.
        if writeCiphertext(context) {
            context.flush()
        }
        if let ticket = session.takeNewTicket() {
            onTicket?(ticket)
        }
        switch end {
        case .needsInput:
            break
        case .closeNotify:
            deliverPlaintext(context)
            peerClosed(context)
        case .failed(let error):
            deliverPlaintext(context)
            fail(context, error)
        }
    }

    func deliverPlaintext(_ context: ChannelHandlerContext) {
        guard plaintext.readableBytes > 0 else { return }
        let data = plaintext
        plaintext = ByteBuffer()
        isReadWanted = false
        hasDeliveredSinceReadComplete = true
        context.fireChannelRead(wrapInboundOut(data))
    }
}
