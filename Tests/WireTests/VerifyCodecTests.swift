import Models
import Testing
import Wire

@Suite struct VerifyCodecTests {
    private static let hash = ContentHash(digesting: [1, 2, 3])
    private static let head = Head(replica: ReplicaID(.max), sequence: 3, hash: hash)
    private static let record = RecordID(milliseconds: 1, random: (2, 3))
    private static let span = ChangeSpan(replica: ReplicaID(7), first: 2, last: 9)
    private static let faults = LogFault.Part.allCases.map {
        LogFault(replica: ReplicaID(0), sequence: .max, part: $0, hash: hash)
    }
    private static let run = ChangeRun(
        replica: Samples.replica,
        firstSequence: 4,
        previous: hash,
        bodies: [ChangeCodec.encode(Samples.change(Samples.operations)), [0xFF, 0x00], []]
    )
    private static var buckets: BucketDigests {
        var buckets = BucketDigests()
        buckets.toggle(RecordDigest(record: record, digest: hash))
        return buckets
    }

    static let questions: [VerifyQuestion] = [
        .position(heads: []), .position(heads: [head, head]), .log(after: 0), .log(after: 12),
        .state(after: nil, naming: []), .state(after: record, naming: [0, 3, 255]),
        .touched(beyond: [head], after: 4, through: nil), .touched(beyond: [], after: 0, through: 9),
        .changes([span, span], maximumBytes: 65536),
    ]

    static let answers: [VerifyAnswer] = [
        VerifyAnswer.Content.position(LogPosition(heads: [head], forked: [ReplicaID(1)])),
        .log(LogLook(faults: faults, through: 12, hasMore: true)),
        .state(
            StateLook(
                buckets: buckets,
                records: [RecordDigest(record: record, digest: hash)],
                through: record,
                hasMore: true
            )
        ),
        .state(StateLook(buckets: BucketDigests(), records: [], through: nil, hasMore: false)),
        .touched(TouchedLook(records: [record], spans: [span], through: 7, hasMore: true)),
        .changes(FoundChanges(runs: [run], faults: faults)),
    ].map { VerifyAnswer(at: Cursor(epoch: .max, version: 12, hash: hash), stateVersion: 1, content: $0) }

    private static let forms = [WireFormat.protobuf, .json]

    @Test(arguments: questions, forms)
    func `a question survives both forms`(question: VerifyQuestion, format: WireFormat) throws {
        #expect(try VerifyQuestion(body: question.body(format), format: format) == question)
    }

    @Test(arguments: answers, forms)
    func `an answer survives both forms`(answer: VerifyAnswer, format: WireFormat) throws {
        #expect(try VerifyAnswer(body: answer.body(format), format: format) == answer)
    }

    @Test(arguments: forms)
    func `a repair survives both forms`(format: WireFormat) throws {
        let request = RepairRequest(runs: [Self.run], rebuilds: true)
        #expect(try RepairRequest(body: request.body(format), format: format) == request)
        let answer = RepairAnswer(healedCount: 3, mendedCount: 2, isRebuilt: true)
        #expect(try RepairAnswer(body: answer.body(format), format: format) == answer)
    }

    @Test(arguments: forms)
    func `bytes cut off or flipped anywhere are a typed error or another message`(format: WireFormat) {
        let bodies = Self.questions.map { $0.body(format) } + Self.answers.map { $0.body(format) }
        for body in bodies {
            for index in stride(from: 0, to: body.count, by: body.count > 500 ? 97 : 5) {
                read(Array(body.prefix(index)), format)
                for bit in 0..<8 {
                    var damaged = body
                    damaged[index] ^= 1 << bit
                    read(damaged, format)
                }
            }
        }
    }

    private func read(_ bytes: [UInt8], _ format: WireFormat) {
        _ = try? VerifyQuestion(body: bytes, format: format)
        _ = try? VerifyAnswer(body: bytes, format: format)
        _ = try? RepairRequest(body: bytes, format: format)
        _ = try? RepairAnswer(body: bytes, format: format)
    }

    @Test(arguments: [
        #"{}"#, #"{"position":{"heads":[{"replica":"0"}]}}"#, #"{"log":{"after":"18446744073709551615"}}"#,
        #"{"state":{"after":"AAA="}}"#, #"{"state":{"buckets":[256]}}"#, #"{"state":{"buckets":[4294967295]}}"#,
        #"{"touched":{"last":"18446744073709551615"}}"#, #"{"changes":{}}"#,
        #"{"changes":{"spans":[{"replica":"1","first":"0","last":"1"}]}}"#,
        #"{"changes":{"spans":[{"replica":"1","first":"2","last":"1"}]}}"#,
        #"{"changes":{"spans":[{"replica":"0","first":"1","last":"1"}]}}"#,
        #"{"changes":{"spans":[{"replica":"1","first":"1","last":"18446744073709551615"}]}}"#,
    ])
    func `a question that no device of ours asks is refused`(text: String) {
        #expect(throws: WireError.self) { try VerifyQuestion(body: Array(text.utf8), format: .json) }
    }

    @Test func `each question has its limit`() {
        let spans = Array(repeating: Self.span, count: Limits.maximumVerifySpanCount + 1)
        let heads = Array(repeating: Self.head, count: Limits.maximumReplicaCount + 1)
        let bodies = Array(repeating: [UInt8](), count: Limits.maximumExchangeChangeCount + 1)
        func refuses(_ message: some WireMessage) -> Bool {
            (try? type(of: message).init(body: message.body(.protobuf), format: .protobuf)) == nil
        }
        #expect(refuses(VerifyQuestion.changes(spans, maximumBytes: 1)))
        #expect(refuses(VerifyQuestion.position(heads: heads)))
        #expect(refuses(VerifyQuestion.touched(beyond: heads, after: 0, through: nil)))
        var run = Self.run
        run.bodies = bodies
        #expect(refuses(RepairRequest(runs: [run], rebuilds: false)))
        #expect(!refuses(VerifyQuestion.changes([Self.span], maximumBytes: 1)))
    }

    @Test func `the longest question fits the body that a server takes`() {
        let heads = Array(repeating: Self.head, count: Limits.maximumReplicaCount)
        let question = VerifyQuestion.touched(beyond: heads, after: .max / 4, through: .max / 4)
        #expect(question.body(.json).count < Limits.maximumVerifyQuestionBytes)
    }
}
