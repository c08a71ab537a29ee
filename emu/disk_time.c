// SPDX-License-Identifier: MIT
// A disk's time (see disk_time.h).
#include "emu/disk_time.h"

// Microseconds until the heads are over a sector: the shorter the way, the sooner.
static uint64_t seek(struct disk_time *d, uint64_t sector) {
    const uint64_t way = sector > d->next ? sector - d->next : d->next - sector;
    const uint64_t longest = d->core->disk_seek, shortest = d->core->disk_settle;
    if (way == 0 || d->sectors == 0) return 0;
    if (longest <= shortest) return shortest;
    return shortest + way / (d->sectors / (longest - shortest) + 1);
}

uint64_t disk_time_cycles(void *disk_time, enum blk_op op, uint64_t sector, uint64_t bytes) {
    struct disk_time *d = disk_time;
    const struct core *c = d->core;
    const uint64_t mhz = c->frequency;
    switch (op) {
    case BLK_ID: return 0;
    case BLK_FLUSH: return c->disk_flush * mhz;
    default: break;
    }
    const uint64_t microseconds = c->disk_request + seek(d, sector);
    d->next = sector + bytes / SECTOR_BYTES;
    // disk_rate is in bytes a microsecond.
    return microseconds * mhz + (c->disk_rate ? bytes * mhz / c->disk_rate : 0);
}
