// SPDX-License-Identifier: MIT
// The virtio block device, corner case by corner case: each type of request, each status, every
// way to cut a request into descriptors, and a disk that fails or takes its time.
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

static uint64_t cycles(void *model, enum blk_op op, uint64_t sector, uint64_t bytes) {
    (void)op, (void)sector;
    return ((struct bench *)model)->slowness * (1 + bytes / SECTOR_BYTES);
}

static void transfer(void *observer, enum blk_op op, uint64_t sector, uint64_t pa, uint64_t bytes) {
    struct bench *b = observer;
    b->seen.op = op, b->seen.sector = sector, b->seen.pa = pa, b->seen.bytes = bytes;
}

static void start_over(struct bench *b, uint64_t sectors, bool readonly, uint64_t features) {
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

static void start(struct bench *b) { start_over(b, SECTORS, false, EVERYTHING); }

static void end(struct bench *b) {
    ring_end(&b->r);
    cr_assert(b->m.closed, "the disk goes with its device");
}

static void header(struct bench *b, uint32_t type, uint64_t sector) {
    poke(&b->r, HEADER, type, 4);
    poke(&b->r, HEADER + 4, 0xdeadbeef, 4);
    poke(&b->r, HEADER + 8, sector, 8);
    poke(&b->r, STATUS_AT, UNTOUCHED, 1);
}

// Offers the chain at descriptor 0, and gives the status that it ends with.
static unsigned run_chain(struct bench *b) {
    uint32_t id;
    offer(&b->r, 0);
    notify(&b->r);
    cr_assert(take_used(&b->r, &id, &b->len), "every chain comes back");
    cr_assert_eq(id, 0);
    cr_assert_not(take_used(&b->r, &id, &b->len), "once");
    return (unsigned)peek(&b->r, STATUS_AT, 1);
}

// A request in the usual form: header, data (if any), status.
static unsigned request(struct bench *b, uint32_t type, uint64_t sector, uint64_t data,
                        uint32_t len, unsigned flags) {
    header(b, type, sector);
    desc(&b->r, 0, HEADER, 16, NEXT, len ? 1 : 2);
    desc(&b->r, 1, data, len, NEXT | flags, 2);
    desc(&b->r, 2, STATUS_AT, 1, WRITE, 0);
    return run_chain(b);
}

static unsigned read_to(struct bench *b, uint64_t sector, uint32_t sectors) {
    return request(b, IN, sector, BUFFER, sectors * SECTOR_BYTES, WRITE);
}
static unsigned write_from(struct bench *b, uint64_t sector, uint32_t sectors) {
    return request(b, OUT, sector, BUFFER, sectors * SECTOR_BYTES, 0);
}

static uint8_t *guest(struct bench *b, uint64_t pa) { return b->r.ram + (pa - RAM); }
static uint8_t *sector_at(struct bench *b, uint64_t sector) {
    return b->m.data + sector * SECTOR_BYTES;
}

// The disk's bytes are those it had at the start.
static void expect_untouched(struct bench *b) {
    struct memory_store fresh;
    memory_store(&fresh, b->m.bytes / SECTOR_BYTES);
    cr_assert_arr_eq(b->m.data, fresh.data, b->m.bytes);
    free(fresh.data);
}

Test(virtio_blk, reads) {
    struct bench b;
    start(&b);
    cr_assert_eq(read_to(&b, 3, 2), OK);
    cr_assert_eq(b.len, 1025, "the status byte counts");
    cr_assert_arr_eq(guest(&b, BUFFER), sector_at(&b, 3), 1024);
    cr_assert_eq(peek(&b.r, BUFFER + 1024, 8), 0, "and not a byte more");
    cr_assert(b.seen.op == BLK_READ && b.seen.sector == 3 && b.seen.pa == BUFFER);
    cr_assert(b.r.irq.level);
    end(&b);
}

Test(virtio_blk, writes) {
    struct bench b;
    start(&b);
    memset(guest(&b, BUFFER), 0x5a, 1024);
    cr_assert_eq(write_from(&b, SECTORS - 2, 2), OK);
    cr_assert_eq(b.len, 1);
    cr_assert_arr_eq(sector_at(&b, SECTORS - 2), guest(&b, BUFFER), 1024);
    cr_assert_neq(sector_at(&b, SECTORS - 2)[-1], 0x5a);
    cr_assert(b.seen.op == BLK_WRITE && b.seen.sector == SECTORS - 2 && b.seen.bytes == 1024);
    const struct disk_counters *c = disk_counters(b.disk);
    cr_assert(c->writes == 1 && c->bytes_written == 1024 && c->reads == 0 && c->errors == 0);
    cr_assert_eq(virtio_blk_counters(b.v)->requests[BLK_WRITE], 1);
    end(&b);
}

Test(virtio_blk, flush_has_no_data) {
    struct bench b;
    start(&b);
    cr_assert_eq(request(&b, FLUSH, 0, 0, 0, 0), OK);
    cr_assert_eq(b.len, 1);
    cr_assert_eq(journalled(&b.m, 'f'), 0, "nothing was written");
    write_from(&b, 0, 1);
    cr_assert_eq(journalled(&b.m, 'f'), 0, "a write may wait for its flush");
    cr_assert_eq(request(&b, FLUSH, 99999, 0, 0, 0), OK);
    cr_assert_eq(journalled(&b.m, 'f'), 1);
    cr_assert_eq(b.m.journal[b.m.entries - 1].what, 'f');
    end(&b);
}

Test(virtio_blk, get_id) {
    struct bench b;
    start(&b);
    cr_assert_eq(request(&b, GET_ID, 0, BUFFER, 20, WRITE), OK);
    cr_assert_eq(b.len, 21);
    cr_assert_arr_eq(guest(&b, BUFFER), "a name longer than t", 20);
    memset(guest(&b, BUFFER), 0x77, 64);
    cr_assert_eq(request(&b, GET_ID, 0, BUFFER, 5, WRITE), OK);
    cr_assert_arr_eq(guest(&b, BUFFER), "a nam\x77", 6);
    memset(guest(&b, BUFFER), 0x77, 64);
    cr_assert_eq(request(&b, GET_ID, 0, BUFFER, 32, WRITE), OK);
    cr_assert_arr_eq(guest(&b, BUFFER), "a name longer than t\0\0\0\0\0\0\0\0\0\0\0\0\x77", 33);
    cr_assert_eq(b.len, 33);
    cr_assert_eq(virtio_blk_counters(b.v)->requests[BLK_ID], 3);
    end(&b);
}

Test(virtio_blk, unknown_types) {
    static const uint32_t types[] = {2, 3, 5, 7, 9, 10, 12, 14, 15, 26, 0x80000000, 0xffffffff};
    struct bench b;
    start(&b);
    for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
        cr_assert_eq(request(&b, types[i], 0, BUFFER, 512, WRITE), UNSUPP, "type %u", types[i]);
        cr_assert_eq(request(&b, types[i], 0, BUFFER, 512, 0), UNSUPP);
        cr_assert_eq(request(&b, types[i], 0, 0, 0, 0), UNSUPP);
    }
    cr_assert_eq(b.m.entries, 0);
    cr_assert_eq(virtio_blk_counters(b.v)->failed, 36);
    end(&b);
}

