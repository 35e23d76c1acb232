import CommandInput
import Deflate
import EgWalker
import Models
import SyncClient
import SyncServer
import Wire

/// Every way in which bytes from outside become values. Each is total: whatever the bytes are, it ends with a value
/// or an error. What was read is written and read again, and must be the same.
public enum Decoder: String, CaseIterable {
    case change
    case exchangeProtobuf = "exchange-protobuf"
    case exchangeJSON = "exchange-json"
    case verifyProtobuf = "verify-protobuf"
    case verifyJSON = "verify-json"
    case bundle
    case state
    case spans
    case document
    case link
    case server
    case ticket
    case problem
    case control
    case times
    case json
    case text
    case inflate
    case body

    public func read(_ bytes: [UInt8]) {
        switch self {
        case .change: Self.readChange(bytes)
        case .exchangeProtobuf: Self.readExchange(bytes, .protobuf)
        case .exchangeJSON: Self.readExchange(bytes, .json)
        case .verifyProtobuf: Self.readVerifying(bytes, .protobuf)
        case .verifyJSON: Self.readVerifying(bytes, .json)
        case .bundle: Self.readBundle(bytes)
        case .state: Self.readState(bytes)
        case .spans: Self.readSpans(bytes)
        case .document: Self.readDocument(bytes)
        case .link: Self.readLink(bytes)
        case .server: Self.readServer(bytes)
        case .ticket: Self.readTicket(bytes)
        case .problem: ClientReaders.problem(bytes)
        case .control: ControlReaders.line(bytes)
        case .times: CommandReaders.times(bytes)
        case .json: CommandReaders.json(bytes)
        case .text: CommandReaders.text(bytes)
        case .inflate: Self.readDeflated(bytes)
        case .body: Self.readBody(bytes)
        }
    }

    private static func readChange(_ bytes: [UInt8]) {
        let replica = ReplicaID(1)
        let folded = ChangeBody(bytes)?.folded.bytes
        if let folded {
            precondition(ChangeBody(bytes)?.bytes == bytes, "a body is written as another")
            precondition(hash(bytes, replica) == hash(folded, replica), "a folded change has another hash")
        }
        guard let change = try? ChangeCodec.decode(bytes, replica: replica, sequence: 1) else { return }
        let written = ChangeCodec.encode(change)
        let again = try? ChangeCodec.decode(written, replica: replica, sequence: 1)
        precondition(again == change || change.isPartlyUnknown, "a change is read back as another")
        let short = folded.flatMap { try? ChangeCodec.decode($0, replica: replica, sequence: 1) }
        precondition(short?.stamp == change.stamp, "a folded change is not read")
        precondition(short?.operations.count == change.operations.count, "folding loses operations")
    }

    private static func hash(_ body: [UInt8], _ replica: ReplicaID) -> ContentHash {
        Chain.hash(replica: replica, sequence: 1, previous: .zero, body: body)
    }

    private static func readState(_ bytes: [UInt8]) {
        guard let state = try? StateCodec.decode(bytes) else { return }
        let written = StateCodec.encode(state)
        guard let again = try? StateCodec.decode(written) else { preconditionFailure("a state is not read back") }
        precondition(StateCodec.encode(again) == written, "a state has two forms")
    }

    private static func readSpans(_ bytes: [UInt8]) {
        guard let spans = try? SpanCodec.decode(bytes) else { return }
        guard let again = try? SpanCodec.decode(SpanCodec.encode(spans)) else {
            preconditionFailure("spans are not read back")
        }
        precondition(again == spans, "spans are read back as others")
    }

    private static func readDocument(_ bytes: [UInt8]) {
        let inflating: TextInflating = { bytes, count in
            try Deflate.inflate(bytes, maximumBytes: count, maximumRatio: Limits.maximumInflateRatio)
        }
        // Chance does not find a checksum, so it is given.
        let bytes = bytes + checksum(of: bytes)
        guard let document = try? TextDocument(agent: 1, decoding: bytes, inflating: inflating) else { return }
        _ = document.conflicts()
        guard let again = try? TextDocument(agent: 1, decoding: document.encoded()) else {
            preconditionFailure("a text is not read back")
        }
        precondition(again.text == document.text, "a text is read back as another")
        guard let changes = try? document.changes(since: []) else { preconditionFailure("a text without changes") }
        var received = TextDocument(agent: 2)
        guard (try? received.apply(changes)) != nil else { preconditionFailure("its own changes do not fit") }
        precondition(received.text == document.text, "its changes make another text")
    }

    /// As `FrameFormat` in `EgWalker` has it.
    static func checksum(of bytes: [UInt8]) -> [UInt8] {
        var sum: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
        for start in stride(from: 0, through: bytes.count, by: 8) {
            var word: UInt64 = 0
            for (place, byte) in bytes[start..<min(start + 8, bytes.count)].enumerated() {
                word |= UInt64(byte) << UInt64(place * 8)
            }
            sum = (sum ^ word) &* 0xD6E8_FEB8_6659_FD93
            sum ^= sum >> 32
        }
        return (0..<8).map { UInt8(truncatingIfNeeded: sum >> ($0 * 8)) }
    }

    private static func readDeflated(_ bytes: [UInt8]) {
        let most = 1 << 20
        if let inflated = try? Deflate.inflate(bytes, maximumBytes: most, maximumRatio: Limits.maximumInflateRatio) {
            precondition(inflated.count <= most, "more than was allowed")
            let again = try? Deflate.inflate(Deflate.deflate(inflated), maximumBytes: most, maximumRatio: 1100)
            precondition(again == inflated, "what was deflated is not inflated again")
        }
    }
}

extension Change {
    /// Operations of a later program are carried as bytes, not written anew.
    fileprivate var isPartlyUnknown: Bool {
        operations.contains {
            if case .unknown = $0 { true } else { false }
        }
    }
}
