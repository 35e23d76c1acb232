import Models
import Store
import SyncServer

/// What goes wrong between two steps of a person.
extension World {
    mutating func fault(_ index: Int) throws {
        let name = devices[index].name
        switch faults.drawn[random.below(faults.drawn.count)] {
        case .crash:
            devices[index].machine.crash(afterCommits: someCommits())
            note("\(name) will crash")
        case .serverCrash:
            server.machine.crash(afterCommits: someCommits())
            note("server will crash")
        case .clock:
            let leads: [Int64] = [0, -86_400_000, 3_600_000, 1_150_000_000_000, -400_000_000_000, 400_000]
            let lead = leads[random.below(leads.count)]
            let isServers = random.oneIn(6)
            (isServers ? server.machine : devices[index].machine).jumpClock(to: lead)
            hadWrongClock = hadWrongClock || lead != 0
            note("\(isServers ? "the server" : name)'s clock is \(lead) ms ahead")
        case .clone where devices.count < 6:
            try clone(index)
        case .backup:
            let store = try StorePool.shared.copy(of: devices[index].store, for: devices[index].machine)
            devices[index].backup = Backup(store: store, known: devices[index].known)
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
            // The device is gone that could bring what the server forgets.
            if devices.count > 2, random.oneIn(2) { try lose(index) }
            try putServerBack()
        case .revocation:
            server.accounts.revoke(devices[index].account)
            note("\(name) is revoked")
        case .month:
            let isYear = random.oneIn(4)
            let days = isYear ? 2 * Limits.absentDeviceMilliseconds : Limits.trashMilliseconds
            clock.advance(milliseconds: days + Limits.markMilliseconds)
            note(isYear ? "a year passes" : "a month passes")
        case .loss where devices.count > 2:
            try lose(index)
        case .clone, .newDevice, .loss:
            break
        }
    }

    /// One of the next few, or one in the middle of a long sync.
    private mutating func someCommits() -> Int { random.below(random.oneIn(3) ? 30 : 3) }

    mutating func putServerBack() throws {
        guard copiesShow, !hasLostUnsent, let old = oldServers.randomElement(using: &random), try isHeldElsewhere()
        else { return }
        try look()
        let accounts = server.accounts.revokingAgain(in: old.accounts)
        let known = try knownHeads()
        server = try copy(old)
        server.accounts = accounts
        watch.forgetServer(known: known)
        wasPutBack = true
        note("server is put back")
    }

    /// A device is gone for good whose changes the server has; or others have them by file, who bring them to a server
    /// that has never been put back once its owner has revoked the device.
    private mutating func lose(_ index: Int) throws {
        if random.oneIn(2) || wasPutBack { try sync(index, isCalm: true) }
        let unsent = try devices[index].store.read { try $0.outgoing().filter { $0.unsentCount > 0 }.map(\.head) }
        guard try unsent.isEmpty || (!wasPutBack && isHeldByOthers(unsent, than: index)) else { return }
        let lost = devices.remove(at: index)
        if !unsent.isEmpty {
            hasLostUnsent = true
            server.accounts.revoke(lost.account)
        }
        earlierPeople.append(lost.person)
        StorePool.shared.take(back: [lost.store] + [lost.backup?.store].compactMap { $0 })
        note("\(lost.name) is lost")
    }

    private func isHeldByOthers(_ heads: [Head], than index: Int) throws -> Bool {
        try heads.allSatisfy { head in
            try devices.indices.contains { other in
                try other != index
                    && devices[other].store.read { try $0.chainHash(of: head.replica, at: head.sequence) == head.hash }
            }
        }
    }

    private mutating func clone(_ index: Int) throws {
        let machine = Machine(random: random.split(), world: clock)
        let name = Self.name(nameCount)
        nameCount += 1
        devices.append(
            Device(
                name: name,
                machine: machine,
                store: try StorePool.shared.copy(of: devices[index].store, for: machine),
                person: Person(name: name),
                account: devices[index].account,
                known: devices[index].known
            )
        )
        copiedUnsent = try copiedUnsent || devices[index].store.read { try $0.unsentCount() } > 0
        note("\(name) is a copy of \(devices[index].name)")
        if copiesShow { try takeNewReplica(devices.count - 1) }
    }

    private func copy(_ server: Server) throws -> Server {
        var copy = try Server(
            machine: server.machine,
            store: StorePool.shared.copy(of: server.store, for: server.machine)
        )
        copy.accounts = server.accounts
        copy.known = server.known
        return copy
    }

    private func takeNewReplica(_ index: Int) throws {
        try devices[index].store.write { _ = try $0.takeNewReplica() }
    }

    /// Whether a device can give each change that the server has: what nobody has is lost with the server's disk, and
    /// what came by file alone is its writer's to give.
    private func isHeldElsewhere() throws -> Bool {
        try server.store.read { try $0.heads() }.allSatisfy { head in
            try devices.contains { device in
                try device.store.read { reader in
                    guard try reader.head(of: head.replica).sequence >= head.sequence else { return false }
                    return try reader.provenSequence(of: head.replica) >= head.sequence
                        || reader.outgoing().contains { $0.isOwn && $0.head.replica == head.replica }
                }
            }
        }
    }

    /// How far the server has each log, as far as a device was told.
    private func knownHeads() throws -> [Head] {
        try server.store.read { server in
            try server.heads().compactMap { head in
                let sequences = try devices.map { device in
                    try device.store.read { reader in
                        let own = try reader.outgoing().first { $0.isOwn && $0.head.replica == head.replica }
                        return max(own?.acknowledged ?? 0, try reader.provenSequence(of: head.replica))
                    }
                }
                let known = min(sequences.max() ?? 0, head.sequence)
                return try server.chainHash(of: head.replica, at: known).map {
                    Head(replica: head.replica, sequence: known, hash: $0)
                }
            }
        }
    }

    /// Puts an old copy back onto a device whose changes the server has.
    private mutating func restore(_ index: Int) throws {
        guard let backup = devices[index].backup else { return }
        try sync(index, isCalm: true)
        guard try devices[index].store.read({ try $0.unsentCount() }) == 0 else { return }
        devices[index].store = try StorePool.shared.copy(of: backup.store, for: devices[index].machine)
        devices[index].known = backup.known
        watch.forget(devices[index].name)
        copiedUnsent = try copiedUnsent || devices[index].store.read { try $0.unsentCount() } > 0
        note("\(devices[index].name) is restored")
        if copiesShow { try takeNewReplica(index) }
    }
}
