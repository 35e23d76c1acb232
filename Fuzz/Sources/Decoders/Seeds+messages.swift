import Models
import Wire

extension Decoder {
    /// Requests and answers of sync and of linking, with each field set in one of them.
    var messages: [any WireMessage] { requests + answers + linking }

    var head: Head { Head(replica: replica, sequence: 1, hash: ContentHash(digesting: [1])) }
    var cursor: Cursor { Cursor(epoch: 7, version: 3, hash: ContentHash(digesting: [3])) }

    var run: ChangeRun {
        ChangeRun(
            replica: replica,
            firstSequence: 2,
            previous: ContentHash(digesting: [1]),
            bodies: [bodies[0], bodies[bodies.count - 1]]
        )
    }

    private var proof: HeadProof {
        HeadProof(replica: replica, sequence: 3, code: Array(repeating: 5, count: HeadProof.codeByteCount))
    }

    private var requests: [SyncRequest] {
        [
            SyncRequest(cursor: cursor, heads: [head], runs: [run], proofs: [proof], maximumBytes: 65_536),
            SyncRequest(cursor: cursor, heads: [head], runs: [], probes: [head, head], maximumBytes: 0),
            SyncRequest(cursor: .start, heads: [head], known: [head], runs: [run], isShared: true, maximumBytes: 1),
            SyncRequest(
                cursor: .start,
                heads: [Head(replica: replica, sequence: 0, hash: .zero)],
                runs: [],
                snapshot: .start,
                maximumBytes: 65_536
            ),
            SyncRequest(
                cursor: .start,
                heads: [head],
                runs: [],
                snapshot: SnapshotPosition(log: cursor, offset: 2),
                maximumBytes: 65_536
            ),
        ]
    }

    private var answers: [SyncAnswer] {
        let outcomes: [SyncOutcome] = [
            .accepted, .replicaForked(replica, common: 1), .sendFrom(replica, 2), .clockAhead(replica, at: 9),
            .historyLost,
        ]
        let whole = [answer(.accepted, snapshot: page(offset: 2)), answer(.accepted, snapshot: page(offset: 3))]
        return whole + outcomes.map { answer($0, runs: [run]) } + [smallAnswer]
    }

    private func answer(_ outcome: SyncOutcome, runs: [ChangeRun] = [], snapshot: SnapshotPage? = nil) -> SyncAnswer {
        SyncAnswer(
            outcome: outcome,
            accepted: [head],
            runs: runs,
            snapshot: snapshot,
            proofs: [proof],
            next: snapshot == nil ? cursor : .start,
            hasMore: snapshot != nil,
            serverMilliseconds: 1_385_100_000_002,
            serverVersion: 4,
            digest: snapshot == nil ? ContentHash(digesting: [4]) : nil,
            floor: snapshot == nil ? 2 : 0
        )
    }

    /// With a page alone and next to nothing in it: in few bytes chance finds each sooner.
    private var smallAnswer: SyncAnswer {
        var answer = answer(.accepted, snapshot: page(offset: 2))
        answer.accepted = []
        answer.proofs = []
        answer.snapshot?.changes = [1, 1, 2].map { SnapshotChange(replica: ReplicaID($0), sequence: $0, body: [1]) }
        return answer
    }

    /// A page of a snapshot of three changes, the last one at its end.
    private func page(offset: UInt64) -> SnapshotPage {
        SnapshotPage(
            changes: [
                SnapshotChange(replica: replica, sequence: 1, body: bodies[0]),
                SnapshotChange(replica: ReplicaID(1), sequence: offset, body: bodies[bodies.count - 1]),
            ],
            next: SnapshotPosition(log: cursor, offset: offset),
            heads: offset == cursor.version ? [head] : []
        )
    }

    private var linking: [any WireMessage] {
        let request = LinkRequest(
            link: Array(repeating: 1, count: LinkRequest.linkByteCount),
            proof: Array(repeating: 2, count: LinkRequest.proofByteCount),
            deviceName: "phone",
            replica: replica
        )
        let answer = Credential(bytes: Array(repeating: 6, count: Credential.byteCount)).map { credential in
            LinkAnswer(
                notebook: NotebookID(record.bits),
                credential: credential,
                device: 2,
                person: "Zoë",
                notebookName: "notes",
                sparePin: Array(repeating: 3, count: LinkText.pinByteCount),
                otherDevices: ["laptop"]
            )
        }
        let device = DeviceList.Device(
            id: 2,
            name: "phone",
            linkedMilliseconds: 1_385_100_000_000,
            seenMilliseconds: 1_385_100_000_003,
            isRevoked: true,
            isCurrent: true
        )
        return [request, DeviceList(devices: [device]), DeviceRename(name: "laptop")] + [answer].compactMap { $0 }
    }
}
