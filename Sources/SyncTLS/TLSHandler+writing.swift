public import NIOCore

extension TLSHandler {
    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if let refusal = state.refusalOfWrite() {
            promise?.fail(refusal)
            return
        }
        let data = unwrapOutboundIn(data)
        pendingWrites.append(PendingWrite(data: data, promise: promise))
        pendingWriteByteCount += data.readableBytes
        let maximum = self.context.limits.maximumBufferedBytes
        if !state.encrypts && pendingWriteByteCount > maximum {
            fail(context, .tooManyBufferedBytes(maximum: maximum))
        }
    }

    public func flush(context: ChannelHandlerContext) {
        pendingWrites.mark()
        encryptPendingWrites(context)
        context.flush()
    }

    /// Encrypts the writes that were flushed, in order, and hands them on as one.
    ///
    /// Small writes that follow each other share a record: a request's head and body are 22 bytes shorter so.
    func encryptPendingWrites(_ context: ChannelHandlerContext) {
        guard state.encrypts, pendingWrites.hasMark else { return }
        var promises: [EventLoopPromise<Void>] = []
        var batch = ByteBuffer()
        var ciphertext = context.channel.allocator.buffer(capacity: ciphertextCapacity)
        var error: TLSError?
        // What is not marked was written after the last flush, and stays.
        while error == nil, pendingWrites.hasMark, let write = pendingWrites.popFirst() {
            pendingWriteByteCount -= write.data.readableBytes
            if let promise = write.promise {
                promises.append(promise)
            }
            if batch.readableBytes == 0 {
                batch = write.data
            } else if batch.readableBytes + write.data.readableBytes <= TLSLimits.maximumRecordBytes {
                batch.writeImmutableBuffer(write.data)
            } else {
                error = session.write(batch, into: &ciphertext)
                batch = write.data
            }
        }
        if error == nil {
            error = session.write(batch, into: &ciphertext)
        }
        if let error {
            promises.forEach { $0.fail(error) }
            fail(context, error)
            return
        }
        context.write(wrapOutboundOut(ciphertext), promise: Self.promiseForAll(promises, on: context.eventLoop))
    }

    /// About what all that waits will take, so that the buffer does not grow step by step.
    private var ciphertextCapacity: Int {
        let recordCount = pendingWriteByteCount / TLSLimits.maximumRecordBytes + 1
        return pendingWriteByteCount + recordCount * TLSLimits.recordOverheadBytes
    }

    /// A promise that completes all of `promises`, in their order.
    private static func promiseForAll(
        _ promises: [EventLoopPromise<Void>],
        on eventLoop: any EventLoop
    ) -> EventLoopPromise<Void>? {
        guard promises.count > 1 else { return promises.first }
        let promise = eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { result in
            promises.forEach { $0.completeWith(result) }
        }
        return promise
    }

    /// Hands on what OpenSSL has made on its own. Answers whether there was anything; the caller flushes.
    @discardableResult
    func writeCiphertext(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>? = nil) -> Bool {
        var ciphertext = ByteBuffer()
        session.drain(into: &ciphertext)
        guard ciphertext.readableBytes > 0 || promise != nil else { return false }
        context.write(wrapOutboundOut(ciphertext), promise: promise)
        return true
    }

    /// Fails all that waits. What the promises call finds the buffer empty.
    func failPendingWrites(_ error: any Error) {
        pendingWriteByteCount = 0
        while let write = pendingWrites.popFirst() {
            write.promise?.fail(error)
        }
    }
}
