import Models
import Store
import SyncClient
import SyncServer
import Wire

/// One simulated history: a few devices of one person and their server, decided by a seed.
///
/// The stores, the client's session and the server's handler are the real ones; network, clocks
/// and the moment of a crash are drawn by chance. Rare paths are made common: tiny batches, lost
/// answers, clocks that are years off.
public struct World {
    var random: SeededRandom
    let clock = WorldClock()
    var server: Server
    var devices: [Device] = []
    var oldServers: [Server] = []
    /// Requests that the network holds back, with who sent them.
    var lateRequests: [(request: SyncRequest, account: Int)] = []
    /// What the file that goes round held, the latest last.
    var files: [[UInt8]] = []
    var watch = Watch()
    var lastWords = LastWords()
    /// What happened, a line an event.
    public internal(set) var events: [String] = []
    let seed: UInt64
    let faults: Faults
    /// Copies show, as they do on one machine: they write under a replica of their own from the first save on.
    /// Copies of a whole machine do not show before they sync. A server that is put back as well, in between,
    /// would hand the same numbers out twice to those, so such worlds have one or the other.
    let copiesShow: Bool

    struct Device {
        var name: String
        var machine: Machine
        var store: NotebookStore
        var person: Person
        var backup: Backup?
        /// What it shows the server; copies show the same.
        var account: Int
        /// What was surely known here of what was done to records, by its number.
        var known: Set<Int> = []
    }

    struct Backup {
        var store: NotebookStore
        var known: Set<Int>
    }

    struct Server {
        let machine: Machine
        let store: NotebookStore
        var accounts = SimulatedAccounts()
        var known: Set<Int> = []
        private var handler: ExchangeHandler

        init(machine: Machine, store: NotebookStore) throws {
            (self.machine, self.store) = (machine, store)
            handler = try Self.handler(machine, store)
        }

        /// Whatever it had in memory is gone.
        mutating func restart() throws { handler = try Self.handler(machine, store) }

        private static func handler(_ machine: Machine, _ store: NotebookStore) throws -> ExchangeHandler {
            try ExchangeHandler(store: store, surroundings: machine.surroundings, proofSecret: [1, 2, 3])
        }

        mutating func answer(_ request: SyncRequest, of account: Int) throws -> SyncAnswer {
            try handler.answer(
                request,
                rights: accounts.rights(of: account, sending: request),
                from: UInt64(account)
            )
        }
    }

    public init(seed: UInt64, faults: Faults = .all) throws {
        self.seed = seed
        self.faults = faults
        random = SeededRandom(seed: seed)
        copiesShow = random.oneIn(2)
        let machine = Machine(random: random.split(), world: clock)
        server = try Server(machine: machine, store: StorePool.shared.store(of: machine))
        for _ in 0..<(2 + random.below(2)) { try addDevice() }
    }

    mutating func addDevice() throws {
        let machine = Machine(random: random.split(), world: clock)
        let name = Self.name(nameCount)
        nameCount += 1
        let notebook = try server.store.read { try $0.notebook().notebook }
        let store = try StorePool.shared.store(of: machine)
        let replica = try store.write { writer in
            try writer.adopt(notebook)
            try DeviceLinking.name(name, in: writer)
            return try writer.reader.notebook().replica
        }
        devices.append(
            Device(
                name: name,
                machine: machine,
                store: store,
                person: Person(name: name),
                account: server.accounts.link(replica)
            )
        )
    }

    static func name(_ index: Int) -> String {
        String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index % 26))) + (index < 26 ? "" : "\(index / 26)x")
    }

    mutating func note(_ event: String) { events.append("\(events.count): \(event)") }

    /// Plays these steps, stops the faults and checks that everybody ends up equal.
    ///
    /// Each step draws from chance of its own, so that one that is left out does not shift what the others do.
    ///
    /// - Throws: ``Violation``.
    public mutating func play(steps: some Sequence<Int>) throws {
        do {
            for number in steps {
                random = SeededRandom(seed: seed, part: UInt64(number) + 1)
                clock.advance(milliseconds: UInt64(random.below(60_000)))
                try step()
            }
            try settle()
        } catch let error where !(error is Violation) {
            throw violation("\(error)")
        }
        StorePool.shared.take(back: [server.store] + oldServers.map(\.store))
        StorePool.shared.take(back: devices.map(\.store) + devices.compactMap(\.backup?.store))
        (devices, oldServers) = ([], [])
    }

    private mutating func step() throws {
        let index = random.below(devices.count)
        switch random.below(100) {
        case ..<57: act(index)
        case ..<78: try sync(index)
        case ..<85:
            // Copies of a whole machine that nobody noticed, and a file: it refuses what both wrote under one number.
            if copiesShow, faults.hasFile { try syncByFile(index) } else { try sync(index) }
        case _ where faults.isEmpty: try sync(index)
        default:
            do { try fault(index) } catch is Crash { note("\(devices[index].name) crashes") }
        }
        try look()
    }

    mutating func look() throws {
        if let failure = failures.first { throw violation(failure) }
        for device in devices {
            if let wrong = try watch.look(at: device) { throw violation(wrong) }
        }
        if let wrong = try watch.look(at: server) { throw violation(wrong) }
    }

    mutating func act(_ index: Int) {
        do {
            let (name, store) = (devices[index].name, devices[index].store)
            let waiting = try store.read { try $0.waitingToBeWrittenAgain() }
            let what = try devices[index].person.act(on: store, by: random.split())
            note("\(name) \(what)")
            for record in devices[index].person.touched {
                let view = try store.read { try $0.record(record) }
                // What waits to be written again does not look as it will; nobody saw that yet.
                let isWhole = !waiting.contains(record) && view?.state.lacksRevival != true
                lastWords.note(record, isWhole ? view : nil, by: name, knowing: &devices[index].known)
            }
        } catch is Crash {
            note("\(devices[index].name) crashes while saving")
        } catch {
            note("\(devices[index].name) fails to save: \(error)")
            failures.append("a local write was refused: \(error)")
        }
    }

    var failures: [String] = []
    /// People whose device is lost; what they wrote is not.
    var earlierPeople: [Person] = []
    var nameCount = 0
    /// A device is lost whose changes are not on the server, but elsewhere.
    var hasLostUnsent = false
    var wasPutBack = false
    /// A device took a new replica, and told the others what it is called.
    var hasNewName = false
    /// A device was copied, or put back, with something to send that both have then.
    var copiedUnsent = false
    /// A device gave something away by file.
    var hasGiven = false
    var hadWrongClock = false
    /// A device that was revoked was linked by itself.
    var hasLinkedAgain = false
    /// Something goes on while a sync waits for its answer.
    var isWaiting = false
}
