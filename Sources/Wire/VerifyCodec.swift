import FoundationEssentials
public import Models
import SwiftProtobuf

// Verifying and repairing, as HTTP bodies.

extension VerifyQuestion: ProtobufBacked {
    /// Each question.
    static let nesting = FieldCount.Nesting(fields: [1: .flat, 2: .flat, 3: .flat, 4: .flat, 5: .flat])

    init(_ message: Webinar_V1_VerifyRequest) throws(WireError) {
        switch message.question {
        case .position(let question): self = .position(heads: try checkedHeads(question.heads))
        case .log(let question): self = .log(after: try checkedVersion(question.after))
        case .state(let question):
            self = .state(
                after: try checkedRecord(orNone: question.after),
                naming: try checkedBuckets(question.buckets)
            )
        case .touched(let question):
            self = .touched(
                beyond: try checkedHeads(question.heads),
                after: try checkedVersion(question.after),
                through: question.last == 0 ? nil : try checkedVersion(question.last)
            )
        case .changes(let question):
            guard (1...Limits.maximumVerifySpanCount).contains(question.spans.count) else {
                throw WireError(.invalidField("spans"))
            }
            self = .changes(
                try question.spans.map(checkedSpan),
                maximumBytes: min(Int(question.maximumBytes), Limits.maximumBatchBytes)
            )
        case nil: throw WireError(.invalidField("question"))
        }
    }

    var message: Webinar_V1_VerifyRequest {
        var message = Webinar_V1_VerifyRequest()
        switch self {
        case .position(let heads): message.position.heads = heads.map(\.message)
        case .log(let after): message.log.after = after
        case .state(let after, let buckets):
            message.state.after = Data(after?.bits.bytes ?? [])
            message.state.buckets = buckets.sorted().map { UInt32($0) }
        case .touched(let heads, let after, let through):
            message.touched.heads = heads.map(\.message)
            message.touched.after = after
            message.touched.last = through ?? 0
        case .changes(let spans, let maximumBytes):
            message.changes.spans = spans.map(\.message)
            message.changes.maximumBytes = UInt32(clamping: maximumBytes)
        }
        return message
    }
}

extension VerifyAnswer: ProtobufBacked {
    /// Each answer, and the runs of the last.
    static let nesting = FieldCount.Nesting(fields: [
        3: .flat, 4: .flat, 5: .flat, 6: .flat, 7: FieldCount.Nesting(fields: [1: .flat]),
    ])

    init(_ message: Webinar_V1_VerifyResponse) throws(WireError) {
        let content: Content
        switch message.answer {
        case .position(let answer): content = .position(try LogPosition(answer))
        case .log(let answer): content = .log(try LogLook(answer))
        case .state(let answer): content = .state(try StateLook(answer))
        case .touched(let answer): content = .touched(try TouchedLook(answer))
        case .changes(let answer): content = .changes(try FoundChanges(answer))
        case nil: throw WireError(.invalidField("answer"))
        }
        self.init(at: try Cursor(message.at), stateVersion: message.stateVersion, content: content)
    }

    var message: Webinar_V1_VerifyResponse {
        var message = Webinar_V1_VerifyResponse()
        message.at = at.message
        message.stateVersion = stateVersion
        switch content {
        case .position(let answer): message.position = answer.message
        case .log(let answer): message.log = answer.message
        case .state(let answer): message.state = answer.message
        case .touched(let answer): message.touched = answer.message
        case .changes(let answer): message.changes = answer.message
        }
        return message
    }
}

extension RepairRequest: ProtobufBacked {
    /// Runs.
    static let nesting = FieldCount.Nesting(fields: [1: .flat])

    init(_ message: Webinar_V1_RepairRequest) throws(WireError) {
        guard message.runs.reduce(0, { $0 + $1.changes.count }) <= Limits.maximumExchangeChangeCount else {
            throw WireError(.invalidField("runs"))
        }
        self.init(runs: try message.runs.map(checkedRun), rebuilds: message.rebuild)
    }

