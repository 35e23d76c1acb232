import FoundationEssentials
public import Models
import SwiftProtobuf

/// How a message stands in a body.
public enum WireFormat: Hashable, Sendable {
    case protobuf
    /// Protobuf's JSON form, for people with curl.
    case json
}

/// A message that travels in an HTTP body, in either form.
public protocol WireMessage: Sendable {
    /// Reads a body; every field is checked.
    init(body: [UInt8], format: WireFormat) throws(WireError)
    /// The bytes of a body.
    func body(_ format: WireFormat) -> [UInt8]
}

protocol ProtobufBacked: WireMessage {
    associatedtype Message: SwiftProtobuf.Message
    init(_ message: Message) throws(WireError)
    var message: Message { get }
    /// Which of its fields are messages that repeat fields of their own.
    static var nesting: FieldCount.Nesting { get }
}

extension ProtobufBacked {
    static var nesting: FieldCount.Nesting { .flat }

    public init(body: [UInt8], format: WireFormat) throws(WireError) {
        guard body.count <= Limits.maximumExchangeBytes * 2 else {
            throw WireError(.tooLarge(maximum: Limits.maximumExchangeBytes * 2))
        }
        switch format {
        case .protobuf: try FieldCount.check(body[...], within: Self.nesting)
        case .json: try FieldCount.checkJSON(body)
        }
        let message: Message
        do {
            switch format {
            case .protobuf: message = try Message(serializedBytes: body)
            case .json: message = try Message(jsonUTF8Bytes: body)
            }
        } catch {
            throw WireError(.malformed)
        }
        try self.init(message)
    }

    public func body(_ format: WireFormat) -> [UInt8] {
        // Neither form can fail for messages without required fields and Any, below 2 GB.
        switch format {
        case .protobuf: (try? message.serializedBytes()) ?? []
        case .json: (try? message.jsonUTF8Bytes()) ?? []
        }
    }
}

extension SyncRequest: ProtobufBacked {
    /// Runs.
    static let nesting = FieldCount.Nesting(fields: [3: .flat])

    init(_ message: Webinar_V1_SyncRequest) throws(WireError) {
        self.init(
            cursor: try Cursor(message.cursor),
            heads: try message.heads.map(checkedHead),
            known: try message.known.map(checkedHead),
            runs: try message.runs.map(checkedRun),
            isShared: message.shared,
            proofs: try message.proofs.map(checkedProof),
            probes: try message.probes.map(checkedHead),
            snapshot: message.hasSnapshot ? try SnapshotPosition(message.snapshot) : nil,
            isTrial: message.trial,
            maximumBytes: min(Int(message.maximumBytes), Limits.maximumExchangeBytes)
        )
        guard (1...Limits.maximumReferenceCount).contains(heads.count) else { throw WireError(.invalidField("heads")) }
        guard known.count <= Limits.maximumReplicaCount else { throw WireError(.invalidField("known")) }
        guard proofs.count <= runs.count else { throw WireError(.invalidField("proofs")) }
        guard probes.count <= Limits.maximumProbeCount else { throw WireError(.invalidField("probes")) }
        guard runs.reduce(0, { $0 + $1.bodies.count }) <= Limits.maximumExchangeChangeCount else {
            throw WireError(.invalidField("runs"))
        }
    }

    var message: Webinar_V1_SyncRequest {
        var message = Webinar_V1_SyncRequest()
        if cursor != .start { message.cursor = cursor.message }
        message.heads = heads.map(\.message)
        message.known = known.map(\.message)
        message.runs = runs.map(\.message)
        message.proofs = proofs.map(\.message)
        message.shared = isShared
        message.probes = probes.map(\.message)
        if let snapshot { message.snapshot = snapshot.message }
        message.trial = isTrial
        message.maximumBytes = UInt32(clamping: maximumBytes)
        return message
    }
}

extension SyncAnswer: ProtobufBacked {
    /// Runs, and the page of a snapshot.
    static let nesting = FieldCount.Nesting(fields: [4: .flat, 12: .flat])

    init(_ message: Webinar_V1_SyncResponse) throws(WireError) {
        let outcome: SyncOutcome
        switch message.outcome {
        case .accepted: outcome = .accepted
        case .replicaForked:
            outcome = .replicaForked(ReplicaID(message.replica), common: message.argument)
        case .sendFrom: outcome = .sendFrom(ReplicaID(message.replica), message.argument)
        case .clockAhead:
            guard message.argument <= Limits.maximumMilliseconds else { throw WireError(.invalidField("argument")) }
            outcome = .clockAhead(ReplicaID(message.replica), at: message.argument)
        case .historyLost: outcome = .historyLost
        case .UNRECOGNIZED: throw WireError(.invalidField("outcome"))
        }
        var digest: ContentHash?
        if !message.digest.isEmpty {
            guard let hash = ContentHash(bytes: [UInt8](message.digest)) else {
                throw WireError(.invalidField("digest"))
            }
            digest = hash
        }
        // Each answer says what time it is there: where nothing came, nothing was answered.
        guard (1...Limits.maximumMilliseconds).contains(message.serverMilliseconds) else {
            throw WireError(.invalidField("server_milliseconds"))
        }
        self.init(
            outcome: outcome,
            accepted: try message.accepted.map(checkedHead),
            runs: try message.runs.map(checkedRun),
            snapshot: message.hasSnapshot ? try SnapshotPage(message.snapshot) : nil,
            proofs: try message.proofs.map(checkedProof),
            next: try Cursor(message.next),
            hasMore: message.more,
            serverMilliseconds: message.serverMilliseconds,
            serverVersion: try checkedVersion(message.serverVersion),
            digest: digest,
            floor: try checkedVersion(message.floor)
        )
    }