Test(virtio_blk, past_capacity) {
    static const uint64_t sectors[] = {
        SECTORS,           SECTORS - 1,       SECTORS + 1,       UINT64_MAX,
        UINT64_MAX - 1,    UINT64_MAX / 512,  UINT64_C(1) << 55, (UINT64_C(1) << 55) - 1,
        UINT64_C(1) << 63, UINT64_C(1) << 32,
    };
    struct bench b;
    start(&b);
    for (unsigned i = 0; i < sizeof sectors / sizeof *sectors; i++) {
        memset(guest(&b, BUFFER), 0x33, 1024);
        cr_assert_eq(write_from(&b, sectors[i], 2), IOERR, "sector %lx", (long)sectors[i]);
        cr_assert_eq(b.len, 1);
        cr_assert_eq(read_to(&b, sectors[i], 2), IOERR);
        cr_assert_eq(b.len, 1025);
        cr_assert_eq(peek(&b.r, BUFFER, 8), 0, "a read that fails gives zeroes");
    }
    cr_assert_eq(b.m.entries, 0, "the disk was not asked");
    cr_assert_eq(read_to(&b, SECTORS, 0), OK, "nothing, at the end");
    cr_assert_eq(read_to(&b, SECTORS + 1, 0), IOERR);
    cr_assert_eq(read_to(&b, SECTORS - 1, 1), OK);
    end(&b);
}