    var message: Webinar_V1_RepairRequest {
        var message = Webinar_V1_RepairRequest()
        message.runs = runs.map(\.message)
        message.rebuild = rebuilds
        return message
    }
}

extension RepairAnswer: ProtobufBacked {
    init(_ message: Webinar_V1_RepairResponse) throws(WireError) {
        self.init(
            healedCount: Int(message.healed),
            mendedCount: Int(message.mended),
            isRebuilt: message.rebuilt
        )
    }

    var message: Webinar_V1_RepairResponse {
        var message = Webinar_V1_RepairResponse()
        message.healed = UInt32(clamping: healedCount)
        message.mended = UInt32(clamping: mendedCount)
        message.rebuilt = isRebuilt
        return message
    }
}

// MARK: - Parts

extension LogPosition {
    fileprivate init(_ message: Webinar_V1_PositionAnswer) throws(WireError) {
        guard message.forked.count <= Limits.maximumReplicaCount else { throw WireError(.invalidField("forked")) }
        self.init(heads: try checkedHeads(message.heads), forked: message.forked.map { ReplicaID($0) })
    }

    fileprivate var message: Webinar_V1_PositionAnswer {
        var message = Webinar_V1_PositionAnswer()
        message.heads = heads.map(\.message)
        message.forked = forked.map(\.rawValue)
        return message
    }
}

extension LogLook {
    fileprivate init(_ message: Webinar_V1_LogAnswer) throws(WireError) {
        self.init(
            faults: try checkedFaults(message.faults),
            through: try checkedVersion(message.through),
            hasMore: message.more
        )
    }

    fileprivate var message: Webinar_V1_LogAnswer {
        var message = Webinar_V1_LogAnswer()
        message.faults = faults.map(\.message)
        message.through = through
        message.more = hasMore
        return message
    }
}

extension StateLook {
    fileprivate init(_ message: Webinar_V1_StateAnswer) throws(WireError) {
        guard message.records.count <= Limits.maximumVerifyRecordCount else {
            throw WireError(.invalidField("records"))
        }
        self.init(
            buckets: try checkedDigests([UInt8](message.buckets)),
            records: try message.records.map(checkedDigest),
            through: try checkedRecord(orNone: message.through),
            hasMore: message.more
        )
    }

    fileprivate var message: Webinar_V1_StateAnswer {
        var message = Webinar_V1_StateAnswer()
        message.buckets = Data(buckets.digests.flatMap(\.bytes))
        message.records = records.map { record in
            var message = Webinar_V1_RecordDigest()
            message.record = Data(record.record.bits.bytes)
            message.digest = Data(record.digest.bytes)
            return message
        }
        message.through = Data(through?.bits.bytes ?? [])
        message.more = hasMore
        return message
    }
}

extension TouchedLook {
    fileprivate init(_ message: Webinar_V1_TouchedAnswer) throws(WireError) {
        guard message.records.count <= Limits.maximumVerifyRecordCount,
            message.spans.count <= Limits.maximumVerifyRecordCount
        else { throw WireError(.invalidField("records")) }
        self.init(
            records: Set(try message.records.map(checkedRecord)),
            spans: try message.spans.map(checkedSpan),
            through: try checkedVersion(message.through),
            hasMore: message.more
        )
    }

    fileprivate var message: Webinar_V1_TouchedAnswer {
        var message = Webinar_V1_TouchedAnswer()
        message.records = records.sorted().map { Data($0.bits.bytes) }
        message.spans = spans.map(\.message)
        message.through = through
        message.more = hasMore
        return message
    }
}

extension FoundChanges {
    fileprivate init(_ message: Webinar_V1_ChangesAnswer) throws(WireError) {
        self.init(runs: try message.runs.map(checkedRun), faults: try checkedFaults(message.faults))
    }

    fileprivate var message: Webinar_V1_ChangesAnswer {
        var message = Webinar_V1_ChangesAnswer()
        message.runs = runs.map(\.message)
        message.faults = faults.map(\.message)
        return message
    }
}

