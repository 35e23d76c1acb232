import Glibc
import Models
import Store

/// This device: its home, its notebook (opened when first asked for), its clock and zone.
final class Device {
    let home: DeviceHome
    let environment: [String: String]
    let surroundings: Surroundings
    private var opened: NotebookStore?

    init(home: DeviceHome, environment: [String: String], surroundings: Surroundings = .ofThisMachine) {
        self.home = home
        self.environment = environment
        self.surroundings = surroundings
    }

    /// Milliseconds since 1970 UTC.
    var now: Int64 { Int64(clamping: surroundings.now()) }

    /// The zone that people see times in where a record names none.
    lazy var zone = ZoneClock.local(environment: environment)

    /// The notebook of this device, made if there is none.
    ///
    /// A command never closes it: closing would copy the write-ahead log into the database before the prompt
    /// returns, and the process ends anyway. So it is kept alive on purpose.
    func store() throws -> NotebookStore {
        if let opened { return opened }
        try home.make()
        // Only the owner reads notes; SQLite gives its other files the mode of the database.
        let mask = umask(0o077)
        defer { umask(mask) }
        let store = try NotebookStore(path: home.notebook, for: .oneAfterTheOther, surroundings: surroundings)
        _ = Unmanaged.passRetained(store)
        opened = store
        return store
    }

    func read<Result>(_ body: (StoreReader) throws -> Result) throws -> Result {
        try store().read(body)
    }

    /// Runs `body` in one transaction, under a replica that is this copy's alone.
    ///
    /// Two copies of a notebook that wrote under one replica would issue two changes under one number. A copied
    /// notebook shows in its `install` file, which is missing, holds another copy's nonce, or was written beside
    /// another file: then this copy goes on under a new replica. The check happens inside the transaction, so that
    /// two first commands at once agree.
    func write<Result>(_ body: (StoreWriter) throws -> Result) throws -> Result {
        try store().write { writer in
            try claim(writer)
            return try body(writer)
        }
    }

    /// A temporary copy to try a sync out on, under the replica that a sync would write under. A copied notebook stays
    /// as it is, and so does its `install` file.
    func trialCopy() throws -> NotebookStore {
        let copy = try store().temporaryCopy()
        try copy.write { writer in
            if try standing(writer.reader) == .copied { try writer.takeNewReplica() }
        }
        return copy
    }

    private func claim(_ writer: StoreWriter) throws {
        switch try standing(writer.reader) {
        case .claimed: return
        case .unclaimed(let nonce): try SmallFile.write(mark(nonce), to: home.install)
        case .copied:
            let nonce = surroundings.random()
            try SmallFile.write(mark(nonce), to: home.install)
            try writer.takeNewReplica(nonce: nonce)
        }
    }

    private enum Standing: Equatable {
        /// This copy alone writes under the notebook's replica.
        case claimed
        /// Nobody has written under it yet.
        case unclaimed(nonce: UInt64)
        /// Another copy may write under it.
        case copied
    }

    /// What the `install` file says of the notebook that `reader` reads: this one, or a temporary copy of it.
    private func standing(_ reader: StoreReader) throws -> Standing {
        let identity = try reader.notebook()
        let known = try SmallFile.read(home.install)
        if known == mark(identity.nonce) { return .claimed }
        if known == nil, try reader.head(of: identity.replica).sequence == 0 {
            return .unclaimed(nonce: identity.nonce)
        }
        return .copied
    }

    /// Which copy this is: what its notebook calls itself, and the file that it stands in. A moved file keeps its
    /// inode, a copied one does not.
    private func mark(_ nonce: UInt64) -> String {
        var status = stat()
        let inode = stat(home.notebook, &status) == 0 ? UInt64(status.st_ino) : 0
        return "\(Hexadecimal.text(nonce)) \(inode)\n"
    }
}

// MARK: - The current session

extension Device {
    /// The session that entries go to; nil if none was chosen.
    func currentSession() throws -> RecordID? {
        try SmallFile.read(home.current).flatMap { RecordID($0.prefix { $0 != "\n" }) }
    }

    func setCurrentSession(_ id: RecordID?) throws {
        guard let id else { return try SmallFile.remove(home.current) }
        if try currentSession() != id {
            try SmallFile.write("\(id)\n", to: home.current)
        }
    }
}
