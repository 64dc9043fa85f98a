#ifndef OPERATIVE_CSQLITE_SHIM_H
#define OPERATIVE_CSQLITE_SHIM_H

#include <sqlite3.h>
#include <stddef.h>
#include <string.h>

// SQLITE_TRANSIENT is a cast of -1 to a function pointer, which Swift does not import.

/// Binds a copy of a text in UTF-8.
static inline int operative_sqlite3_bind_text(sqlite3_stmt *statement, int index, const void *text, sqlite3_uint64 count) {
    return sqlite3_bind_text64(statement, index, (const char *)text, count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// Binds a copy of some bytes.
static inline int operative_sqlite3_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_TRANSIENT);
}

// Extended codes are made from others in macros, which Swift does not import.
static const int operative_ioerr_fsync = SQLITE_IOERR_FSYNC;
static const int operative_ioerr_dir_fsync = SQLITE_IOERR_DIR_FSYNC;

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

/// Reads from a file; SQLITE_IOERR_SHORT_READ when it ends before.
static inline int operative_sqlite3_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    return file->pMethods->xRead(file, bytes, count, offset);
}

/// Writes to a file.
static inline int operative_sqlite3_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    return file->pMethods->xWrite(file, bytes, count, offset);
}

/// How far the write-ahead log goes, as SQLite remembers it in the wal-index (https://sqlite.org/walformat.html, section 2.1).
struct operative_wal_index {
    unsigned int version, unused, change;
    unsigned char is_valid, has_big_endian_checksums;
    unsigned short page_size;
    unsigned int frames, pages;
    /// Of the last frame.
    unsigned int checksum[2];
    /// As they lie in the log's header.
    unsigned char salts[8];
    unsigned int own_checksum[2];
};

/// Reads the wal-index. To be called while nobody writes to the database, after the first transaction.
static inline int operative_sqlite3_wal_index(sqlite3 *database, struct operative_wal_index *index) {
    sqlite3_file *file = NULL;
    void volatile *shared = NULL;
    int code = sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code != SQLITE_OK) return code;
    if (file == NULL || file->pMethods == NULL || file->pMethods->iVersion < 2) return SQLITE_NOTFOUND;
    code = file->pMethods->xShmMap(file, 0, 32768, 0, &shared);
    if (code != SQLITE_OK) return code;
    if (shared == NULL) return SQLITE_NOTFOUND;
    memcpy(index, (const void *)shared, sizeof *index);
    return SQLITE_OK;
}

/// Leaves the log as it is when the connection is closed, instead of moving its content into the database.
static inline int operative_sqlite3_keep_log_on_close(sqlite3 *database) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

#endif