Test(virtio_blk, data_that_is_no_whole_sector) {
    struct bench b;
    start(&b);
    cr_assert_eq(request(&b, IN, 0, BUFFER, 511, WRITE), IOERR);
    cr_assert_eq(request(&b, IN, 0, BUFFER, 513, WRITE), IOERR);
    cr_assert_eq(request(&b, OUT, 0, BUFFER, 1, 0), IOERR);
    expect_untouched(&b);
    end(&b);
}

Test(virtio_blk, a_disk_that_is_read_only) {
    struct bench b;
    start_over(&b, SECTORS, true, EVERYTHING | F_RO);
    cr_assert(ring_features(&b.r) & F_RO);
    memset(guest(&b, BUFFER), 0, 1024);
    cr_assert_eq(write_from(&b, 0, 1), IOERR);
    cr_assert_eq(write_from(&b, 0, 0), IOERR);
    poke(&b.r, SEGMENTS, 0, 8), poke(&b.r, SEGMENTS + 8, 1, 8);
    cr_assert_eq(request(&b, DISCARD, 0, SEGMENTS, 16, 0), IOERR);
    cr_assert_eq(request(&b, WRITE_ZEROES, 0, SEGMENTS, 16, 0), IOERR);
    expect_untouched(&b);
    cr_assert_eq(request(&b, FLUSH, 0, 0, 0, 0), OK);
    cr_assert_eq(read_to(&b, 0, 1), OK);
    cr_assert_eq(request(&b, 99, 0, 0, 0, 0), UNSUPP);
    end(&b);
}

Test(virtio_blk, a_disk_that_can_be_written_does_not_say_read_only) {
    struct bench b;
    start(&b);
    cr_assert_not(ring_features(&b.r) & F_RO);
    end(&b);
}

static void put_segment(struct bench *b, unsigned i, uint64_t sector, uint32_t n, uint32_t flags) {
    poke(&b->r, SEGMENTS + i * 16, sector, 8);
    poke(&b->r, SEGMENTS + i * 16 + 8, n, 4);
    poke(&b->r, SEGMENTS + i * 16 + 12, flags, 4);
}

Test(virtio_blk, write_zeroes_and_discard) {
    static const uint8_t zeroes[512];
    static const uint32_t types[] = {DISCARD, WRITE_ZEROES};
    for (unsigned i = 0; i < 2; i++) {
        struct bench b;
        start(&b);
        put_segment(&b, 0, 5, 2, 0);
        put_segment(&b, 1, SECTORS - 1, 1, 0);
        put_segment(&b, 2, 9, 0, 0);
        cr_assert_eq(request(&b, types[i], 0, SEGMENTS, 48, 0), OK);
        cr_assert_eq(b.len, 1);
        for (unsigned s = 0; s < SECTORS; s++) {
            const bool zeroed = memcmp(sector_at(&b, s), zeroes, 512) == 0;
            cr_assert_eq(zeroed, s == 5 || s == 6 || s == SECTORS - 1, "sector %u", s);
        }
        end(&b);
    }
}

Test(virtio_blk, flags_of_write_zeroes_and_discard) {
    struct bench b;
    start(&b);
    put_segment(&b, 0, 5, 2, 0);
    put_segment(&b, 1, 1, 1, 1); // unmap
    cr_assert_eq(request(&b, DISCARD, 0, SEGMENTS, 32, 0), UNSUPP, "unmap means discard already");
    expect_untouched(&b);
    cr_assert_eq(request(&b, WRITE_ZEROES, 0, SEGMENTS, 32, 0), OK);
    put_segment(&b, 0, SECTORS, 9, 2); // an unknown flag counts before the range
    cr_assert_eq(request(&b, WRITE_ZEROES, 0, SEGMENTS, 16, 0), UNSUPP);
    put_segment(&b, 0, 0, 1, 0x80000000);
    cr_assert_eq(request(&b, DISCARD, 0, SEGMENTS, 16, 0), UNSUPP);
    end(&b);
}