extension LogFault {
    fileprivate var message: Webinar_V1_LogFault {
        var message = Webinar_V1_LogFault()
        message.replica = replica.rawValue
        message.sequence = sequence
        message.hash = Data(hash.bytes)
        message.part =
            switch part {
            case .body: .body
            case .hash: .hash
            case .logHash: .logHash
            case .filing: .filing
            case .missing: .missing
            case .order: .order
            }
        return message
    }
}

extension ChangeSpan {
    fileprivate var message: Webinar_V1_ChangeSpan {
        var message = Webinar_V1_ChangeSpan()
        message.replica = replica.rawValue
        message.first = first
        message.last = last
        return message
    }
}

// MARK: - Checks

private func checkedHeads(_ messages: [Webinar_V1_Head]) throws(WireError) -> [Head] {
    guard messages.count <= Limits.maximumReplicaCount else { throw WireError(.invalidField("heads")) }
    return try messages.map(checkedHead)
}

/// A version of a log, with room to count on from it.
func checkedVersion(_ version: UInt64) throws(WireError) -> UInt64 {
    guard version <= UInt64(Int64.max) / 2 else { throw WireError(.invalidField("version")) }
    return version
}

private func checkedRecord(_ bytes: Data) throws(WireError) -> RecordID {
    guard let bits = UUIDBits(bytes: [UInt8](bytes)) else { throw WireError(.invalidField("record")) }
    return RecordID(bits)
}

private func checkedRecord(orNone bytes: Data) throws(WireError) -> RecordID? {
    bytes.isEmpty ? nil : try checkedRecord(bytes)
}

private func checkedBuckets(_ numbers: [UInt32]) throws(WireError) -> Set<UInt8> {
    guard numbers.count <= BucketDigests.count, numbers.allSatisfy({ $0 < BucketDigests.count }) else {
        throw WireError(.invalidField("buckets"))
    }
    return Set(numbers.map { UInt8($0) })
}

private func checkedDigests(_ bytes: [UInt8]) throws(WireError) -> BucketDigests {
    guard bytes.count == BucketDigests.count * 32 else { throw WireError(.invalidField("buckets")) }
    let digests = stride(from: 0, to: bytes.count, by: 32).compactMap { ContentHash(bytes: Array(bytes[$0..<$0 + 32])) }
    guard let buckets = BucketDigests(digests) else { throw WireError(.invalidField("buckets")) }
    return buckets
}

private func checkedDigest(_ message: Webinar_V1_RecordDigest) throws(WireError) -> RecordDigest {
    guard let digest = ContentHash(bytes: [UInt8](message.digest)) else { throw WireError(.invalidField("digest")) }
    return RecordDigest(record: try checkedRecord(message.record), digest: digest)
}

private func checkedSpan(_ message: Webinar_V1_ChangeSpan) throws(WireError) -> ChangeSpan {
    guard message.replica != 0, message.first > 0, message.first <= message.last,
        message.last <= UInt64(Int64.max) / 2
    else { throw WireError(.invalidField("spans")) }
    return ChangeSpan(replica: ReplicaID(message.replica), first: message.first, last: message.last)
}

private func checkedFaults(_ messages: [Webinar_V1_LogFault]) throws(WireError) -> [LogFault] {
    guard messages.count <= Limits.maximumLogFaultCount else { throw WireError(.invalidField("faults")) }
    return try messages.map(checkedFault)
}

private func checkedFault(_ message: Webinar_V1_LogFault) throws(WireError) -> LogFault {
    // Replica and sequence may be what is damaged, so they are anything.
    guard let hash = ContentHash(bytes: [UInt8](message.hash)) else { throw WireError(.invalidField("faults")) }
    let part: LogFault.Part
    switch message.part {
    case .body: part = .body
    case .hash: part = .hash
    case .logHash: part = .logHash
    case .filing: part = .filing
    case .missing: part = .missing
    case .order: part = .order
    case .UNRECOGNIZED: throw WireError(.invalidField("faults"))
    }
    return LogFault(replica: ReplicaID(message.replica), sequence: message.sequence, part: part, hash: hash)
}
