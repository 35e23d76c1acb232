import Models
import Wire

extension Decoder {
    /// Questions and answers of a device that verifies, and what it brings a damaged server.
    var verifyMessages: [any WireMessage] {
        questions + contents.map { VerifyAnswer(at: cursor, stateVersion: 1, content: $0) } + [
            RepairRequest(runs: [run], rebuilds: false), RepairRequest(runs: [], rebuilds: true),
            RepairAnswer(healedCount: 2, mendedCount: 300, isRebuilt: true),
        ]
    }

    private var span: ChangeSpan { ChangeSpan(replica: replica, first: 2, last: 300) }

    private var faults: [LogFault] {
        LogFault.Part.allCases.map {
            LogFault(replica: replica, sequence: 2, part: $0, hash: ContentHash(digesting: [2]))
        }
    }

    private var questions: [any WireMessage] {
        let questions: [VerifyQuestion] = [
            .position(heads: [head]), .log(after: 2), .state(after: nil, naming: []),
            .state(after: record, naming: [0, 7, 255]), .touched(beyond: [head], after: 2, through: nil),
            .touched(beyond: [], after: 2, through: 300), .changes([span], maximumBytes: 65_536),
        ]
        return questions
    }

    private var contents: [VerifyAnswer.Content] {
        let digest = RecordDigest(record: record, digest: ContentHash(digesting: [5]))
        var buckets = BucketDigests()
        buckets.toggle(digest)
        return [
            .position(LogPosition(heads: [head], forked: [replica])),
            .log(LogLook(faults: faults, through: 3, hasMore: true)),
            .state(StateLook(buckets: buckets, records: [digest], through: record, hasMore: true)),
            .state(StateLook(buckets: BucketDigests(), records: [], through: nil, hasMore: false)),
            .touched(TouchedLook(records: [record], spans: [span, span], through: 3, hasMore: true)),
            .changes(FoundChanges(runs: [run], faults: faults)),
        ]
    }
}
