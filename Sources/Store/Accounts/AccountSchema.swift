import GRDB

/// The tables of the accounts file and how older files become newer ones. Forward only.
enum AccountSchema {
    /// `PRAGMA user_version` of a file this program writes.
    static let version = 1

    /// "weba": `PRAGMA application_id`.
    static let applicationID = 0x7765_6261

    static func migrate(_ database: DatabaseQueue) throws {
        try database.write { db in
            let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            guard found <= version else { throw StoreError.newerProgram(found: found, known: version) }
            guard found < version else { return }
            try db.execute(sql: firstTables)
            try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
        }
    }

    /// The first schema.
    ///
    /// - `server`: one row: the address that links name, and the time of the last check that the disk can be written.
    /// - `devices`: never deleted, so that ids are never used again and a revoked device is told so.
    ///   `credential` is the SHA-256 of what the device shows.
    /// - `replicas`: which device writes under a replica of a notebook.
    /// - `links`: one row for each link that can still be redeemed; used ones are deleted, with their secrets.
    private static let firstTables = """
        CREATE TABLE server (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            public_address TEXT,
            checked INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE people (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL
        ) STRICT;
        CREATE TABLE notebooks (
            id BLOB PRIMARY KEY,
            name TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE members (
            notebook BLOB NOT NULL REFERENCES notebooks (id),
            person INTEGER NOT NULL REFERENCES people (id),
            PRIMARY KEY (notebook, person)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE devices (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            person INTEGER NOT NULL REFERENCES people (id),
            name TEXT NOT NULL,
            credential BLOB NOT NULL UNIQUE,
            linked INTEGER NOT NULL,
            seen INTEGER NOT NULL,
            revoked INTEGER
        ) STRICT;
        CREATE INDEX devices_by_person ON devices (person);
        CREATE TABLE replicas (
            notebook BLOB NOT NULL REFERENCES notebooks (id),
            replica INTEGER NOT NULL,
            device INTEGER NOT NULL REFERENCES devices (id),
            -- Counts what the device claimed: it writes under the last one alone.
            number INTEGER NOT NULL,
            PRIMARY KEY (notebook, replica)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX replicas_by_device ON replicas (device);
        CREATE TABLE links (
            id BLOB PRIMARY KEY,
            secret BLOB NOT NULL,
            person INTEGER NOT NULL REFERENCES people (id),
            notebook BLOB NOT NULL REFERENCES notebooks (id),
            expires INTEGER NOT NULL,
            failures INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
