// SPDX-License-Identifier: MIT
// A disk image: a raw file seen as 512-byte sectors. The file is opened once, locked against other
// programs (one writer or several readers), its capacity fixed, and then read, written, zeroed and
// flushed through a small table of functions, so that a test can put something else underneath: a
// journal, a failing host, a lost power supply.
//
// A file whose length is no multiple of 512 has a last sector that reads as zeroes behind the
// file's end; writing that sector makes the file a whole number of sectors long.
#ifndef TABLEWALK_DEVICES_DISK_H
#define TABLEWALK_DEVICES_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SECTOR_BYTES = 512 };

// How writes reach the host's disk.
enum disk_cache {
    DISK_CACHE_FLUSH,  // a guest's flush is an fdatasync
    DISK_CACHE_UNSAFE, // flushes do nothing: for tests and throw-away disks
};

struct disk_options {
    const char *path;
    bool readonly; // the guest can't write
    bool snapshot; // the guest's writes are kept in memory and forgotten at the end
    enum disk_cache cache;
    const char *inject; // rules for disk_inject(), or NULL
};

// What carries the bytes. Offsets and lengths in bytes; each function returns 0 or a positive
// errno. read gives zeroes behind the end of what is stored; read, write and zero never move less
// than len bytes without an error. close frees the store.
struct disk_store_type {
    int (*read)(void *store, void *to, uint64_t len, uint64_t offset);
    int (*write)(void *store, const void *from, uint64_t len, uint64_t offset);
    int (*zero)(void *store, uint64_t len, uint64_t offset);
    int (*flush)(void *store);
    void (*close)(void *store);
};

struct disk_store {
    const struct disk_store_type *type;
    void *store;
};

struct disk_counters {
    uint64_t reads, writes, zeroes, flushes; // transfers: a request may take several
    uint64_t bytes_read, bytes_written, bytes_zeroed;
    uint64_t errors; // transfers that the host, or an injected fault, let fail
};

struct disk;

// Opens an image as the options say. NULL: it can't be had; message (of at least message_bytes,
// always terminated) then is one line without newline: "FILE: what is wrong; what would be right".
struct disk *disk_open(const struct disk_options *options, char *message, size_t message_bytes);

// A disk over any store, which it closes at the end. capacity in sectors. NULL: out of host memory;
// the store is left open.
struct disk *disk_over(struct disk_store store, uint64_t capacity, bool readonly);

void disk_close(struct disk *d); // NULL does nothing

uint64_t disk_capacity(const struct disk *d); // in sectors, the same for the disk's whole life
bool disk_readonly(const struct disk *d);
const struct disk_counters *disk_counters(const struct disk *d);

// Do count sectors from sector on lie on the disk as a whole? Cannot overflow.
bool disk_holds(const struct disk *d, uint64_t sector, uint64_t count);

// Transfers, in bytes; offset + len is within the capacity (the caller has asked disk_holds) and
// the disk is not read-only when it is changed. 0 or a positive errno. After an error some of the
// bytes may have moved.
int disk_read(struct disk *d, void *to, uint64_t len, uint64_t offset);
int disk_write(struct disk *d, const void *from, uint64_t len, uint64_t offset);
int disk_zero(struct disk *d, uint64_t len, uint64_t offset);

// Everything written so far is on the host's disk when this returns 0. Costs nothing when nothing
// was written since the last one.
int disk_flush(struct disk *d);

// Injects faults by rules (devices/disk_fault.h says how they read); NULL or "" takes them off.
// false: not understood, and message says what would be.
bool disk_inject(struct disk *d, const char *rules, char *message, size_t message_bytes);

#endif