Test(virtio_blk, ranges_of_write_zeroes_and_discard) {
    static const uint32_t lengths[] = {0, 1, 15, 17, 17 * 16, 4096};
    struct bench b;
    start(&b);
    put_segment(&b, 0, 5, 2, 0);
    put_segment(&b, 1, SECTORS - 1, 2, 0);
    cr_assert_eq(request(&b, WRITE_ZEROES, 0, SEGMENTS, 32, 0), IOERR);
    put_segment(&b, 1, UINT64_MAX, 2, 0);
    cr_assert_eq(request(&b, DISCARD, 0, SEGMENTS, 32, 0), IOERR);
    put_segment(&b, 1, 0, 0xffffffff, 0);
    cr_assert_eq(request(&b, DISCARD, 0, SEGMENTS, 32, 0), IOERR);
    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        cr_assert_eq(request(&b, DISCARD, 0, SEGMENTS, lengths[i], 0), IOERR, "%u", lengths[i]);
    }
    expect_untouched(&b);
    end(&b);
}

Test(virtio_blk, write_zeroes_and_discard_only_where_negotiated) {
    struct bench b;
    start_over(&b, SECTORS, false, VERSION_1);
    put_segment(&b, 0, 0, 1, 0);
    cr_assert_eq(request(&b, DISCARD, 0, SEGMENTS, 16, 0), UNSUPP);
    cr_assert_eq(request(&b, WRITE_ZEROES, 0, SEGMENTS, 16, 0), UNSUPP);
    expect_untouched(&b);
    end(&b);
}

// Framing: the same request, cut everywhere -----------------------------------------------------

// Appends descriptors for len bytes at pa, cut into pieces of `piece` bytes. The number of the next
// descriptor.
static unsigned cut(struct bench *b, unsigned i, uint64_t pa, uint32_t len, uint32_t piece,
                    unsigned flags) {
    while (len) {
        const uint32_t n = len < piece ? len : piece;
        desc(&b->r, i, pa, n, flags | NEXT, i + 1);
        pa += n, len -= n, i++;
    }
    return i;
}

Test(virtio_blk, header_and_data_may_be_cut_anywhere) {
    struct bench b;
    for (uint32_t piece = 3; piece < 560; piece += 7) {
        start_over(&b, SECTORS, false, EVERYTHING);
        ring_start(&b.r, EVERYTHING, 256);
        header(&b, OUT, 7);
        for (unsigned i = 0; i < 512; i++) guest(&b, HEADER + 16)[i] = (uint8_t)(i * 3);
        poke(&b.r, BUFFER, UNTOUCHED, 1);
        unsigned i = cut(&b, 0, HEADER, 16 + 512, piece, 0); // header and data in one
        desc(&b.r, i, BUFFER, 1, WRITE, 0);
        run_chain(&b);
        cr_assert_eq(peek(&b.r, BUFFER, 1), OK, "pieces of %u", piece);
        cr_assert_arr_eq(sector_at(&b, 7), guest(&b, HEADER + 16), 512);
        header(&b, IN, 9);
        i = cut(&b, 0, HEADER, 16, piece, 0);
        cut(&b, i, BUFFER, 513, piece, WRITE); // data and status in one
        i += (513 + piece - 1) / piece;
        desc(&b.r, i, 0, 0, WRITE, 0); // an empty one ends it
        run_chain(&b);
        cr_assert_eq(peek(&b.r, BUFFER + 512, 1), OK);
        cr_assert_eq(b.len, 513);
        cr_assert_arr_eq(guest(&b, BUFFER), sector_at(&b, 9), 512);
        end(&b);
    }
}

