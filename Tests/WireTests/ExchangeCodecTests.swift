import Models
import TestSupport
import Testing
import Wire

@Suite struct ExchangeCodecTests {
    private static let hash = ContentHash(digesting: [1, 2, 3])
    private static let cursor = Cursor(epoch: .max, version: 12, hash: hash)
    private static let head = Head(replica: ReplicaID(.max), sequence: 3, hash: hash)
    private static let run = ChangeRun(
        replica: Samples.replica,
        firstSequence: 4,
        previous: hash,
        bodies: [ChangeCodec.encode(Samples.change(Samples.operations)), [0xFF, 0x00], []]
    )

    static let requests = [
        SyncRequest(
            cursor: .start,
            heads: [Head(replica: ReplicaID(1), sequence: 0, hash: .zero)],
            runs: [],
            maximumBytes: 0
        ),
        SyncRequest(cursor: cursor, heads: [head], runs: [run, run], probes: [head, head], maximumBytes: 65536),
        SyncRequest(cursor: .start, heads: [head], runs: [], snapshot: .start, maximumBytes: 65536),
        SyncRequest(
            cursor: .start,
            heads: [head],
            runs: [],
            snapshot: SnapshotPosition(log: cursor, offset: 12),
            maximumBytes: 65536
        ),
    ]

    private static let page = SnapshotPage(
        changes: [
            SnapshotChange(replica: ReplicaID(.max), sequence: 3, body: [1, 2]),
            SnapshotChange(replica: ReplicaID(5), sequence: 1, body: []),
            SnapshotChange(replica: ReplicaID(.max), sequence: 4, body: [3]),
        ],
        next: SnapshotPosition(log: cursor, offset: 12),
        heads: [head]
    )

    static let answers = [
        SyncOutcome.accepted, .replicaForked(ReplicaID(7), common: 3), .replicaForked(ReplicaID(7), common: 0),
        .sendFrom(ReplicaID(8), 1), .clockAhead(ReplicaID(8), at: 7), .historyLost,
    ].flatMap { outcome in
        [
            SyncAnswer(
                outcome: outcome,
                accepted: [],
                runs: [],
                next: .start,
                hasMore: false,
                serverMilliseconds: 1,
                serverVersion: 0,
                digest: nil
            ),
            SyncAnswer(
                outcome: outcome,
                accepted: [head],
                runs: [run],
                snapshot: page,
                next: cursor,
                hasMore: true,
                serverMilliseconds: 1_385_100_000_000,
                serverVersion: UInt64(Int64.max) / 2,
                digest: hash
            ),
        ]
    }

    @Test(arguments: requests, [WireFormat.protobuf, .json])
    func `a request survives both forms`(request: SyncRequest, format: WireFormat) throws {
        #expect(try SyncRequest(body: request.body(format), format: format) == request)
    }

    @Test(arguments: answers, [WireFormat.protobuf, .json])
    func `an answer survives both forms`(answer: SyncAnswer, format: WireFormat) throws {
        #expect(try SyncAnswer(body: answer.body(format), format: format) == answer)
    }

    @Test func `the JSON form is the one of protobuf`() throws {
        let text = String(decoding: Self.requests[1].body(.json), as: UTF8.self)
        // 64-bit numbers are strings, names are in lower camel case, bytes are base64.
        #expect(text.contains(#""epoch":"18446744073709551615""#))
        #expect(text.contains(#""firstSequence":"4""#))
        #expect(text.contains(#""maximumBytes":65536"#))
        let typed = #"{"heads":[{"replica":"1"}],"maximum_bytes":9}"#
        let request = try SyncRequest(body: Array(typed.utf8), format: .json)
        #expect(request.maximumBytes == 9)
        #expect(request.cursor == .start)
    }

    @Test func `a cold request of one change stays small`() {
        let change = Samples.change([.set(.title, .text("Opening"), replaces: [])])
        let run = ChangeRun(
            replica: Samples.replica,
            firstSequence: 1,
            previous: Self.hash,
            bodies: [ChangeCodec.encode(change)]
        )
        let request = SyncRequest(cursor: Self.cursor, heads: [Self.head], runs: [run], maximumBytes: 1 << 20)
        #expect(request.body(.protobuf).count < 250)
    }

    // MARK: What is refused

    private func reason(_ change: (inout SyncRequest) -> Void) -> WireError.Reason? {
        var request = Self.requests[1]
        change(&request)
        do throws(WireError) {
            _ = try SyncRequest(body: request.body(.protobuf), format: .protobuf)
            return nil
        } catch {
            #expect(!error.description.isEmpty)
            return error.reason
        }
    }

    @Test func `each field that no writer of ours makes is refused by name`() {
        #expect(reason { _ in } == nil)
        #expect(reason { $0.heads = [] } == .invalidField("heads"))
        let many = Array(repeating: Self.head, count: Limits.maximumReferenceCount + 1)
        #expect(reason { $0.heads = many } == .invalidField("heads"))
        #expect(reason { $0.heads[0].replica = ReplicaID(0) } == .invalidField("replica"))
        #expect(reason { $0.heads[0].sequence = .max } == .invalidField("head.sequence"))
        #expect(reason { $0.runs[0].replica = ReplicaID(0) } == .invalidField("replica"))
        #expect(reason { $0.runs[0].firstSequence = 0 } == .invalidField("first_sequence"))
        #expect(reason { $0.runs[0].firstSequence = .max } == .invalidField("first_sequence"))
        #expect(reason { $0.cursor.version = .max } == .invalidField("cursor.version"))
        let probes = Array(repeating: Self.head, count: Limits.maximumProbeCount + 1)
        #expect(reason { $0.probes = probes } == .invalidField("probes"))
        let bodies = Array(repeating: [UInt8](), count: Limits.maximumExchangeChangeCount + 1)
        #expect(reason { $0.runs[0].bodies = bodies } == .invalidField("runs"))
        let large = [UInt8](repeating: 0, count: Limits.maximumChangeBytes + 1)
        #expect(reason { $0.runs[0].bodies = [large] } == .tooLarge(maximum: Limits.maximumChangeBytes))
    }

