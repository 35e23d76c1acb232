import Deflate
import EgWalker
import Models
import Wire

/// What each decoder is first fed with: one whole value of its kind, so that chance begins behind the first bytes.
extension Decoder {
    public var seeds: [[UInt8]] {
        switch self {
        case .change: changes.map { ChangeCodec.encode($0) }
        case .exchangeProtobuf: messages.map { $0.body(.protobuf) }
        case .exchangeJSON: messages.map { $0.body(.json) }
        case .state: [StateCodec.encode(RecordState(before: changes[0])), StateCodec.encode(state)]
        case .spans: [SpanCodec.encode([.insert(at: 3, text: "Zwölf 十二"), .delete(at: 7, count: 2)])]
        // Without their checksums, which are added before they are read.
        case .document:
            [document.encoded(), document.encoded(deflating: { Deflate.deflate($0) })].map { $0.dropLast(8) }
        case .link: [Array(link.description.utf8), Array("[::1]:8443".utf8), Array("k7qf".utf8)]
        case .times: ["12:36", "@14:12", "-1m30s", "1h30m", "2013-11-22T14:00+08:00", "now"].map { Array($0.utf8) }
        case .json: [Array(#"{"type":"note","text":"a\u00e9😀","position":1.5e3,"tags":[null,true]}"#.utf8)]
        case .text: [Array("Zwölf 十二".utf8)]
        case .inflate: [Deflate.deflate(Array("to inflate, to inflate, to inflate".utf8))]
        case .body:
            messages.flatMap {
                [[0] + $0.body(.protobuf), [2] + $0.body(.json), [1] + Deflate.deflate($0.body(.protobuf))]
            }
        }
    }

    private var replica: ReplicaID { ReplicaID(0x0123_4567_89AB_CDEF) }
    private var record: RecordID { RecordID(milliseconds: 1_385_100_000_000, random: (0xABC, 0x1234_5678_9ABC_DEF0)) }
    private var stamps: [Stamp] { [Stamp(time: 1_385_100_000_000 << 16 | 3, replica: ReplicaID(1))] }

    private var changes: [Change] {
        let operations: [Operation] = [
            .set(.title, .text("Opening"), replaces: stamps), .set(.position, .integer(-1), replaces: []),
            .set(.session, .reference(record), replaces: []), .include(.tags, "rust", replaces: stamps),
            .exclude(.tags, "日本", replaces: stamps), .delete(seen: stamps),
            .edit(
                .body,
                TextEdit(
                    parents: [ChangeID(agent: 1, sequence: 4)],
                    spans: [.delete(at: 3, count: 2), .insert(at: 3, text: "twelve")]
                )
            ),
        ]
        return (operations.map { [$0] } + [operations]).enumerated().map { number, operations in
            Change(
                replica: replica,
                sequence: UInt64(number + 1),
                time: 1_385_100_000_001 << 16,
                record: record,
                kind: .note,
                operations: operations
            )
        }
    }

    private var state: RecordState {
        var state = RecordState(before: changes[0])
        for change in changes { state.apply(change) }
        return state
    }

    private var messages: [any WireMessage] {
        let hash = ContentHash.zero
        let cursor = Cursor(epoch: 7, version: 3, hash: hash)
        let head = Head(replica: replica, sequence: 1, hash: hash)
        let run = ChangeRun(
            replica: replica,
            firstSequence: 2,
            previous: hash,
            bodies: changes.map { ChangeCodec.encode($0) }
        )
        let outcomes: [SyncOutcome] = [
            .accepted, .replicaForked(replica, common: 1), .sendFrom(replica, 2), .clockAhead(milliseconds: 9),
            .historyLost,
        ]
        let answers: [any WireMessage] = outcomes.map {
            SyncAnswer(
                outcome: $0,
                accepted: [head],
                runs: [run],
                next: cursor,
                hasMore: true,
                serverMilliseconds: 1_385_100_000_002,
                serverVersion: 4,
                digest: hash
            )
        }
        return answers + [
            SyncRequest(cursor: cursor, heads: [head], runs: [run], probes: [head], maximumBytes: 65_536),
            LinkRequest(
                link: Array(repeating: 1, count: LinkRequest.linkByteCount),
                proof: Array(repeating: 2, count: LinkRequest.proofByteCount),
                deviceName: "phone",
                replica: replica
            ),
            DeviceRename(name: "laptop"),
        ]
    }

    private var document: TextDocument {
        var here = TextDocument(agent: 1)
        var there = TextDocument(agent: 2)
        do {
            try here.setText("one two three")
            try there.apply(here.changes(since: []))
            try here.setText("one 2 three " + String(repeating: "four ", count: 60))
            try there.setText("one two three, 十二 😀")
            try here.apply(there.changes(since: []))
        } catch {
            preconditionFailure("\(error)")
        }
        return here
    }

    private var link: LinkText {
        guard let address = ServerAddress("desk.example.org:8443") else { preconditionFailure("an address") }
        return LinkText(
            address: address,
            pin: Array(repeating: 3, count: LinkText.pinByteCount),
            secret: Array(repeating: 4, count: LinkText.secretByteCount)
        )
    }
}
