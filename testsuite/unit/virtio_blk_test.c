// SPDX-License-Identifier: MIT
// The virtio block device, corner case by corner case: each type of request and each status.
#include "testsuite/unit/blk_driver.h"

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
    put_segment(&b, 1, 0, 1, 0);
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

Test(virtio_blk, greatest_write_zeroes_and_discard) {
    struct bench b;
    start_over(&b, 40000, false, EVERYTHING);
    for (unsigned i = 0; i < 16; i++) put_segment(&b, i, 0, i ? 1 : 32768, 0);
    cr_assert_eq(request(&b, DISCARD, 0, SEGMENTS, 16 * 16, 0), OK);
    cr_assert_eq(virtio_blk_counters(b.v)->requests[BLK_ZERO], 1);
    cr_assert_eq(journalled(&b.m, 'z'), 16);
    schedule_run(&b.r.clock.schedule, b.r.clock.now); // that was a batch
    put_segment(&b, 0, 0, 32769, 0);
    cr_assert_eq(request(&b, WRITE_ZEROES, 0, SEGMENTS, 16, 0), IOERR);
    cr_assert_eq(journalled(&b.m, 'z'), 16);
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
