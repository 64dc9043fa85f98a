#include "CPowerLoss.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct power_disk {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    pthread_mutex_t lock;
    power_event *events;
    int64_t count;
    int64_t capacity;
    int passing;
    int failures;
    char failing[16];
    char name[64];
};

typedef struct {
    sqlite3_file base;
    power_disk *disk;
    char name[64];
    /* The default VFS syncs the directory with the first sync of a log or journal that it may have made. */
    int syncs_directory;
    /* The default VFS's own object lies behind this one. */
    sqlite3_file real[];
} power_file;

static void copy_name(char *target, const char *path) {
    const char *slash = path == NULL ? NULL : strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path == NULL ? "" : path;
    strncpy(target, name, 63);
    target[63] = 0;
}

static void note(power_disk *disk, power_event event, const void *bytes) {
    if (bytes != NULL) {
        unsigned char *copy = malloc((size_t)event.size);
        if (copy == NULL) abort();
        event.bytes = memcpy(copy, bytes, (size_t)event.size);
    }
    pthread_mutex_lock(&disk->lock);
    if (disk->count == disk->capacity) {
        disk->capacity = disk->capacity == 0 ? 1024 : disk->capacity * 2;
        disk->events = realloc(disk->events, (size_t)disk->capacity * sizeof(power_event));
        if (disk->events == NULL) abort();
    }
    disk->events[disk->count++] = event;
    pthread_mutex_unlock(&disk->lock);
}

static void note_file(power_file *file, enum power_change kind, int64_t offset, int64_t size, const void *bytes) {
    power_event event = {.kind = kind, .offset = offset, .size = size};
    memcpy(event.name, file->name, sizeof event.name);
    note(file->disk, event, bytes);
}

static int file_close(sqlite3_file *file) {
    power_file *own = (power_file *)file;
    return own->real->pMethods != NULL ? own->real->pMethods->xClose(own->real) : SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    power_file *own = (power_file *)file;
    return own->real->pMethods->xRead(own->real, bytes, count, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    power_file *own = (power_file *)file;
    int code = own->real->pMethods->xWrite(own->real, bytes, count, offset);
    if (code == SQLITE_OK) note_file(own, POWER_WRITTEN, offset, count, bytes);
    return code;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
    power_file *own = (power_file *)file;
    int code = own->real->pMethods->xTruncate(own->real, size);
    if (code == SQLITE_OK) note_file(own, POWER_CUT_TO_SIZE, 0, size, NULL);
    return code;
}

static int ends_with(const char *text, const char *suffix) {
    size_t length = strlen(text), end = strlen(suffix);
    return length >= end && strcmp(text + length - end, suffix) == 0;
}

static int file_sync(sqlite3_file *file, int flags) {
    power_file *own = (power_file *)file;
    power_disk *disk = own->disk;
    power_event event = {.kind = POWER_SYNCED};
    memcpy(event.name, own->name, sizeof event.name);
    pthread_mutex_lock(&disk->lock);
    event.covered = disk->count;
    if (disk->failures > 0 && ends_with(own->name, disk->failing)) {
        if (disk->passing > 0) {
            disk->passing--;
        } else {
            disk->failures--;
            event.kind = POWER_SYNC_FAILED;
        }
    }
    pthread_mutex_unlock(&disk->lock);
    if (event.kind == POWER_SYNC_FAILED) {
        note(disk, event, NULL);
        return SQLITE_IOERR_FSYNC;
    }
    int code = own->real->pMethods->xSync(own->real, flags);
    if (code != SQLITE_OK) return code;
    note(disk, event, NULL);
    if (own->syncs_directory) {
        own->syncs_directory = 0;
        power_disk_directory_synced(disk);
    }
    return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
    power_file *own = (power_file *)file;
    return own->real->pMethods->xFileSize(own->real, size);
}

static int file_lock(sqlite3_file *file, int level) {
    power_file *own = (power_file *)file;
    return own->real->pMethods->xLock(own->real, level);
}

static int file_unlock(sqlite3_file *file, int level) {
    power_file *own = (power_file *)file;
    return own->real->pMethods->xUnlock(own->real, level);
}

static int file_check_lock(sqlite3_file *file, int *result) {
    power_file *own = (power_file *)file;
    return own->real->pMethods->xCheckReservedLock(own->real, result);
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
    power_file *own = (power_file *)file;
    return own->real->pMethods->xFileControl(own->real, operation, argument);
}

static int file_sector_size(sqlite3_file *file) {
    power_file *own = (power_file *)file;
    return own->real->pMethods->xSectorSize(own->real);
}

static int file_characteristics(sqlite3_file *file) {
    power_file *own = (power_file *)file;
    return own->real->pMethods->xDeviceCharacteristics(own->real);
}

/* The shared memory is no part of the disk: SQLite makes it anew from the log. */
static int file_map_shared(sqlite3_file *file, int page, int size, int extend, void volatile **address) {
    power_file *own = (power_file *)file;
    return own->real->pMethods->xShmMap(own->real, page, size, extend, address);
}

static int file_lock_shared(sqlite3_file *file, int offset, int count, int flags) {
    power_file *own = (power_file *)file;
    return own->real->pMethods->xShmLock(own->real, offset, count, flags);
}

static void file_barrier(sqlite3_file *file) {
    power_file *own = (power_file *)file;
    own->real->pMethods->xShmBarrier(own->real);
}

static int file_unmap_shared(sqlite3_file *file, int removes) {
    power_file *own = (power_file *)file;
    return own->real->pMethods->xShmUnmap(own->real, removes);
}

/* Version 2: without memory mapping, which would hide writes. */
static const sqlite3_io_methods file_methods = {
    2, file_close, file_read, file_write, file_truncate, file_sync, file_size, file_lock, file_unlock,
    file_check_lock, file_control, file_sector_size, file_characteristics, file_map_shared, file_lock_shared,
    file_barrier, file_unmap_shared, NULL, NULL,
};

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *result) {
    power_disk *disk = vfs->pAppData;
    power_file *own = (power_file *)file;
    memset(own, 0, sizeof *own);
    int exists = 1;
    if (path != NULL) disk->real->xAccess(disk->real, path, SQLITE_ACCESS_EXISTS, &exists);
    int code = disk->real->xOpen(disk->real, path, own->real, flags, result);
    if (own->real->pMethods == NULL) return code;
    own->base.pMethods = &file_methods;
    own->disk = disk;
    copy_name(own->name, path);
    own->syncs_directory = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    if (code == SQLITE_OK && !exists) note_file(own, POWER_MADE, 0, 0, NULL);
    return code;
}

