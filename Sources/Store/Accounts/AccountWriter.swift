public import Digest
import Foundation
import GRDB
public import Models
import Wire

/// One transaction on the accounts. It does not leave the closure it was handed to.
public struct AccountWriter {
    let db: Database
    private let surroundings: Surroundings

    init(db: Database, surroundings: Surroundings) {
        self.db = db
        self.surroundings = surroundings
    }

    /// What the transaction sees, its own changes included.
    public var reader: AccountReader { AccountReader(db: db) }

    func beginIfEmpty() throws {
        guard try db.value("SELECT id FROM server") == Int64?.none else { return }
        let notebook = NotebookID(
            UUIDBits(
                version7: min(surroundings.now(), Limits.maximumMilliseconds),
                random: (surroundings.random(), surroundings.random())
            )
        )
        try db.execute(sql: "INSERT INTO server (id, checked) VALUES (1, 0)")
        try db.execute(sql: "INSERT INTO people (name) VALUES ('owner')")
        let person = db.lastInsertedRowID
        try db.execute(sql: "INSERT INTO notebooks (id, name) VALUES (?, 'Notes')", arguments: [notebook.stored])
        try db.execute(
            sql: "INSERT INTO members (notebook, person) VALUES (?, ?)",
            arguments: [notebook.stored, person]
        )
    }

    func touch() throws {
        try db.execute(sql: "UPDATE server SET checked = ?", arguments: [surroundings.now().stored])
    }

    /// Where devices reach the server from now on, as `HOST:PORT`.
    public func setPublicAddress(_ address: String) throws {
        try db.execute(
            sql: "UPDATE server SET public_address = ? WHERE public_address IS NOT ?",
            arguments: [address, address]
        )
    }

    // MARK: Links

    /// Makes a link to `notebook` for a device of `person`: good once, for ten minutes. The secret is kept until
    /// then, for the proof is checked with it.
    ///
    /// - Returns: nil if too many links wait already.
    public func makeLink(person: Int64, notebook: NotebookID, secret: [UInt8]) throws -> NewLink? {
        let now = surroundings.now()
        try removeExpiredLinks(at: now)
        let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM links") ?? 0
        guard count < Limits.maximumOpenLinkCount else { return nil }
        let link = NewLink(secret: secret, expiresMilliseconds: now + Limits.linkMilliseconds)
        try db.execute(
            sql: "INSERT INTO links (id, secret, person, notebook, expires, failures) VALUES (?, ?, ?, ?, ?, 0)",
            arguments: [
                Data(LinkProof.linkID(ofSecret: secret)), Data(secret), person, notebook.stored,
                link.expiresMilliseconds.stored,
            ]
        )
        return link
    }

    private func removeExpiredLinks(at now: UInt64) throws {
        // A link from the future was made by a clock that has been put back since.
        try db.execute(
            sql: "DELETE FROM links WHERE expires <= ? OR expires > ?",
            arguments: [now.stored, (now + Limits.linkMilliseconds * 2).stored]
        )
    }

    /// Redeems a link: the new device, if `request` proves the link's secret.
    ///
    /// - Parameters:
    ///   - exporter: The keying material of the connection that the request came on.
    ///   - credential: The SHA-256 of what the device will show from now on.
    public func redeem(
        _ request: LinkRequest,
        exporter: [UInt8],
        credential: SHA256Digest
    ) throws -> LinkRedemption {
        let now = surroundings.now()
        try removeExpiredLinks(at: now)
        let id = Data(request.link)
        let link = try db.first("SELECT secret, person, notebook, failures FROM links WHERE id = ?", [id]) { row in
            (secret: row.bytes(0), person: row[1] as Int64, notebook: try row.notebook(2), failureCount: row[3] as Int)
        }
        guard let link, let person = try reader.person(link.person), let notebook = try reader.notebook(link.notebook)
        else { return .gone }
        guard LinkProof.isValid(request, secret: link.secret, exporter: exporter) else {
            return try failAttempt(at: id, after: link.failureCount)
        }
        let others = try reader.devices(of: person.id).filter { !$0.isRevoked }
        guard others.count < Limits.maximumDeviceCount else { return .tooManyDevices }
        try db.execute(sql: "DELETE FROM links WHERE id = ?", arguments: [id])
        let device = try addDevice(
            of: person.id,
            name: request.deviceName,
            credential: credential,
            at: now
        )
        _ = try claim(request.replica, of: notebook.id, for: device)
        return .linked(device, person: person, notebook: notebook, otherDevices: others.map(\.name))
    }