Test(virtio_blk, one_descriptor_a_byte) {
    struct bench b;
    start(&b);
    const uint64_t table = DATA + 0x8000;
    header(&b, IN, 2);
    unsigned i = 0;
    for (; i < 16; i++) put_desc(&b.r, table, i, HEADER + i, 1, NEXT, i + 1);
    for (; i < 16 + 512; i++) {
        put_desc(&b.r, table, i, BUFFER + (i - 16) * 2, 1, NEXT | WRITE, i + 1);
    }
    put_desc(&b.r, table, i++, STATUS_AT, 1, WRITE, 0);
    desc(&b.r, 0, table, i * 16, INDIRECT, 0);
    cr_assert_eq(run_chain(&b), OK);
    for (unsigned n = 0; n < 512; n++) {
        cr_assert_eq(peek(&b.r, BUFFER + n * 2, 1), sector_at(&b, 2)[n]);
    }
    end(&b);
}

// Chains that are wrong -------------------------------------------------------------------------

Test(virtio_blk, a_chain_without_room_for_a_status_comes_back_empty) {
    struct bench b;
    start(&b);
    header(&b, OUT, 0);
    desc(&b.r, 0, HEADER, 16, NEXT, 1);
    desc(&b.r, 1, BUFFER, 512, 0, 0);
    cr_assert_eq(run_chain(&b), UNTOUCHED);
    cr_assert_eq(b.len, 0);
    expect_untouched(&b);
    end(&b);
}

Test(virtio_blk, a_header_that_is_too_short) {
    struct bench b;
    start(&b);
    header(&b, IN, 0);
    desc(&b.r, 0, HEADER, 15, NEXT, 1);
    desc(&b.r, 1, STATUS_AT, 1, WRITE, 0);
    cr_assert_eq(run_chain(&b), IOERR);
    desc(&b.r, 0, STATUS_AT, 1, WRITE, 0); // no header at all
    cr_assert_eq(run_chain(&b), IOERR);
    cr_assert_eq(b.len, 1);
    end(&b);
}

Test(virtio_blk, dma_reaches_ram_only) {
    static const uint64_t places[] = {TRAP, ROM,     RAM + RAM_BYTES,  RAM + RAM_BYTES - 511,
                                      0,    RAM - 1, UINT64_MAX - 511, UINT64_MAX};
    struct bench b;
    start(&b);
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        cr_assert_eq(request(&b, IN, 0, places[i], 512, WRITE), IOERR, "place %u", i);
        cr_assert_eq(b.len, 0);
        cr_assert_eq(request(&b, OUT, 0, places[i], 512, 0), IOERR);
        header(&b, IN, 0);
        desc(&b.r, 0, places[i], 16, NEXT, 1); // the header
        desc(&b.r, 1, BUFFER, 512, NEXT | WRITE, 2);
        desc(&b.r, 2, STATUS_AT, 1, WRITE, 0);
        if (places[i] != RAM + RAM_BYTES - 511) cr_assert_eq(run_chain(&b), IOERR);
        header(&b, OUT, 0);
        desc(&b.r, 0, HEADER, 16, NEXT, 1);
        desc(&b.r, 1, BUFFER, 512, NEXT, 2);
        desc(&b.r, 2, places[i], 1, WRITE, 0); // the status
        if (places[i] != RAM + RAM_BYTES - 511) cr_assert_eq(run_chain(&b), UNTOUCHED);
    }
    for (unsigned i = 0; i < PAGE_SIZE; i++) cr_assert_eq(b.r.rom[i], 0);
    expect_untouched(&b);
    end(&b);
}

Test(virtio_blk, directions_are_checked) {
    struct bench b;
    start(&b);
    cr_assert_eq(request(&b, OUT, 0, BUFFER, 512, WRITE), OK, "a write of nothing");
    cr_assert_eq(request(&b, IN, 0, BUFFER, 512, 0), OK, "a read of nothing");
    expect_untouched(&b);
    cr_assert_eq(peek(&b.r, BUFFER, 8), 0);
    header(&b, OUT, 0);
    desc(&b.r, 0, STATUS_AT, 1, NEXT | WRITE, 1); // status before header
    desc(&b.r, 1, HEADER, 16, 0, 0);
    cr_assert_eq(run_chain(&b), IOERR);
    end(&b);
}

Test(virtio_blk, loops_come_back) {
    struct bench b;
    start(&b);
    header(&b, IN, 0);
    desc(&b.r, 0, HEADER, 16, NEXT, 1);
    desc(&b.r, 1, STATUS_AT, 1, NEXT | WRITE, 1);
    cr_assert_eq(run_chain(&b), UNTOUCHED);
    cr_assert_eq(b.len, 0);
    cr_assert_eq(read_to(&b, 0, 1), OK, "and the next one is served");
    cr_assert_eq(b.v->counters.bad_chains, 1);
    end(&b);
}

