// SPDX-License-Identifier: MIT
// A disk store that writes beside what it reads (snapshot=on): the disk is cut into granules, and a
// granule comes from the top store once something was written to it, from the base before.
#include "devices/disk_store.h"

#include <stdlib.h>

enum { GRANULE = 4096 };

struct overlay {
    struct disk_store base, top;
    uint64_t bytes;
    uint8_t on_top[]; // a bit a granule
};

static bool is_on_top(const struct overlay *o, uint64_t granule) {
    return o->on_top[granule / 8] >> (granule % 8) & 1;
}

static void put_on_top(struct overlay *o, uint64_t granule) {
    o->on_top[granule / 8] |= (uint8_t)(1 << granule % 8);
}

// How many of the len bytes at offset come from the same store as the first.
static uint64_t run_of(const struct overlay *o, uint64_t offset, uint64_t len) {
    const uint64_t first = offset / GRANULE;
    uint64_t end = (first + 1) * GRANULE;
    while (end - offset < len && is_on_top(o, end / GRANULE) == is_on_top(o, first)) end += GRANULE;
    return end - offset < len ? end - offset : len;
}

static int overlay_read(void *store, void *to, uint64_t len, uint64_t offset) {
    const struct overlay *o = store;
    uint8_t *at = to;
    while (len) {
        const uint64_t run = run_of(o, offset, len);
        const struct disk_store *from = is_on_top(o, offset / GRANULE) ? &o->top : &o->base;
        const int error = from->type->read(from->store, at, run, offset);
        if (error) return error;
        at += run;
        offset += run;
        len -= run;
    }
    return 0;
}

// Copies a granule up, because a part of it will be written.
static int copy_up(struct overlay *o, uint64_t granule) {
    uint8_t data[GRANULE];
    if (is_on_top(o, granule)) return 0;
    const uint64_t offset = granule * GRANULE;
    const uint64_t len = o->bytes - offset < GRANULE ? o->bytes - offset : GRANULE;
    int error = o->base.type->read(o->base.store, data, len, offset);
    if (!error) error = o->top.type->write(o->top.store, data, len, offset);
    if (!error) put_on_top(o, granule);
    return error;
}

// Makes ready to change len > 0 bytes at offset: a granule that is changed in part is copied up.
static int prepare(struct overlay *o, uint64_t len, uint64_t offset) {
    const uint64_t end = offset + len;
    int error = 0;
    if (offset % GRANULE) error = copy_up(o, offset / GRANULE);
    if (!error && end % GRANULE && end != o->bytes) error = copy_up(o, end / GRANULE);
    return error;
}

static void mark(struct overlay *o, uint64_t len, uint64_t offset) {
    for (uint64_t g = offset / GRANULE; g <= (offset + len - 1) / GRANULE; g++) put_on_top(o, g);
}

static int overlay_write(void *store, const void *from, uint64_t len, uint64_t offset) {
    struct overlay *o = store;
    if (!len) return 0;
    int error = prepare(o, len, offset);
    if (!error) error = o->top.type->write(o->top.store, from, len, offset);
    if (!error) mark(o, len, offset);
    return error;
}

static int overlay_zero(void *store, uint64_t len, uint64_t offset) {
    struct overlay *o = store;
    if (!len) return 0;
    int error = prepare(o, len, offset);
    if (!error) error = o->top.type->zero(o->top.store, len, offset);
    if (!error) mark(o, len, offset);
    return error;
}

// What is written here is forgotten at the end, so there is nothing to keep safe.
static int overlay_flush(void *store) {
    (void)store;
    return 0;
}

static void overlay_close(void *store) {
    struct overlay *o = store;
    o->base.type->close(o->base.store);
    o->top.type->close(o->top.store);
    free(o);
}

static const struct disk_store_type overlay_type = {
    .read = overlay_read,
    .write = overlay_write,
    .zero = overlay_zero,
    .flush = overlay_flush,
    .close = overlay_close,
};

struct disk_store disk_overlay_store(struct disk_store base, struct disk_store top,
                                     uint64_t bytes) {
    struct overlay *o = calloc(1, sizeof *o + bytes / GRANULE / 8 + 1);
    if (o) {
        o->base = base;
        o->top = top;
        o->bytes = bytes;
    }
    return (struct disk_store){.type = &overlay_type, .store = o};
}
