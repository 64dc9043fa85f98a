#ifndef OPERATIVE_CSQLITE_SHIM_H
#define OPERATIVE_CSQLITE_SHIM_H

#include <sqlite3.h>
#include <stddef.h>

// SQLITE_TRANSIENT is a cast of -1 to a function pointer, which Swift does not import.

/// Binds a copy of a text in UTF-8.
static inline int operative_sqlite3_bind_text(sqlite3_stmt *statement, int index, const void *text, sqlite3_uint64 count) {
    return sqlite3_bind_text64(statement, index, (const char *)text, count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// Binds a copy of some bytes.
static inline int operative_sqlite3_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_TRANSIENT);
}

// sqlite3_config takes any arguments, which Swift cannot call.

/// Has SQLite count no memory, which takes a lock of the whole process at every allocation. To be called before anything else.
static inline int operative_sqlite3_count_no_memory(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

// Methods of SQLite's file objects are reached through a table of function pointers, which strict Swift cannot call plainly.

/// The file object of the write-ahead log of an open database; NULL when it has none yet.
static inline sqlite3_file *operative_sqlite3_wal_file(sqlite3 *database) {
    sqlite3_file *file = NULL;
    if (sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) != SQLITE_OK) return NULL;
    return file != NULL && file->pMethods != NULL ? file : NULL;
}

/// Waits until everything that was written to the file is on the disk. May be called while another thread writes to it.
static inline int operative_sqlite3_sync(sqlite3_file *file) {
    return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

#endif
