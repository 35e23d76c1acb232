#ifndef WEBINAR_CSQLITE_SHIM_H
#define WEBINAR_CSQLITE_SHIM_H

#include <sqlite3.h>

// What of SQLite Swift does not import: a function that takes any arguments, and a macro with a cast.

static inline int webinar_sqlite3_config_memstatus(int on) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, on); }

static inline int webinar_sqlite3_bind_copied_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    // A null pointer would be NULL, and no bytes are none.
    return sqlite3_bind_blob(statement, index, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}

#endif