Test(virtio_blk, a_request_larger_than_any_driver_makes) {
    struct bench b;
    start_over(&b, 4 * SECTORS, false, EVERYTHING); // more than RAM would hold, were it honest
    const uint64_t table = DATA + 0x8000;
    header(&b, IN, 0);
    put_desc(&b.r, table, 0, HEADER, 16, NEXT, 1);
    for (unsigned i = 1; i <= 200; i++) {
        put_desc(&b.r, table, i, RAM + 0x100000, 0x200000, NEXT | WRITE, i + 1);
    }
    put_desc(&b.r, table, 201, STATUS_AT, 1, WRITE, 0);
    desc(&b.r, 0, table, 202 * 16, INDIRECT, 0);
    cr_assert_eq(run_chain(&b), IOERR);
    cr_assert_eq(b.len, 0, "nothing was written but the status");
    end(&b);
}

// Failures of the disk --------------------------------------------------------------------------

static void inject(struct bench *b, const char *rules) {
    char message[256];
    cr_assert(disk_inject(b->disk, rules, message, sizeof message), "%s", message);
}

Test(virtio_blk, a_disk_that_fails) {
    struct bench b;
    start(&b);
    inject(&b, "read=4-5,write=9,flush:1");
    cr_assert_eq(read_to(&b, 3, 1), OK);
    memset(guest(&b, BUFFER), 0x11, 1024);
    cr_assert_eq(read_to(&b, 3, 2), IOERR);
    cr_assert_eq(b.len, 1025);
    cr_assert_eq(peek(&b.r, BUFFER + 512, 8), 0);
    cr_assert_eq(read_to(&b, 6, 1), OK);
    cr_assert_eq(write_from(&b, 8, 2), IOERR);
    expect_untouched(&b);
    cr_assert_eq(write_from(&b, 8, 1), OK);
    cr_assert_eq(request(&b, FLUSH, 0, 0, 0, 0), IOERR);
    cr_assert_eq(journalled(&b.m, 'f'), 0);
    cr_assert_eq(request(&b, FLUSH, 0, 0, 0, 0), OK);
    cr_assert_eq(journalled(&b.m, 'f'), 1, "the failed one is not forgotten");
    cr_assert_eq(disk_counters(b.disk)->errors, 3);
    cr_assert_eq(virtio_blk_counters(b.v)->failed, 3);
    end(&b);
}

Test(virtio_blk, a_short_write) {
    struct bench b;
    start(&b);
    inject(&b, "short=6");
    memset(guest(&b, BUFFER), 0x44, 4 * 512);
    cr_assert_eq(write_from(&b, 4, 4), IOERR);
    cr_assert_eq(sector_at(&b, 5)[511], 0x44);
    cr_assert_neq(sector_at(&b, 6)[0], 0x44);
    cr_assert_neq(sector_at(&b, 7)[0], 0x44);
    end(&b);
}

// The cache -------------------------------------------------------------------------------------

Test(virtio_blk, a_driver_that_cannot_flush_is_written_through) {
    struct bench b;
    start_over(&b, SECTORS, false, VERSION_1 | F_ZEROES);
    write_from(&b, 0, 1);
    cr_assert_eq(journalled(&b.m, 'f'), 1);
    cr_assert_eq(b.m.journal[b.m.entries - 1].what, 'f', "before the write is said to be done");
    put_segment(&b, 0, 0, 1, 0);
    cr_assert_eq(request(&b, WRITE_ZEROES, 0, SEGMENTS, 16, 0), OK);
    cr_assert_eq(journalled(&b.m, 'f'), 2);
    inject(&b, "flush");
    cr_assert_eq(write_from(&b, 0, 1), IOERR, "it is not safe");
    cr_assert_eq(read_to(&b, 0, 1), OK);
    end(&b);
}

