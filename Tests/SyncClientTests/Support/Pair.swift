import EgWalker
import Models
import Store
import SyncClient
import SyncServer
import TestSupport
import Wire

/// A server in memory, and how a device's exchanges with it go.
struct TestServer {
    let machine: TestMachine
    var store: NotebookStore
    var proofSecret: [UInt8] = [7, 7, 7]

    init(seed: UInt64 = 500) throws {
        machine = TestMachine(seed: seed)
        store = try NotebookStore(inMemoryWith: machine.surroundings)
    }

    /// Answers as over the network: through the bytes of both messages.
    func answer(_ request: SyncRequest, rights: WritingRights = .all) throws -> SyncAnswer {
        let received = try SyncRequest(body: request.body(.protobuf), format: .protobuf)
        let answer = try handler.answer(received, rights: rights, from: received.heads.first?.replica.rawValue)
        return try SyncAnswer(body: answer.body(.protobuf), format: .protobuf)
    }

    var handler: ExchangeHandler {
        get throws {
            try ExchangeHandler(store: store, surroundings: machine.surroundings, proofSecret: proofSecret)
        }
    }

    func text(_ id: RecordID) throws -> String? { try store.read { try $0.record(id)?.text } }
}

struct TestDevice {
    let machine: TestMachine
    var store: NotebookStore

    init(seed: UInt64) throws {
        machine = TestMachine(seed: seed)
        store = try NotebookStore(inMemoryWith: machine.surroundings)
    }

    /// A device whose disk is a copy of `other`'s.
    init(cloning other: TestDevice, seed: UInt64) throws {
        machine = TestMachine(seed: seed, milliseconds: other.machine.now)
        store = try other.store.copyInMemory(surroundings: machine.surroundings)
    }

    func session(_ rules: SyncRules = SyncRules()) -> SyncSession {
        SyncSession(store: store, surroundings: machine.surroundings, rules: rules)
    }

    /// Syncs until the session ends.
    ///
    /// - Parameter batch: bytes that each exchange carries; nil: as many as the link does.
    @discardableResult
    func sync(
        _ server: TestServer,
        _ rules: SyncRules = SyncRules(),
        rights: WritingRights = .all,
        batch: Int? = nil
    ) throws -> SyncReport {
        var session = session(rules)
        while true {
            if let batch { try setBatch(batch) }
            let request = try session.request()
            let answer = try server.answer(request, rights: rights)
            if try session.take(answer, to: request, tookMilliseconds: 100) == .finished { return session.report }
        }
    }

    func setBatch(_ bytes: Int) throws {
        try store.write { writer in
            var peer = try writer.reader.peer() ?? Peer()
            peer.batch = BatchSize(bytes: bytes)
            try writer.setPeer(peer)
        }
    }

    /// The outcomes of each exchange until both are level.
    func outcomes(_ server: TestServer) throws -> [SyncOutcome] {
        var session = session()
        var outcomes: [SyncOutcome] = []
        while true {
            let request = try session.request()
            let answer = try server.answer(request)
            outcomes.append(answer.outcome)
            if try session.take(answer, to: request, tookMilliseconds: 100) == .finished { return outcomes }
        }
    }

    func add(_ text: String) throws -> RecordID {
        machine.advance(milliseconds: 10)
        return try store.write { try $0.create(.note, [StoreWriter.firstEdit(.body, text)]) }
    }

    func edit(_ id: RecordID, _ text: String) throws {
        machine.advance(milliseconds: 10)
        try store.write { writer in
            try writer.change(id) { state in try writer.edit(.body, of: state, to: text).map { [$0] } ?? [] }
        }
    }

    func text(_ id: RecordID) throws -> String? { try store.read { try $0.record(id)?.text } }

    /// Every live note's text, sorted.
    func texts() throws -> [String] { try store.texts() }

    var replica: ReplicaID { get throws { try store.read { try $0.notebook().replica } } }

    var unsentCount: UInt64 { get throws { try store.read { try $0.unsentCount() } } }
}

extension NotebookStore {
    func texts() throws -> [String] {
        var texts: [String] = []
        try read { reader in try reader.forEach([.note]) { texts.append($0.text ?? "") } }
        return texts.sorted()
    }
}
