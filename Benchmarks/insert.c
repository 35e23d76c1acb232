/* The least that one durable save can cost with SQLite: open, one insert, commit, exit.
 *
 *     insert DB [ROWS]     adds ROWS rows first (in one transaction, not for timing), else one row
 *
 * Write-ahead log, synchronous = FULL, no checkpoint on close (but after many rows): what a save of ours asks of the
 * disk. A table with two
 * indexes, a title of 60 and a body of 300 bytes: what a small program that keeps notes would have. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(int code, int expected, sqlite3 *db, const char *what) {
    if (code == expected) return;
    fprintf(stderr, "insert: %s: %s\n", what, sqlite3_errmsg(db));
    exit(1);
}

static void run(sqlite3 *db, const char *sql) { check(sqlite3_exec(db, sql, 0, 0, 0), SQLITE_OK, db, sql); }

int main(int count, char **words) {
    if (count < 2) return 64;
    int rows = count > 2 ? atoi(words[2]) : 1;
    char title[60], body[300];
    memset(title, 't', sizeof title);
    memset(body, 'b', sizeof body);

    sqlite3 *db;
    check(sqlite3_open(words[1], &db), SQLITE_OK, db, "open");
    run(db, "pragma journal_mode = wal; pragma synchronous = full");
    if (rows == 1) sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    run(db, "create table if not exists notes (id integer primary key, time int, title text, body text);"
            "create index if not exists notes_by_time on notes (time);"
            "create index if not exists notes_by_title on notes (title)");
    sqlite3_stmt *insert;
    check(sqlite3_prepare_v2(db, "insert into notes (time, title, body) values (?, ?, ?)", -1, &insert, 0), SQLITE_OK, db,
          "prepare");
    run(db, "begin immediate");
    for (int row = 0; row < rows; row++) {
        sqlite3_bind_int(insert, 1, row);
        sqlite3_bind_text(insert, 2, title, sizeof title, SQLITE_STATIC);
        sqlite3_bind_text(insert, 3, body, sizeof body, SQLITE_STATIC);
        check(sqlite3_step(insert), SQLITE_DONE, db, "insert");
        sqlite3_reset(insert);
    }
    run(db, "commit");
    sqlite3_finalize(insert);
    sqlite3_close(db);
    return 0;
}
