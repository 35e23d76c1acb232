import Deflate
import HTTPTypes
import HummingbirdCore
import Models
import NIOCore
import Synchronization
import Wire

/// Reads bodies, within the limits on one body and on all of them together.
struct BodyReader: Sendable {
    let budget: BodyBudget

    /// What the header fields say of the body's length; nil for a chunked one.
    static func expectedByteCount(_ headers: HTTPFields, of route: Route) throws(Problem) -> Int? {
        let isChunked = headers[.transferEncoding] != nil
        let count = headers[.contentLength].flatMap { Int($0) }
        guard let maximum = route.maximumBodyBytes else {
            guard !isChunked, count ?? 0 == 0 else { throw .unexpectedBody }
            return 0
        }
        if isChunked { return nil }
        guard let count else { throw .lengthRequired }
        guard count <= maximum else { throw .bodyTooLarge(maximum: maximum) }
        return count
    }

    /// The whole body as it travels, handed to `use` while its bytes are counted.
    ///
    /// - Throws: ``ConnectionBroken`` if the rest of it does not come.
    func withBody<Result>(
        _ body: RequestBody,
        of task: RequestTask,
        _ use: ([UInt8]) async throws -> Result
    ) async throws -> Result {
        let maximum = task.route.maximumBodyBytes ?? 0
        var bytes: [UInt8] = []
        defer { budget.release(bytes.count) }
        bytes.reserveCapacity(min(task.bodyByteCount ?? 0, 256 * 1024))
        var iterator = body.makeAsyncIterator()
        while let piece = try await Self.next(&iterator) {
            let count = piece.readableBytes
            guard bytes.count + count <= maximum else { throw Problem.bodyTooLarge(maximum: maximum) }
            guard budget.reserve(count) else { throw Problem.busy }
            bytes.append(contentsOf: piece.readableBytesView)
        }
        guard task.bodyByteCount == nil || task.bodyByteCount == bytes.count else { throw ConnectionBroken() }
        return try await use(bytes)
    }

    private static func next(_ iterator: inout RequestBody.AsyncIterator) async throws -> ByteBuffer? {
        do { return try await iterator.next() } catch { throw ConnectionBroken() }
    }

    /// Inflates where needed, and reads a message. Blocks for as long as its size takes.
    static func message<Message: WireMessage>(
        _ type: Message.Type,
        _ bytes: [UInt8],
        _ forms: BodyForms,
        maximumBytes: Int
    ) throws -> Message {
        guard forms.isRequestDeflated else { return try Message(body: bytes, format: forms.request) }
        let inflated = try Deflate.inflate(
            bytes,
            maximumBytes: maximumBytes,
            maximumRatio: Limits.maximumInflateRatio
        )
        return try Message(body: inflated, format: forms.request)
    }

    /// A message as the body of an answer. Blocks for as long as its size takes.
    static func answer(_ message: some WireMessage, _ forms: BodyForms) -> Answer {
        let bytes = message.body(forms.answer)
        let type = BodyForms.mediaType(forms.answer)
        if forms.mayDeflateAnswer, bytes.count > Limits.minimumDeflateBytes {
            let deflated = Deflate.deflate(bytes)
            if deflated.count < bytes.count {
                var answer = Answer(type: type, body: deflated)
                answer.head.headerFields[.contentEncoding] = "deflate"
                return answer
            }
        }
        return Answer(type: type, body: bytes)
    }
}

/// Bytes that all bodies together may hold.
final class BodyBudget: Sendable {
    private let left: Mutex<Int>

    init(maximum: Int) { left = Mutex(maximum) }

    func reserve(_ count: Int) -> Bool {
        left.withLock { left in
            guard count <= left else { return false }
            left -= count
            return true
        }
    }

    func release(_ count: Int) { left.withLock { $0 += count } }
}