    @Test func `a device cannot ask for more than an exchange carries`() throws {
        var request = Self.requests[0]
        request.maximumBytes = .max
        let back = try SyncRequest(body: request.body(.protobuf), format: .protobuf)
        #expect(back.maximumBytes == Limits.maximumExchangeBytes)
    }

    @Test func `an outcome of a later server is refused`() {
        #expect(throws: WireError(.invalidField("outcome"))) {
            try SyncAnswer(body: [0x08, 0x63], format: .protobuf)
        }
    }

    @Test func `a time or a version that leaves no room to count on is refused`() throws {
        let changes: [(inout SyncAnswer) -> Void] = [
            { $0.serverMilliseconds = .max }, { $0.serverVersion = .max }, { $0.floor = .max },
        ]
        for change in changes {
            var answer = Self.answers[0]
            change(&answer)
            #expect(throws: WireError.self) { try SyncAnswer(body: answer.body(.protobuf), format: .protobuf) }
        }
    }

    @Test(arguments: [WireFormat.protobuf, .json])
    func `an answer of which nothing came is not the answer that there is nothing`(format: WireFormat) {
        #expect(throws: WireError(.invalidField("server_milliseconds"))) {
            try SyncAnswer(body: format == .json ? Array("{}".utf8) : [], format: format)
        }
    }

    @Test func `a hash of another length is refused`() {
        // Field 9, the digest, with three bytes.
        #expect(throws: WireError(.invalidField("digest"))) {
            try SyncAnswer(body: [0x4A, 0x03, 1, 2, 3], format: .protobuf)
        }
    }

    @Test(arguments: [WireFormat.protobuf, .json])
    func `bytes cut off or flipped anywhere are a typed error or another message`(format: WireFormat) {
        let bytes = Self.answers[1].body(format)
        for index in bytes.indices {
            read(Array(bytes[..<index]), format)
            for bit in [0, 1, 4, 7] {
                var damaged = bytes
                damaged[index] ^= 1 << bit
                read(damaged, format)
            }
        }
    }

    private func read(_ bytes: [UInt8], _ format: WireFormat) {
        // The error's type is part of the signature; what is left to see is that it ends.
        guard let answer = try? SyncAnswer(body: bytes, format: format) else { return }
        if (try? SyncAnswer(body: answer.body(format), format: format)) == answer { return }
        Issue.record("an answer that was read does not survive its bytes: \(answer)")
    }
}

@Suite struct LinkCodecTests {
    private let request = LinkRequest(
        link: [UInt8](repeating: 1, count: 8),
        proof: [UInt8](repeating: 2, count: 32),
        deviceName: "Büro 東京",
        replica: ReplicaID(5)
    )

    @Test(arguments: [WireFormat.protobuf, .json])
    func `linking and the list of devices survive both forms`(format: WireFormat) throws {
        #expect(try LinkRequest(body: request.body(format), format: format) == request)
        let answer = LinkAnswer(
            notebook: NotebookID(Samples.record.bits),
            credential: try #require(Credential(bytes: [UInt8](repeating: 9, count: 32))),
            device: 3,
            person: "owner",
            notebookName: "notes",
            sparePin: [UInt8](repeating: 4, count: 32),
            otherDevices: ["phone", "laptop"]
        )
        #expect(try LinkAnswer(body: answer.body(format), format: format) == answer)
        let list = DeviceList(devices: [
            DeviceList.Device(
                id: 1,
                name: "a",
                linkedMilliseconds: 2,
                seenMilliseconds: 3,
                isRevoked: true,
                isCurrent: false
            )
        ])
        #expect(try DeviceList(body: list.body(format), format: format) == list)
        let rename = DeviceRename(name: "new name")
        #expect(try DeviceRename(body: rename.body(format), format: format) == rename)
    }

    @Test func `a link request is whole or refused`() {
        func reason(_ change: (inout LinkRequest) -> Void) -> WireError.Reason? {
            var request = request
            change(&request)
            do throws(WireError) {
                _ = try LinkRequest(body: request.body(.protobuf), format: .protobuf)
                return nil
            } catch {
                return error.reason
            }
        }
        #expect(reason { _ in } == nil)
        #expect(reason { $0.link = [1] } == .invalidField("link"))
        #expect(reason { $0.proof = [] } == .invalidField("proof"))
        #expect(reason { $0.deviceName = "" } == .invalidField("device_name"))
        #expect(reason { $0.deviceName = "two\nlines" } == .invalidField("device_name"))
        #expect(reason { $0.replica = ReplicaID(0) } == .invalidField("replica"))
    }

    @Test func `a proof holds for its secret, its connection and its name alone`() {
        let secret = [UInt8](repeating: 7, count: 16)
        let exporter = [UInt8](repeating: 8, count: 32)
        var request = request
        request.link = LinkProof.linkID(ofSecret: secret)
        request.proof = LinkProof.proof(secret: secret, exporter: exporter, deviceName: request.deviceName)
        #expect(LinkProof.isValid(request, secret: secret, exporter: exporter))
        #expect(!LinkProof.isValid(request, secret: [UInt8](repeating: 6, count: 16), exporter: exporter))
        #expect(!LinkProof.isValid(request, secret: secret, exporter: [UInt8](repeating: 9, count: 32)))
        request.deviceName = "another"
        #expect(!LinkProof.isValid(request, secret: secret, exporter: exporter))
    }
}