static int disk_delete(sqlite3_vfs *vfs, const char *path, int syncs_directory) {
    power_disk *disk = vfs->pAppData;
    int code = disk->real->xDelete(disk->real, path, syncs_directory);
    if (code != SQLITE_OK) return code;
    power_event event = {.kind = POWER_REMOVED};
    copy_name(event.name, path);
    note(disk, event, NULL);
    if (syncs_directory) power_disk_directory_synced(disk);
    return code;
}

static int disk_access(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
    power_disk *disk = vfs->pAppData;
    return disk->real->xAccess(disk->real, path, flags, result);
}

static int disk_full_path(sqlite3_vfs *vfs, const char *path, int count, char *result) {
    power_disk *disk = vfs->pAppData;
    return disk->real->xFullPathname(disk->real, path, count, result);
}

power_disk *power_disk_make(const char *name) {
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    power_disk *disk = calloc(1, sizeof *disk);
    if (real == NULL || disk == NULL) return NULL;
    disk->real = real;
    disk->vfs = *real;
    disk->vfs.pNext = NULL;
    copy_name(disk->name, name);
    disk->vfs.zName = disk->name;
    disk->vfs.pAppData = disk;
    disk->vfs.szOsFile = (int)sizeof(power_file) + real->szOsFile;
    disk->vfs.xOpen = disk_open;
    disk->vfs.xDelete = disk_delete;
    disk->vfs.xAccess = disk_access;
    disk->vfs.xFullPathname = disk_full_path;
    pthread_mutex_init(&disk->lock, NULL);
    if (sqlite3_vfs_register(&disk->vfs, 0) != SQLITE_OK) return NULL;
    return disk;
}

int64_t power_disk_count(power_disk *disk) {
    pthread_mutex_lock(&disk->lock);
    int64_t count = disk->count;
    pthread_mutex_unlock(&disk->lock);
    return count;
}

power_event power_disk_event(power_disk *disk, int64_t number) {
    pthread_mutex_lock(&disk->lock);
    power_event event = disk->events[number];
    pthread_mutex_unlock(&disk->lock);
    return event;
}

void power_disk_fail_syncs(power_disk *disk, int count, const char *suffix, int passing) {
    pthread_mutex_lock(&disk->lock);
    disk->failures = count;
    disk->passing = passing;
    strncpy(disk->failing, suffix, sizeof disk->failing - 1);
    pthread_mutex_unlock(&disk->lock);
}

void power_disk_directory_synced(power_disk *disk) {
    power_event event = {.kind = POWER_DIRECTORY_SYNCED};
    pthread_mutex_lock(&disk->lock);
    event.covered = disk->count;
    pthread_mutex_unlock(&disk->lock);
    note(disk, event, NULL);
}