    private func failAttempt(at id: Data, after failureCount: Int) throws -> LinkRedemption {
        let left = Limits.maximumLinkAttemptCount - failureCount - 1
        if left > 0 {
            try db.execute(sql: "UPDATE links SET failures = failures + 1 WHERE id = ?", arguments: [id])
        } else {
            try db.execute(sql: "DELETE FROM links WHERE id = ?", arguments: [id])
        }
        return .wrongProof(attemptsLeft: max(0, left))
    }

    // MARK: Devices

    private func addDevice(
        of person: Int64,
        name: String,
        credential: SHA256Digest,
        at now: UInt64
    ) throws -> AccountDevice {
        try db.execute(
            sql: "INSERT INTO devices (person, name, credential, linked, seen) VALUES (?, ?, ?, ?, 0)",
            arguments: [person, name, Data(credential.bytes), now.stored]
        )
        guard let device = try reader.device(UInt64(bitPattern: db.lastInsertedRowID), of: person) else {
            throw StoreError.corrupt("a device that was just added is gone")
        }
        return device
    }

    /// False if this person has no such device.
    public func rename(_ device: UInt64, of person: Int64, to name: String) throws -> Bool {
        try db.execute(
            sql: "UPDATE devices SET name = ? WHERE id = ? AND person = ?",
            arguments: [name, device.stored, person]
        )
        return db.changesCount > 0
    }

    /// Takes a device's access away for good. False if this person has no such device.
    public func revoke(_ device: UInt64, of person: Int64) throws -> Bool {
        try db.execute(
            sql: "UPDATE devices SET revoked = coalesce(revoked, ?) WHERE id = ? AND person = ?",
            arguments: [surroundings.now().stored, device.stored, person]
        )
        return db.changesCount > 0
    }

    /// Writes down when devices were last seen.
    public func noteSeen(_ milliseconds: [UInt64: UInt64]) throws {
        for (device, seen) in milliseconds.sorted(by: { $0.key < $1.key }) {
            try db.cachedStatement(sql: "UPDATE devices SET seen = max(seen, ?) WHERE id = ?")
                .execute(arguments: [seen.stored, device.stored])
        }
    }

    /// Whether `device` may write under `replica` in `notebook`. One that nobody writes under becomes the device's,
    /// for good: a machine that is linked anew goes on under another.
    public func claim(_ replica: ReplicaID, of notebook: NotebookID, for device: AccountDevice) throws -> Bool {
        if let owner = try reader.owner(of: replica, in: notebook) { return owner == device.id }
        // A device that was revoked and is linked again goes on where it was: others may have by file what it did not
        // send.
        let count = try Int.fetchOne(
            db,
            sql: "SELECT count(*) FROM replicas WHERE device = ?",
            arguments: [device.id.stored]
        )
        guard count ?? 0 < Limits.maximumReplicaCountPerDevice else { return false }
        try db.run(
            """
            INSERT OR REPLACE INTO replicas (notebook, replica, device, number)
            VALUES (?1, ?2, ?3, 1 + (SELECT coalesce(max(number), 0) FROM replicas WHERE device = ?3))
            """,
            [notebook.stored, replica.rawValue.stored, device.id.stored]
        )
        return true
    }
}
