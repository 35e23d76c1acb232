import Models
import Store

/// What has been seen of a history so far, against which each step is held: what may only grow does.
struct Watch {
    private var cursors: [String: Cursor] = [:]
    /// How often each disk had changed when it was looked at; nil stands for the server's.
    private var commitCounts: [String?: Int] = [:]
    private var heads: [ReplicaID: Head] = [:]
    /// What devices knew that it had when it was put back.
    private var forgotten: [Head] = []
    private var epoch: UInt64?
    /// How often the server may yet find out that it was put back.
    private var newLifeCount = 0

    /// The device's disk was put back.
    mutating func forget(_ device: String) {
        cursors[device] = nil
        commitCounts[device] = nil
    }

    /// The server's disk was put back.
    ///
    /// - Parameter known: what it had that a device knows of. What only the writer has and was told nothing about, it may
    ///   stamp again.
    mutating func forgetServer(known: [Head]) {
        forgotten += known
        (heads, epoch) = ([:], nil)
        commitCounts[nil] = nil
        newLifeCount += 1
    }

    /// What devices knew that the server had before it was put back, and it has not got again; nil: nothing.
    func forgotten(by server: World.Server) throws -> Head? {
        try server.store.read { reader in
            try forgotten.first { try reader.chainHash(of: $0.replica, at: $0.sequence) != $0.hash }
        }
    }

    /// What is wrong with the device; nil: nothing.
    mutating func look(at device: World.Device) throws -> String? {
        guard isNew(device.machine, of: device.name) else { return nil }
        return try look(at: device.name, device.store)
    }

    /// Where nothing was written since the last look there is nothing new to see.
    private mutating func isNew(_ machine: Machine, of device: String?) -> Bool {
        let count = machine.commitCount
        return commitCounts.updateValue(count, forKey: device) != count
    }

    private mutating func look(at device: String, _ store: NotebookStore) throws -> String? {
        let cursor = try store.read { try $0.peer()?.cursor } ?? .start
        defer { cursors[device] = cursor }
        guard let before = cursors[device], before.epoch == cursor.epoch, cursor.version < before.version else {
            return nil
        }
        return "the cursor of \(device) went from \(before.version) back to \(cursor.version)"
    }

    /// What is wrong with the server: a change that it had is not there, or is another one.
    mutating func look(at server: World.Server) throws -> String? {
        guard isNew(server.machine, of: nil) else { return nil }
        return try server.store.read { reader in
            let now = try reader.notebook().epoch
            for head in heads.values where try reader.chainHash(of: head.replica, at: head.sequence) != head.hash {
                return "the server had \(head.sequence) changes of \(head.replica), and has not"
            }
            if let epoch, epoch != now {
                newLifeCount -= 1
                if newLifeCount < 0 { return "the server began another life, and was not put back" }
            }
            epoch = now
            heads = Dictionary(try reader.heads().map { ($0.replica, $0) }) { first, _ in first }
            return nil
        }
    }
}
