import GRDB
import Glibc

/// The tables of a notebook file and how older files become newer ones. Forward only.
enum StoreSchema {
    /// `PRAGMA user_version` of a file this program writes.
    static let version = 1

    /// "webn": `PRAGMA application_id`, so that `file` and we know a notebook.
    static let applicationID = 0x7765_626E

    /// Refuses a file that is not ours to open before anything has written to it; `DatabasePool` writes where
    /// there is no write-ahead log yet. What is in such a log is looked at by ``migrate(_:)``.
    /// <https://www.sqlite.org/fileformat2.html#the_database_header>
    static func refuseForeign(_ path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        var header = [UInt8](repeating: 0, count: 72)
        guard pread(file, &header, header.count, 0) == header.count else { return }
        let numbers = [60, 68].map { header[$0..<$0 + 4].reduce(0) { $0 << 8 | Int($1) } }
        guard numbers[1] == applicationID || numbers[1] == 0 else { throw notOurs }
        guard numbers[0] <= version else { throw StoreError.newerProgram(found: numbers[0], known: version) }
    }

    private static let notOurs = StoreError.corrupt("it is another program's database")

    /// Brings a file up to ``version``; does nothing, not even begin a transaction, where it is there.
    static func migrate(_ writer: any DatabaseWriter) throws {
        let found = try writer.unsafeRead { try $0.value("PRAGMA user_version") ?? 0 }
        guard found <= version else { throw StoreError.newerProgram(found: found, known: version) }
        guard found < version else { return }
        try writer.write { db in
            // Another process may have been faster.
            let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            guard try found > 0 || isEmpty(db) else { throw notOurs }
            if found < 1 { try db.execute(sql: firstTables) }
            try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
        }
    }

    /// The tables, those that others refer to first.
    static let tables = [
        "notebook", "changes", "records", "texts", "buckets", "peers", "loading", "outgoing", "proofs", "undone",
        "marks", "readers", "returned", "refused",
    ]

    static func removeAll(_ db: Database) throws {
        for table in tables.reversed() { try db.run("DELETE FROM \(table)") }
    }

    private static func isEmpty(_ db: Database) throws -> Bool {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
    }

    /// The first schema.
    ///
    /// - `notebook`: one row: which notebook this is a replica of, and which replica; up to which version its log was
    ///   folded; whether a server's log was ever put back.
    /// - `changes`: the log. `version` is the order of arrival; on a server it is *the* version.
    ///   `applied` orders the changes by when they took effect (parents before children); null
    ///   while one waits for a parent. `hash` is zero while a snapshot loads that it came with.
    ///   `log_hash` is the running hash over the log.
    /// - `records`: the current state, one row a record; `state` in the canonical form.
    ///   `records_of_programme` says OR, not IN: SQLite would make a table of an IN each time it writes a record, and
    ///   would not see that `kind = 2` is in it.
    /// - `texts`: the merged texts and, for those in conflict, that they are.
    /// - `buckets`: the XOR of the digests of the records in each of 256 buckets.
    /// - `peers`: the server as this device knows it.
    /// - `loading`: one row while a snapshot loads: of which log, and how many of its changes are here.
    /// - `outgoing`: the logs that this device sends, and how far the server has each: every replica it has
    ///   written under, with where it stopped writing (null: it has not), and the logs of others that a
    ///   server lacks which was put back. `given`: how far others may have it by file. `heir`: what stands in this log
    ///   was written on under that replica.
    /// - `proofs`: the server's word that it had a log up to here, at each point and at the last.
    /// - `undone`: which of our changes took back which, so that undo goes further back. A change that had nothing left
    ///   to take back does not exist: it stands under the negative number of the one that it was to take back.
    /// - `marks`: on a device, how far its log went when it was level with the server on a day, and how far the server's;
    ///   `own` and `server` are what their clocks showed.
    /// - `readers`: on a server, how far each device had read on the day it was seen.
    /// - `returned`: the purged records that somebody touched who did not know, until they are written again.
    /// - `refused`: on a server, the changes that it refused for their stamps, by their hashes, and when.
    private static let firstTables = """
        CREATE TABLE notebook (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            notebook BLOB NOT NULL,
            replica INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            nonce INTEGER NOT NULL,
            state_version INTEGER NOT NULL,
            folded INTEGER NOT NULL DEFAULT 0,
            put_back INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE changes (
            version INTEGER PRIMARY KEY,
            replica INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            time INTEGER NOT NULL,
            record BLOB NOT NULL,
            hash BLOB NOT NULL,
            log_hash BLOB NOT NULL,
            applied INTEGER,
            body BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX changes_by_replica ON changes (replica, sequence);
        CREATE INDEX changes_waiting ON changes (replica, sequence) WHERE applied IS NULL;
        CREATE INDEX changes_void ON changes (record) WHERE applied < 0;
        CREATE TABLE records (
            row INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            kind INTEGER NOT NULL,
            handle INTEGER NOT NULL,
            parent BLOB,
            deleted INTEGER,
            conflicts INTEGER NOT NULL,
            state BLOB NOT NULL
        ) STRICT;
        CREATE INDEX records_by_handle ON records (handle);
        CREATE INDEX records_by_parent ON records (parent) WHERE parent IS NOT NULL;
        CREATE INDEX records_of_programme ON records (kind) WHERE kind = 1 OR kind = 2 OR kind = 7;
        CREATE INDEX records_in_trash ON records (deleted) WHERE deleted IS NOT NULL;
        CREATE INDEX records_in_conflict ON records (conflicts) WHERE conflicts > 0;
        CREATE TABLE texts (
            record INTEGER NOT NULL REFERENCES records (row),
            field INTEGER NOT NULL,
            text TEXT NOT NULL,
            conflicts INTEGER NOT NULL,
            PRIMARY KEY (record, field)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE buckets (
            bucket INTEGER PRIMARY KEY,
            digest BLOB NOT NULL
        ) STRICT;
        CREATE TABLE peers (
            name TEXT PRIMARY KEY,
            epoch INTEGER NOT NULL,
            version INTEGER NOT NULL,
            hash BLOB NOT NULL,
            clock_offset INTEGER NOT NULL,
            batch_bytes INTEGER NOT NULL,
            synced INTEGER NOT NULL,
            settled_row INTEGER NOT NULL,
            deleted_count INTEGER NOT NULL,
            held_count INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE loading (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            epoch INTEGER NOT NULL,
            version INTEGER NOT NULL,
            hash BLOB NOT NULL,
            loaded INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE outgoing (
            replica INTEGER PRIMARY KEY,
            acknowledged INTEGER NOT NULL,
            through INTEGER,
            is_own INTEGER NOT NULL,
            given INTEGER NOT NULL DEFAULT 0,
            goes_on INTEGER NOT NULL DEFAULT 0,
            heir INTEGER
        ) STRICT;
        CREATE TABLE proofs (
            replica INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            is_point INTEGER NOT NULL,
            code BLOB NOT NULL,
            PRIMARY KEY (replica, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE undone (
            replica INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            undid_replica INTEGER NOT NULL,
            undid INTEGER NOT NULL,
            PRIMARY KEY (replica, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE marks (
            version INTEGER PRIMARY KEY,
            server_version INTEGER NOT NULL,
            own INTEGER NOT NULL,
            server INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE readers (
            device INTEGER PRIMARY KEY,
            version INTEGER NOT NULL,
            seen INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE returned (
            record BLOB PRIMARY KEY
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE refused (
            number INTEGER PRIMARY KEY,
            replica INTEGER NOT NULL,
            hash BLOB NOT NULL,
            milliseconds INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX refused_by_replica ON refused (replica);
        """
}