    var message: Webinar_V1_SyncResponse {
        var message = Webinar_V1_SyncResponse()
        switch outcome {
        case .accepted: message.outcome = .accepted
        case .replicaForked(let replica, let common):
            message.outcome = .replicaForked
            message.replica = replica.rawValue
            message.argument = common
        case .sendFrom(let replica, let sequence):
            message.outcome = .sendFrom
            message.replica = replica.rawValue
            message.argument = sequence
        case .clockAhead(let replica, let milliseconds):
            message.outcome = .clockAhead
            message.replica = replica.rawValue
            message.argument = milliseconds
        case .historyLost: message.outcome = .historyLost
        }
        message.accepted = accepted.map(\.message)
        message.runs = runs.map(\.message)
        if let snapshot { message.snapshot = snapshot.message }
        message.proofs = proofs.map(\.message)
        message.next = next.message
        message.more = hasMore
        message.serverMilliseconds = serverMilliseconds
        message.serverVersion = serverVersion
        if let digest { message.digest = .init(digest.bytes) }
        message.floor = floor
        return message
    }
}

func checkedHead(_ message: Webinar_V1_Head) throws(WireError) -> Head {
    guard message.replica != 0 else { throw WireError(.invalidField("replica")) }
    return try Head(message)
}

private func checkedProof(_ message: Webinar_V1_HeadProof) throws(WireError) -> HeadProof {
    guard message.replica != 0, message.sequence > 0, message.sequence <= UInt64(Int64.max) / 2,
        message.code.count == HeadProof.codeByteCount
    else { throw WireError(.invalidField("proofs")) }
    return HeadProof(
        replica: ReplicaID(message.replica),
        sequence: message.sequence,
        code: [UInt8](message.code)
    )
}

func checkedRun(_ message: Webinar_V1_ChangeRun) throws(WireError) -> ChangeRun {
    guard let previous = ContentHash(wire: message.previous) else { throw WireError(.invalidField("previous")) }
    guard message.firstSequence > 0, message.firstSequence <= UInt64(Int64.max) / 2 else {
        throw WireError(.invalidField("first_sequence"))
    }
    guard message.replica != 0 else { throw WireError(.invalidField("replica")) }
    for change in message.changes where change.count > Limits.maximumChangeBytes {
        throw WireError(.tooLarge(maximum: Limits.maximumChangeBytes))
    }
    return ChangeRun(
        replica: ReplicaID(message.replica),
        firstSequence: message.firstSequence,
        previous: previous,
        bodies: message.changes.map { [UInt8]($0) }
    )
}

extension ChangeRun {
    /// The run as a message of its own.
    init(bytes: [UInt8]) throws(WireError) {
        try FieldCount.check(bytes[...])
        guard let message = try? Webinar_V1_ChangeRun(serializedBytes: bytes), !message.changes.isEmpty else {
            throw WireError(.malformed)
        }
        self = try checkedRun(message)
    }

    // Serializing cannot fail for messages without required fields, below 2 GB.
    var bytes: [UInt8] { (try? message.serializedBytes()) ?? [] }

    var message: Webinar_V1_ChangeRun {
        var message = Webinar_V1_ChangeRun()
        message.replica = replica.rawValue
        message.firstSequence = firstSequence
        message.previous = Data(previous.wire)
        message.changes = bodies.map { Data($0) }
        return message
    }
}

extension Cursor {
    init(_ message: Webinar_V1_Cursor) throws(WireError) {
        guard let hash = ContentHash(wire: message.hash) else { throw WireError(.invalidField("cursor.hash")) }
        guard message.version <= UInt64(Int64.max) else { throw WireError(.invalidField("cursor.version")) }
        self.init(epoch: message.epoch, version: message.version, hash: hash)
    }

    var message: Webinar_V1_Cursor {
        var message = Webinar_V1_Cursor()
        message.epoch = epoch
        message.version = version
        message.hash = Data(hash.wire)
        return message
    }
}

extension Head {
    init(_ message: Webinar_V1_Head) throws(WireError) {
        guard let hash = ContentHash(wire: message.hash) else { throw WireError(.invalidField("head.hash")) }
        guard message.sequence <= UInt64(Int64.max) / 2 else { throw WireError(.invalidField("head.sequence")) }
        self.init(replica: ReplicaID(message.replica), sequence: message.sequence, hash: hash)
    }

    var message: Webinar_V1_Head {
        var message = Webinar_V1_Head()
        message.replica = replica.rawValue
        message.sequence = sequence
        message.hash = Data(hash.wire)
        return message
    }
}

extension HeadProof {
    var message: Webinar_V1_HeadProof {
        var message = Webinar_V1_HeadProof()
        message.replica = replica.rawValue
        message.sequence = sequence
        message.code = Data(code)
        return message
    }
}
