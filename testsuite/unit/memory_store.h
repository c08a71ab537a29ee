// SPDX-License-Identifier: MIT
// A disk store in memory that keeps a journal of what was asked of it, for tests of what stands on
// a disk: which bytes, in which order, and what was flushed before what.
#ifndef TABLEWALK_TESTSUITE_UNIT_MEMORY_STORE_H
#define TABLEWALK_TESTSUITE_UNIT_MEMORY_STORE_H

#include "devices/disk.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { JOURNAL_MAX = 4096 };

struct memory_store {
    uint8_t *data;
    uint64_t bytes;
    struct {
        char what; // 'r', 'w', 'z', 'f'
        uint64_t offset, len;
    } journal[JOURNAL_MAX];
    unsigned entries;
    bool closed;
};

static inline void memory_note(struct memory_store *m, char what, uint64_t offset, uint64_t len) {
    cr_assert(offset <= m->bytes && len <= m->bytes - offset, "%c past the store's end", what);
    if (m->entries == JOURNAL_MAX) return;
    m->journal[m->entries].what = what;
    m->journal[m->entries].offset = offset;
    m->journal[m->entries++].len = len;
}

static inline int memory_read(void *store, void *to, uint64_t len, uint64_t offset) {
    struct memory_store *m = store;
    memory_note(m, 'r', offset, len);
    memcpy(to, m->data + offset, len);
    return 0;
}
static inline int memory_write(void *store, const void *from, uint64_t len, uint64_t offset) {
    struct memory_store *m = store;
    memory_note(m, 'w', offset, len);
    memcpy(m->data + offset, from, len);
    return 0;
}
static inline int memory_zero(void *store, uint64_t len, uint64_t offset) {
    struct memory_store *m = store;
    memory_note(m, 'z', offset, len);
    memset(m->data + offset, 0, len);
    return 0;
}
static inline int memory_flush(void *store) {
    memory_note(store, 'f', 0, 0);
    return 0;
}
static inline void memory_close(void *store) {
    struct memory_store *m = store;
    free(m->data);
    m->closed = true;
}

static const struct disk_store_type memory_store_type = {
    memory_read, memory_write, memory_zero, memory_flush, memory_close,
};

// Fills m for that many sectors, each byte of which depends on its place.
static inline struct disk_store memory_store(struct memory_store *m, uint64_t sectors) {
    *m = (struct memory_store){.bytes = sectors * SECTOR_BYTES};
    m->data = malloc(m->bytes);
    for (uint64_t i = 0; i < m->bytes; i++) m->data[i] = (uint8_t)(i * 7 + i / 512 + 1);
    return (struct disk_store){&memory_store_type, m};
}

// How many journal entries of a kind there are.
static inline unsigned journalled(const struct memory_store *m, char what) {
    unsigned n = 0;
    for (unsigned i = 0; i < m->entries; i++) n += m->journal[i].what == what;
    return n;
}

#endif
