// SPDX-License-Identifier: MIT
// The virtio block device where it gets hard: every way to cut a request into descriptors, chains
// that are wrong, a disk that fails or takes its time, and who is written through.
#include "testsuite/unit/blk_driver.h"

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

Test(virtio_blk_hard, header_and_data_may_be_cut_anywhere) {
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
        header(&b, IN, SECTORS - 1);
        i = cut(&b, 0, HEADER, 16, piece, 0);
        cut(&b, i, BUFFER, 513, piece, WRITE); // data and status in one
        i += (513 + piece - 1) / piece;
        desc(&b.r, i, 0, 0, WRITE, 0); // an empty one ends it
        run_chain(&b);
        cr_assert_eq(peek(&b.r, BUFFER + 512, 1), OK);
        cr_assert_eq(b.len, 513);
        cr_assert_arr_eq(guest(&b, BUFFER), sector_at(&b, SECTORS - 1), 512);
        end(&b);
    }
}

Test(virtio_blk_hard, one_descriptor_a_byte) {
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

Test(virtio_blk_hard, a_chain_without_room_for_a_status_comes_back_empty) {
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

Test(virtio_blk_hard, a_header_that_is_too_short) {
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

Test(virtio_blk_hard, dma_reaches_ram_only) {
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

Test(virtio_blk_hard, directions_are_checked) {
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

Test(virtio_blk_hard, loops_come_back) {
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

Test(virtio_blk_hard, a_request_larger_than_any_driver_makes) {
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

Test(virtio_blk_hard, a_disk_that_fails) {
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

Test(virtio_blk_hard, code_that_a_read_overwrites_goes_away) {
    struct bench b;
    start(&b);
    phys_mark_code(&b.r.phys, BUFFER, 4);
    cr_assert_eq(read_to(&b, 0, 1), OK);
    cr_assert_not(phys_has_code(&b.r.phys, BUFFER));
    phys_mark_code(&b.r.phys, BUFFER, 4);
    cr_assert_eq(read_to(&b, SECTORS, 1), IOERR);
    cr_assert_not(phys_has_code(&b.r.phys, BUFFER), "zeroes are bytes too");
    phys_mark_code(&b.r.phys, BUFFER, 4);
    cr_assert_eq(write_from(&b, 0, 1), OK);
    cr_assert(phys_has_code(&b.r.phys, BUFFER));
    end(&b);
}

Test(virtio_blk_hard, observers_see_each_piece) {
    struct bench b;
    start(&b);
    header(&b, IN, 8);
    desc(&b.r, 0, HEADER, 16, NEXT, 1);
    desc(&b.r, 1, BUFFER, 512, NEXT | WRITE, 2);
    desc(&b.r, 2, BUFFER + 0x1000, 1024, NEXT | WRITE, 3);
    desc(&b.r, 3, STATUS_AT, 1, WRITE, 0);
    cr_assert_eq(run_chain(&b), OK);
    cr_assert(b.seen.sector == 9 && b.seen.pa == BUFFER + 0x1000 && b.seen.bytes == 1024);
    end(&b);
}

Test(virtio_blk_hard, a_short_write) {
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

Test(virtio_blk_hard, a_driver_that_cannot_flush_is_written_through) {
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

Test(virtio_blk_hard, the_driver_chooses_the_cache_mode) {
    struct bench b;
    start_over(&b, SECTORS, false, VERSION_1 | F_FLUSH | F_WCE);
    cr_assert_eq(get(b.r.slot, 0x120, 1), 1);
    write_from(&b, 0, 1);
    cr_assert_eq(journalled(&b.m, 'f'), 0);
    put(b.r.slot, 0x120, 1, 0);
    cr_assert_eq(get(b.r.slot, 0x120, 1), 0);
    write_from(&b, 0, 1);
    cr_assert_eq(journalled(&b.m, 'f'), 1);
    put(b.r.slot, 0x120, 1, 1);
    write_from(&b, 0, 1);
    cr_assert_eq(journalled(&b.m, 'f'), 1);
    put(b.r.slot, 0x120, 1, 0);
    ring_start(&b.r, VERSION_1 | F_FLUSH, 16);
    put(b.r.slot, 0x120, 1, 0); // not negotiated
    cr_assert_eq(get(b.r.slot, 0x120, 1), 1);
    ring_start(&b.r, VERSION_1 | F_WCE, 16);
    cr_assert_eq(get(b.r.slot, 0x120, 1), 0, "without flush it starts written through");
    end(&b);
}

// Section 5.2.4, byte by byte.
Test(virtio_blk_hard, configuration) {
    static const uint8_t bytes[60] = {
        [0] = SECTORS,            // capacity
        [10] = 0x10,              // size_max: 1 MiB
        [12] = 254,               // seg_max
        [21] = 2,                 // blk_size: 512
        [24] = 3,                 // physical_block_exp: 4096 bytes
        [26] = 1,                 // min_io_size
        [32] = 1,                 // writeback
        [37] = 0x80,   [40] = 16, // max_discard_sectors, max_discard_seg
        [44] = 1,                 // discard_sector_alignment
        [49] = 0x80,   [52] = 16, // max_write_zeroes_sectors, max_write_zeroes_seg
        [56] = 1,                 // write_zeroes_may_unmap
    };
    struct bench b;
    start(&b);
    for (unsigned i = 0; i < 60; i++) cr_assert_eq(get(b.r.slot, 0x100 + i, 1), bytes[i], "%u", i);
    cr_assert_eq(get(b.r.slot, 0x100, 8), SECTORS);
    put(b.r.slot, 0x100, 4, 0xffff);
    put(b.r.slot, 0x11c, 8, 0);
    put(b.r.slot, 0x121, 1, 0xff);
    for (unsigned i = 0; i < 60; i++) cr_assert_eq(get(b.r.slot, 0x100 + i, 1), bytes[i], "%u", i);
    cr_assert_eq(get(b.r.slot, 0x13c, 4), 0, "behind its end");
    end(&b);
}

Test(virtio_blk_hard, identity) {
    struct bench b;
    start(&b);
    cr_assert_eq(reg_get(&b.r, 8), 2);
    const uint64_t features = BIT(1) | BIT(2) | BIT(6) | F_FLUSH | BIT(10) | F_WCE | F_DISCARD |
                              F_ZEROES | BIT(28) | BIT(29) | VERSION_1 | BIT(40);
    cr_assert_eq(ring_features(&b.r), features);
    cr_assert_eq(reg_get(&b.r, 0x34), 256);
    reg_set(&b.r, 0x30, 1);
    cr_assert_eq(reg_get(&b.r, 0x34), 0, "there is one queue");
    cr_assert_eq(virtio_blk_disk(b.v), b.disk);
    end(&b);
}

// xv6 never accepts VERSION_1, and takes all that it does not know.
Test(virtio_blk_hard, the_driver_of_xv6) {
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

Test(virtio_blk_hard, a_disk_that_takes_its_time) {
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

Test(virtio_blk_hard, a_time_that_never_comes) {
    struct bench b;
    start(&b);
    test_clock_go(&b.r.clock, 5000);
    b.slowness = UINT64_MAX - 1000;
    header(&b, FLUSH, 0);
    desc(&b.r, 0, HEADER, 16, NEXT, 1);
    desc(&b.r, 1, STATUS_AT, 1, WRITE, 0);
    offer(&b.r, 0);
    notify(&b.r);
    test_clock_go(&b.r.clock, UINT64_C(1) << 62);
    cr_assert_eq(peek(&b.r, STATUS_AT, 1), UNTOUCHED);
    end(&b);
}

Test(virtio_blk_hard, fast_ones_behind_a_slow_one) {
    struct bench b;
    uint32_t id, len;
    start(&b);
    b.slowness = 1000;
    header(&b, FLUSH, 0);
    desc(&b.r, 0, HEADER, 16, NEXT, 1);
    desc(&b.r, 1, STATUS_AT, 1, WRITE, 0);
    for (unsigned i = 0; i < 3; i++) offer(&b.r, 0);
    notify(&b.r);
    b.slowness = 0;
    test_clock_go(&b.r.clock, 1000);
    unsigned served = 0;
    while (take_used(&b.r, &id, &len)) served++;
    cr_assert_eq(served, 3);
    end(&b);
}

Test(virtio_blk_hard, a_reset_drops_what_is_under_way) {
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
    cr_assert_eq(b.r.clock.schedule.next, NEVER);
    test_clock_go(&b.r.clock, 100000);
    cr_assert_eq(peek(&b.r, BUFFER, 8), 0);
    cr_assert_eq(peek(&b.r, STATUS_AT, 1), UNTOUCHED);
    cr_assert_not(take_used(&b.r, &id, &len));
    b.slowness = 0;
    cr_assert_eq(read_to(&b, 5, 1), OK, "and the next one is served");
    end(&b);
}

Test(virtio_blk_hard, a_long_batch_lets_the_guest_run) {
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

Test(virtio_blk_hard, interrupts_of_a_batch) {
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

Test(virtio_blk_hard, legacy_driver_without_flush_is_written_through) {
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
    cr_assert_eq(get(b.r.slot, 0x120, 1), 1, "after a reset");
    put(b.r.slot, 0x120, 1, 0); // a legacy driver may choose before DRIVER_OK
    reg_set(&b.r, 0x70, 7);
    cr_assert_eq(get(b.r.slot, 0x120, 1), 0);
    end(&b);
}