Test(virtio_blk, the_driver_chooses_the_cache_mode) {
    struct bench b;
    start_over(&b, SECTORS, false, VERSION_1 | F_FLUSH | F_WCE);
    cr_assert_eq(get(b.r.slot, 0x120, 1), 1);
    write_from(&b, 0, 1);
    cr_assert_eq(journalled(&b.m, 'f'), 0);
    put(b.r.slot, 0x120, 1, 0);
    cr_assert_eq(get(b.r.slot, 0x120, 1), 0);
    write_from(&b, 0, 1);
    cr_assert_eq(journalled(&b.m, 'f'), 1);
    ring_start(&b.r, VERSION_1 | F_FLUSH, 16);
    put(b.r.slot, 0x120, 1, 0); // not negotiated
    cr_assert_eq(get(b.r.slot, 0x120, 1), 1);
    ring_start(&b.r, VERSION_1 | F_WCE, 16);
    cr_assert_eq(get(b.r.slot, 0x120, 1), 0, "without flush it starts written through");
    end(&b);
}

Test(virtio_blk, configuration) {
    struct bench b;
    start(&b);
    cr_assert_eq(get(b.r.slot, 0x100, 8), SECTORS);
    cr_assert_eq(get(b.r.slot, 0x100, 4), SECTORS);
    cr_assert_eq(get(b.r.slot, 0x10c, 4), 254, "segments");
    cr_assert_eq(get(b.r.slot, 0x114, 4), 512, "bytes a block");
    cr_assert_gt(get(b.r.slot, 0x124, 4), 0, "sectors a discard");
    cr_assert_eq(get(b.r.slot, 0x128, 4), 16);
    put(b.r.slot, 0x100, 4, 0xffff);
    cr_assert_eq(get(b.r.slot, 0x100, 8), SECTORS, "read-only");
    cr_assert_eq(get(b.r.slot, 0x13c, 4), 0, "behind its end");
    end(&b);
}

// xv6 never accepts VERSION_1, and takes all that it does not know.
Test(virtio_blk, the_driver_of_xv6) {
    struct bench b;
    start(&b);
    const uint64_t features = (ring_features(&b.r) & 0xffffffff) &
                              ~(BIT(5) | BIT(7) | BIT(11) | BIT(12) | BIT(27) | BIT(28) | BIT(29));
    ring_start(&b.r, features, 8);
    cr_assert_eq(reg_get(&b.r, 0x70), 15);
    cr_assert_eq(request(&b, IN, 2, BUFFER, 1024, WRITE), OK);
    cr_assert_arr_eq(guest(&b, BUFFER), sector_at(&b, 2), 1024);
    end(&b);
}

// Time ------------------------------------------------------------------------------------------

Test(virtio_blk, a_disk_that_takes_its_time) {
    struct bench b;
    uint32_t id, len;
    start(&b);
    b.slowness = 1000;
    header(&b, IN, 5);
    desc(&b.r, 0, HEADER, 16, NEXT, 1);
    desc(&b.r, 1, BUFFER, 512, NEXT | WRITE, 2);
    desc(&b.r, 2, STATUS_AT, 1, WRITE, 0);
    set_used_event(&b.r, 0);
    offer(&b.r, 0), offer(&b.r, 0); // two at once: one after the other
    notify(&b.r);
    test_clock_go(&b.r.clock, 1999);
    cr_assert_eq(peek(&b.r, STATUS_AT, 1), UNTOUCHED);
    cr_assert_not(take_used(&b.r, &id, &len));
    test_clock_go(&b.r.clock, 2000);
    cr_assert(take_used(&b.r, &id, &len));
    cr_assert(b.r.irq.level);
    cr_assert_arr_eq(guest(&b, BUFFER), sector_at(&b, 5), 512);
    notify(&b.r); // while the other is under way
    test_clock_go(&b.r.clock, 3999);
    cr_assert_not(take_used(&b.r, &id, &len));
    test_clock_go(&b.r.clock, 4000);
    cr_assert(take_used(&b.r, &id, &len));
    cr_assert_eq(b.r.clock.schedule.next, NEVER);
    end(&b);
}

