// SPDX-License-Identifier: MIT
// Plays the driver of a virtio block device over a disk in memory: requests in the usual form, and
// what a test looks at afterwards.
#ifndef TABLEWALK_TESTSUITE_UNIT_BLK_DRIVER_H
#define TABLEWALK_TESTSUITE_UNIT_BLK_DRIVER_H

#include "devices/virtio_blk.h"
#include "testsuite/unit/memory_store.h"
#include "testsuite/unit/ring.h"

enum { IN = 0, OUT = 1, FLUSH = 4, GET_ID = 8, DISCARD = 11, WRITE_ZEROES = 13 };
enum { OK = 0, IOERR = 1, UNSUPP = 2, UNTOUCHED = 0xee };
enum { SECTORS = 64 };

#define BIT(n)     (UINT64_C(1) << (n))
#define VERSION_1  BIT(32)
#define F_RO       BIT(5)
#define F_FLUSH    BIT(9)
#define F_WCE      BIT(11)
#define F_DISCARD  BIT(13)
#define F_ZEROES   BIT(14)
#define EVERYTHING (VERSION_1 | F_FLUSH | F_DISCARD | F_ZEROES | BIT(28) | BIT(29))

// Where a request's parts are.
#define HEADER    (DATA)
#define STATUS_AT (DATA + 0x40)
#define BUFFER    (DATA + 0x1000)
#define SEGMENTS  (DATA + 0x80) // of a discard

struct bench {
    struct ring r;
    struct memory_store m;
    struct virtio *v;
    struct disk *disk;
    uint64_t slowness; // cycles a sector, for a disk that takes time
    struct {
        enum blk_op op;
        uint64_t sector, pa, bytes;
    } seen;
    uint32_t len; // of the last used element
};

static inline uint64_t cycles(void *model, enum blk_op op, uint64_t sector, uint64_t bytes) {
    (void)op, (void)sector;
    return ((struct bench *)model)->slowness * (1 + bytes / SECTOR_BYTES);
}

static inline void transfer(void *observer, enum blk_op op, uint64_t sector, uint64_t pa,
                            uint64_t bytes) {
    struct bench *b = observer;
    b->seen.op = op, b->seen.sector = sector, b->seen.pa = pa, b->seen.bytes = bytes;
}

static inline void start_over(struct bench *b, uint64_t sectors, bool readonly, uint64_t features) {
    *b = (struct bench){.len = 0};
    ring_machine(&b->r);
    b->disk = disk_over(memory_store(&b->m, sectors), sectors, readonly);
    cr_assert_not_null(b->disk);
    const struct virtio_blk_config config = {
        b->disk, "a name longer than twenty bytes", cycles, b, transfer, b,
    };
    b->v = virtio_blk_create(&b->r.clock.schedule, &config);
    cr_assert_not_null(b->v);
    ring_plug(&b->r, b->v, false);
    ring_start(&b->r, features, 16);
}

static inline void start(struct bench *b) { start_over(b, SECTORS, false, EVERYTHING); }

static inline void end(struct bench *b) {
    ring_end(&b->r);
    cr_assert(b->m.closed, "the disk goes with its device");
}

static inline void header(struct bench *b, uint32_t type, uint64_t sector) {
    poke(&b->r, HEADER, type, 4);
    poke(&b->r, HEADER + 4, 0xdeadbeef, 4);
    poke(&b->r, HEADER + 8, sector, 8);
    poke(&b->r, STATUS_AT, UNTOUCHED, 1);
}

// Offers the chain at descriptor 0, and gives the status that it ends with.
static inline unsigned run_chain(struct bench *b) {
    uint32_t id;
    offer(&b->r, 0);
    notify(&b->r);
    cr_assert(take_used(&b->r, &id, &b->len), "every chain comes back");
    cr_assert_eq(id, 0);
    cr_assert_not(take_used(&b->r, &id, &b->len), "once");
    return (unsigned)peek(&b->r, STATUS_AT, 1);
}

// A request in the usual form: header, data (if any), status.
static inline unsigned request(struct bench *b, uint32_t type, uint64_t sector, uint64_t data,
                               uint32_t len, unsigned flags) {
    header(b, type, sector);
    desc(&b->r, 0, HEADER, 16, NEXT, len ? 1 : 2);
    desc(&b->r, 1, data, len, NEXT | flags, 2);
    desc(&b->r, 2, STATUS_AT, 1, WRITE, 0);
    return run_chain(b);
}

static inline unsigned read_to(struct bench *b, uint64_t sector, uint32_t sectors) {
    return request(b, IN, sector, BUFFER, sectors * SECTOR_BYTES, WRITE);
}
static inline unsigned write_from(struct bench *b, uint64_t sector, uint32_t sectors) {
    return request(b, OUT, sector, BUFFER, sectors * SECTOR_BYTES, 0);
}

static inline uint8_t *guest(struct bench *b, uint64_t pa) { return b->r.ram + (pa - RAM); }
static inline uint8_t *sector_at(struct bench *b, uint64_t sector) {
    return b->m.data + sector * SECTOR_BYTES;
}

// The disk's bytes are those it had at the start.
static inline void expect_untouched(struct bench *b) {
    struct memory_store fresh;
    memory_store(&fresh, b->m.bytes / SECTOR_BYTES);
    cr_assert_arr_eq(b->m.data, fresh.data, b->m.bytes);
    free(fresh.data);
}

static inline void put_segment(struct bench *b, unsigned i, uint64_t sector, uint32_t n,
                               uint32_t flags) {
    poke(&b->r, SEGMENTS + i * 16, sector, 8);
    poke(&b->r, SEGMENTS + i * 16 + 8, n, 4);
    poke(&b->r, SEGMENTS + i * 16 + 12, flags, 4);
}

#endif
