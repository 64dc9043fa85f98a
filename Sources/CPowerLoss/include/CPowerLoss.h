#pragma once

#include <stdint.h>

/* A disk for tests: a VFS of SQLite that passes everything on to the default one and writes down what would have changed a real disk. */
typedef struct power_disk power_disk;

enum power_change {
    POWER_MADE = 0,
    POWER_WRITTEN = 1,
    POWER_CUT_TO_SIZE = 2,
    POWER_SYNCED = 3,
    POWER_SYNC_FAILED = 4,
    POWER_REMOVED = 5,
    POWER_DIRECTORY_SYNCED = 6,
};

typedef struct {
    enum power_change kind;
    /* The name without its directory; empty for POWER_DIRECTORY_SYNCED. */
    char name[64];
    /* Where was written. */
    int64_t offset;
    /* How many bytes were written, or the new size. */
    int64_t size;
    /* What was written; belongs to the disk. */
    const unsigned char *bytes;
    /* How many changes there were when a sync began: only those are covered by it. */
    int64_t covered;
} power_event;

/* Registers a VFS under a name that no other has. It stays registered, because threads of a journal that was given up may still use it. NULL without memory. */
power_disk *power_disk_make(const char *name);

/* How many changes there were. */
int64_t power_disk_count(power_disk *disk);

/* A change by its number, from 0. */
power_event power_disk_event(power_disk *disk, int64_t number);

/* After so many that pass, so many syncs of files whose names end so fail, as on a broken disk; what they should have written counts as lost from then on. */
void power_disk_fail_syncs(power_disk *disk, int count, const char *suffix, int passing);

/* Somebody has synced the directory by other means. */
void power_disk_directory_synced(power_disk *disk);