Test(virtio_blk, a_reset_drops_what_is_under_way) {
    struct bench b;
    uint32_t id, len;
    start(&b);
    b.slowness = 1000;
    header(&b, IN, 5);
    desc(&b.r, 0, HEADER, 16, NEXT, 1);
    desc(&b.r, 1, BUFFER, 512, NEXT | WRITE, 2);
    desc(&b.r, 2, STATUS_AT, 1, WRITE, 0);
    offer(&b.r, 0);
    notify(&b.r);
    ring_start(&b.r, EVERYTHING, 16);
    poke(&b.r, STATUS_AT, UNTOUCHED, 1);
    test_clock_go(&b.r.clock, 100000);
    cr_assert_eq(peek(&b.r, BUFFER, 8), 0);
    cr_assert_eq(peek(&b.r, STATUS_AT, 1), UNTOUCHED);
    cr_assert_not(take_used(&b.r, &id, &len));
    b.slowness = 0;
    cr_assert_eq(read_to(&b, 5, 1), OK, "and the next one is served");
    end(&b);
}

Test(virtio_blk, a_long_batch_lets_the_guest_run) {
    struct bench b;
    uint32_t id, len;
    start_over(&b, 4096, false, EVERYTHING); // 2 MiB
    header(&b, OUT, 0);
    desc(&b.r, 0, HEADER, 16, NEXT, 1);
    desc(&b.r, 1, RAM + 0x200000, 0x200000, NEXT, 2);
    desc(&b.r, 2, STATUS_AT, 1, WRITE, 0);
    for (unsigned i = 0; i < 12; i++) offer(&b.r, 0);
    notify(&b.r);
    unsigned served = 0;
    while (take_used(&b.r, &id, &len)) served++;
    cr_assert_eq(served, 8, "16 MiB");
    cr_assert_eq(b.r.clock.schedule.next, 0, "the rest as soon as the run loop looks");
    schedule_run(&b.r.clock.schedule, 0);
    while (take_used(&b.r, &id, &len)) served++;
    cr_assert_eq(served, 12);
    end(&b);
}

Test(virtio_blk, interrupts_of_a_batch) {
    struct bench b;
    start_over(&b, SECTORS, false, VERSION_1);
    header(&b, FLUSH, 0);
    desc(&b.r, 0, HEADER, 16, NEXT, 2);
    desc(&b.r, 2, STATUS_AT, 1, WRITE, 0);
    for (unsigned i = 0; i < 16; i++) offer(&b.r, 0);
    notify(&b.r);
    cr_assert_eq(b.r.irq.rises, 1);
    cr_assert_eq(b.v->counters.interrupts, 1);
    reg_set(&b.r, 0x64, 1);
    poke(&b.r, RING_AVAIL, 1, 2); // no interrupt, please
    offer(&b.r, 0);
    notify(&b.r);
    cr_assert(!b.r.irq.level);
    cr_assert_eq(peek(&b.r, RING_USED + 2, 2), 17);
    end(&b);
}

Test(virtio_blk, legacy_driver_without_flush_is_written_through) {
    struct bench b = {.len = 0};
    ring_machine(&b.r);
    b.disk = disk_over(memory_store(&b.m, SECTORS), SECTORS, false);
    b.v = virtio_blk_create(&b.r.clock.schedule, &(struct virtio_blk_config){.disk = b.disk});
    ring_plug(&b.r, b.v, true);
    b.r.size = 8;
    b.r.avail = RING_DESC + 8 * 16;
    b.r.used = RING_DESC + 4096;
    reg_set(&b.r, 0x70, 3);
    reg_set(&b.r, 0x20, 0);
    reg_set(&b.r, 0x28, 4096);
    reg_set(&b.r, 0x38, 8);
    reg_set(&b.r, 0x40, RING_DESC / 4096);
    reg_set(&b.r, 0x70, 7);
    cr_assert_eq(write_from(&b, 0, 1), OK);
    cr_assert_eq(journalled(&b.m, 'f'), 1);
    reg_set(&b.r, 0x70, 0);
    reg_set(&b.r, 0x70, 3);
    reg_set(&b.r, 0x20, F_FLUSH | F_WCE);
    put(b.r.slot, 0x120, 1, 0); // a legacy driver may choose before DRIVER_OK
    reg_set(&b.r, 0x70, 7);
    cr_assert_eq(get(b.r.slot, 0x120, 1), 0);
    end(&b);
}
