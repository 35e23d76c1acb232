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
    private var watch = Watch()
    /// What happened, a line an event.
    public internal(set) var events: [String] = []
    let seed: UInt64
    private let faults: Faults
    /// Copies show, as they do on one machine: they write under a replica of their own from the first save on.
    /// Copies of a whole machine do not show before they sync. A server that is put back as well, in between,
    /// would hand the same numbers out twice to those, so such worlds have one or the other.
    private let copiesShow: Bool

    struct Device {
        var name: String
        var machine: Machine
        var store: NotebookStore
        var person: Person
        var backup: NotebookStore?
        /// What it shows the server; copies show the same.
        var account: Int
    }

    struct Server {
        var machine: Machine
        var store: NotebookStore
        var accounts = SimulatedAccounts()

        mutating func answer(_ request: SyncRequest, of account: Int) throws -> SyncAnswer {
            let handler = try ExchangeHandler(
                store: store,
                surroundings: machine.surroundings,
                proofSecret: [1, 2, 3]
            )
            return try handler.answer(
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
        server = Server(
            machine: machine,
            store: try StorePool.shared.store(of: machine)
        )
        for _ in 0..<(2 + random.below(2)) { try addDevice() }
    }

    mutating func addDevice() throws {
        let machine = Machine(random: random.split(), world: clock)
        let name = Self.name(devices.count)
        devices.append(
            Device(
                name: name,
                machine: machine,
                store: try StorePool.shared.store(of: machine),
                person: Person(name: name),
                account: server.accounts.link()
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
        StorePool.shared.take(back: devices.map(\.store) + devices.compactMap(\.backup))
        (devices, oldServers) = ([], [])
    }

    private mutating func step() throws {
        let index = random.below(devices.count)
        switch random.below(100) {
        case ..<60: act(index)
        case ..<85: try sync(index)
        default:
            guard !faults.isEmpty else { return try sync(index) }
            do { try fault(index) } catch is Crash { note("\(devices[index].name) crashes") }
        }
        if let wrong = try watch.look(at: devices[index].name, devices[index].store)
            ?? watch.look(atServer: server.store)
        {
            throw violation(wrong)
        }
    }

    private mutating func act(_ index: Int) {
        do {
            let what = try devices[index].person.act(on: devices[index].store, by: random.split())
            note("\(devices[index].name) \(what)")
        } catch is Crash {
            note("\(devices[index].name) crashes while saving")
        } catch {
            note("\(devices[index].name) fails to save: \(error)")
            failures.append("a local write was refused: \(error)")
        }
    }

    var failures: [String] = []

    private mutating func fault(_ index: Int) throws {
        let name = devices[index].name
        switch faults.kinds[random.below(faults.kinds.count)] {
        case .crash:
            devices[index].machine.crash(afterCommits: random.below(3))
            note("\(name) will crash")
        case .serverCrash:
            server.machine.crash(afterCommits: random.below(2))
            note("server will crash")
        case .clock:
            let leads: [Int64] = [0, -86_400_000, 3_600_000, 1_150_000_000_000, -400_000_000_000, 400_000]
            let lead = leads[random.below(leads.count)]
            devices[index].machine.jumpClock(to: lead)
            note("\(name)'s clock is \(lead) ms ahead")
        case .clone where devices.count < 6:
            try clone(index)
        case .backup:
            devices[index].backup = try StorePool.shared.copy(of: devices[index].store, for: devices[index].machine)
            note("\(name) is backed up")
        case .restore:
            try restore(index)
        case .newDevice where devices.count < 6:
            try addDevice()
            note("\(devices[devices.count - 1].name) is new")
        case .serverBackup:
            oldServers.append(try copy(server))
            note("server is backed up")
        case .serverRestore:
            guard copiesShow, let old = oldServers.randomElement(using: &random), try isHeldElsewhere() else { return }
            server = try copy(old)
            watch.forgetServer()
            note("server is put back")
        case .month:
            clock.advance(milliseconds: Limits.trashMilliseconds + Limits.markMilliseconds)
            note("a month passes")
        case .revocation:
            server.accounts.revoke(devices[index].account)
            note("\(name) is revoked")
        case .clone, .newDevice:
            break
        }
    }

    private mutating func clone(_ index: Int) throws {
        let machine = Machine(random: random.split(), world: clock)
        let name = Self.name(devices.count)
        devices.append(
            Device(
                name: name,
                machine: machine,
                store: try StorePool.shared.copy(of: devices[index].store, for: machine),
                person: Person(name: name),
                account: devices[index].account
            )
        )
        note("\(name) is a copy of \(devices[index].name)")
        if copiesShow { try takeNewReplica(devices.count - 1) }
    }

    private func copy(_ server: Server) throws -> Server {
        var copy = server
        copy.store = try StorePool.shared.copy(of: server.store, for: server.machine)
        // Accounts are never numbered twice: they stand for random secrets.
        copy.accounts.nextAccount = self.server.accounts.nextAccount
        return copy
    }

    private func takeNewReplica(_ index: Int) throws {
        try devices[index].store.write { _ = try $0.takeNewReplica() }
    }

    /// Whether a device has each change that the server has: what nobody has is lost with the server's disk.
    private func isHeldElsewhere() throws -> Bool {
        try server.store.read { try $0.heads() }.allSatisfy { head in
            try devices.contains { device in
                try device.store.read { try $0.head(of: head.replica).sequence >= head.sequence }
            }
        }
    }

    /// Puts an old copy back onto a device whose changes the server has.
    private mutating func restore(_ index: Int) throws {
        guard let backup = devices[index].backup else { return }
        try sync(index, isCalm: true)
        guard try devices[index].store.read({ try $0.unsentCount() }) == 0 else { return }
        devices[index].store = try StorePool.shared.copy(of: backup, for: devices[index].machine)
        watch.forget(devices[index].name)
        note("\(devices[index].name) is restored")
        if copiesShow { try takeNewReplica(index) }
    }
}

/// Which faults a world has.
public struct Faults: Sendable {
    enum Kind: Sendable {
        case crash, serverCrash, clock, clone, backup, restore, newDevice, serverBackup, serverRestore, revocation
        case month
    }

    var kinds: [Kind]
    /// Exchanges are lost, cut and repeated.
    var network: Bool

    var isEmpty: Bool { kinds.isEmpty }

    public static let none = Faults(kinds: [], network: false)
    public static let all = Faults(
        kinds: [
            .crash, .serverCrash, .clock, .clone, .backup, .restore, .newDevice, .serverBackup, .serverRestore,
            .revocation, .month, .month,
        ],
        network: true
    )
}
