import EgWalker
import Models
import Store
import TestSupport
import Wire

/// A store with a machine of its own, and what tests do with it in one line.
struct Device {
    let machine: TestMachine
    let store: NotebookStore

    /// In memory.
    init(seed: UInt64, milliseconds: UInt64 = TestMachine.start) throws {
        machine = TestMachine(seed: seed, milliseconds: milliseconds)
        store = try NotebookStore(inMemoryWith: machine.surroundings)
    }

    /// In a real file.
    init(seed: UInt64, path: String, willCommit: @escaping @Sendable () throws -> Void = {}) throws {
        machine = TestMachine(seed: seed)
        store = try NotebookStore(path: path, surroundings: machine.surroundings, willCommit: willCommit)
    }

    func add(_ text: String, kind: RecordKind = .note) throws -> RecordID {
        machine.advance(milliseconds: 10)
        return try store.write { try $0.create(kind, [StoreWriter.firstEdit(kind.textField ?? .body, text)]) }
    }

    func edit(_ id: RecordID, _ text: String, from base: [ChangeID]? = nil) throws {
        machine.advance(milliseconds: 10)
        try store.write { writer in
            try writer.change(id) { state in
                try writer.edit(state.kind.textField ?? .body, of: state, to: text, from: base).map { [$0] } ?? []
            }
        }
    }

    func change(_ id: RecordID, _ operations: (RecordState) -> [Models.Operation?]) throws {
        machine.advance(milliseconds: 10)
        try store.write { writer in try writer.change(id) { operations($0).compactMap { $0 } } }
    }

    func text(_ id: RecordID) throws -> String? { try store.read { try $0.record(id)?.text } }

    func state(_ id: RecordID) throws -> RecordState? { try store.read { try $0.record(id)?.state } }

    var replica: ReplicaID { get throws { try store.read { try $0.notebook().replica } } }

    var digest: ContentHash { get throws { try store.read { try $0.digest() } } }

    /// Every change of its log, in its order, as runs.
    func runs() throws -> [ChangeRun] {
        try store.read { try $0.changes(after: 0, maximumBytes: .max).runs }
    }

    func log() throws -> [LoggedChange] {
        try store.read { reader in
            try reader.changes(after: 0, maximumBytes: .max).runs.flatMap { run in
                try run.bodies.indices.compactMap { try reader.change(run.replica, run.firstSequence + UInt64($0)) }
            }
        }
    }

    /// Takes in what it has not seen of `other`.
    func take(_ other: Device) throws {
        let runs = try other.runs()
        try store.write { writer in for run in runs { try writer.append(run) } }
    }

    static func sync(_ devices: Device...) throws {
        for _ in 0..<2 {
            for one in devices { for other in devices where one.store !== other.store { try one.take(other) } }
        }
    }
}

/// The changes of `logs` one by one, each replica's in its order.
func singleRuns(_ runs: [ChangeRun]) -> [ReplicaID: [ChangeRun]] {
    var single: [ReplicaID: [ChangeRun]] = [:]
    for run in runs {
        var previous = run.previous
        for (index, body) in run.bodies.enumerated() {
            let one = ChangeRun(
                replica: run.replica,
                firstSequence: run.firstSequence + UInt64(index),
                previous: previous,
                bodies: [body]
            )
            previous = Chain.hashes(of: one)[0]
            single[run.replica, default: []].append(one)
        }
    }
    return single
}

/// The log of a replica that only this test has: changes made by hand.
struct ForeignLog {
    let replica: ReplicaID
    private(set) var changes: [Change] = []

    init(_ number: UInt64) { replica = ReplicaID(number) }

    /// Adds a change at `time`; nil: right after the one before.
    @discardableResult
    mutating func add(
        _ operations: [Models.Operation],
        to record: RecordID,
        kind: RecordKind = .note,
        schema: UInt32 = Schema.current,
        time: UInt64? = nil
    ) -> Change {
        let time = time ?? max(TestMachine.start << 16, changes.last?.time ?? 0) + 1
        changes.append(
            Change(
                replica: replica,
                sequence: UInt64(changes.count) + 1,
                time: time,
                record: record,
                kind: kind,
                schema: schema,
                operations: operations
            )
        )
        return changes[changes.count - 1]
    }

    var run: ChangeRun {
        ChangeRun(replica: replica, firstSequence: 1, previous: .zero, bodies: changes.map(ChangeCodec.encode))
    }
}
