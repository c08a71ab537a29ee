// SPDX-License-Identifier: MIT
// Split virtqueues: chains of every shape, what is wrong with the bad ones, and both ways to say
// that an interrupt is wanted.
#include "testsuite/unit/ring.h"

struct bench {
    struct ring r;
    struct virtqueue q;
    struct chain chain;
};

static void restart(struct bench *b, uint32_t size, uint64_t features) {
    virtqueue_reset(&b->q);
    b->r.size = size;
    b->q.size = size;
    b->q.desc = b->r.desc, b->q.avail = b->r.avail, b->q.used = b->r.used;
    virtqueue_start(&b->q, &b->r.phys, features);
}

static void start(struct bench *b, uint32_t size, uint64_t features) {
    ring_machine(&b->r);
    restart(b, size, features);
    cr_assert_not(b->q.broken);
}

static bool pop(struct bench *b) { return virtqueue_pop(&b->q, &b->r.phys, &b->chain); }
static void push(struct bench *b, uint32_t len) {
    virtqueue_push(&b->q, &b->r.phys, &b->chain, len);
}
static bool wants(struct bench *b) { return virtqueue_should_notify(&b->q, &b->r.phys); }

#define WITH_INDIRECT (UINT64_C(1) << VIRTIO_F_INDIRECT_DESC)
#define WITH_EVENT    (UINT64_C(1) << VIRTIO_F_EVENT_IDX)

// Offers what starts at descriptor 0, and expects a fault.
static void expect_fault(struct bench *b, enum chain_fault fault) {
    offer(&b->r, 0);
    cr_assert(pop(b), "a bad chain is still a chain");
    cr_assert_eq(b->chain.fault, fault, "fault %d, not %d", b->chain.fault, fault);
    push(b, 0);
    uint32_t id, len;
    cr_assert(take_used(&b->r, &id, &len));
    cr_assert(id == 0 && len == 0);
    cr_assert_not(b->q.broken);
}

Test(virtqueue, a_chain_is_gathered_in_order) {
    struct bench b;
    start(&b, 8, 0);
    desc(&b.r, 2, DATA, 16, NEXT, 5);
    desc(&b.r, 5, DATA + 100, 1, NEXT, 0);
    desc(&b.r, 0, DATA + 200, 512, NEXT | WRITE, 7);
    desc(&b.r, 7, DATA + 1000, 1, WRITE, 3); // next without NEXT means nothing
    cr_assert_not(pop(&b));
    offer(&b.r, 2);
    cr_assert(pop(&b));
    const struct chain *c = &b.chain;
    cr_assert(c->fault == CHAIN_OK && c->head == 2);
    cr_assert(c->readable == 2 && c->writable == 2);
    cr_assert(c->readable_bytes == 17 && c->writable_bytes == 513);
    cr_assert(c->segment[0].base == DATA && c->segment[0].size == 16);
    cr_assert(c->segment[1].base == DATA + 100 && c->segment[3].base == DATA + 1000);
    push(&b, 513);
    uint32_t id, len;
    cr_assert(take_used(&b.r, &id, &len));
    cr_assert(id == 2 && len == 513);
    cr_assert_not(take_used(&b.r, &id, &len));
    cr_assert_not(pop(&b));
    ring_end(&b.r);
}

Test(virtqueue, a_chain_as_long_as_the_ring) {
    struct bench b;
    start(&b, VIRTQUEUE_MAX_SIZE, 0);
    b.r.avail = b.q.avail = RAM + 0x100000;
    b.r.used = b.q.used = RAM + 0x110000;
    restart(&b, VIRTQUEUE_MAX_SIZE, 0);
    for (unsigned i = 0; i < VIRTQUEUE_MAX_SIZE; i++) {
        desc(&b.r, i, RAM + 0x200000 + i, 1, NEXT | WRITE, i + 1);
    }
    desc(&b.r, VIRTQUEUE_MAX_SIZE - 1, RAM + 0x300000, 1, WRITE, 0);
    offer(&b.r, 0);
    cr_assert(pop(&b));
    cr_assert(b.chain.fault == CHAIN_OK && b.chain.writable == VIRTQUEUE_MAX_SIZE);
    ring_end(&b.r);
}

Test(virtqueue, loops_end) {
    struct bench b;
    start(&b, 8, 0);
    desc(&b.r, 0, DATA, 1, NEXT | WRITE, 0); // itself
    expect_fault(&b, CHAIN_LOOP);
    desc(&b.r, 0, DATA, 1, NEXT, 1);
    desc(&b.r, 1, DATA, 1, NEXT, 0);
    expect_fault(&b, CHAIN_LOOP);
    desc(&b.r, 0, DATA, 0, NEXT, 0); // of nothing
    expect_fault(&b, CHAIN_LOOP);
    desc(&b.r, 0, DATA, 1, 0, 0); // and a right one behind them
    expect_fault(&b, CHAIN_OK);
    ring_end(&b.r);
}

Test(virtqueue, next_outside_the_table) {
    struct bench b;
    start(&b, 8, 0);
    desc(&b.r, 0, DATA, 1, NEXT, 8);
    expect_fault(&b, CHAIN_NEXT);
    desc(&b.r, 0, DATA, 1, NEXT, 0xffff);
    expect_fault(&b, CHAIN_NEXT);
    ring_end(&b.r);
}

Test(virtqueue, head_outside_the_table) {
    struct bench b;
    start(&b, 8, 0);
    offer(&b.r, 8);
    cr_assert(pop(&b));
    cr_assert_eq(b.chain.fault, CHAIN_NEXT);
    push(&b, 0);
    uint32_t id, len;
    cr_assert(take_used(&b.r, &id, &len));
    cr_assert(id == 8 && len == 0, "it comes back under its own name");
    ring_end(&b.r);
}

Test(virtqueue, segments_outside_ram) {
    static const struct range bad[] = {
        {RAM - 1, 2},
        {RAM + RAM_BYTES - 1, 2},
        {RAM + RAM_BYTES, 1},
        {RAM, 0xffffffff},
        {ROM, 4},
        {TRAP, 4},
        {0, 1},
        {UINT64_MAX, 1},
        {UINT64_MAX - 15, 0xffffffff},
        {UINT64_C(0x7fffffffffffffff), 512},
    };
    struct bench b;
    start(&b, 8, 0);
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        desc(&b.r, 0, bad[i].base, (uint32_t)bad[i].size, i % 2 ? WRITE : 0, 0);
        expect_fault(&b, CHAIN_NOT_RAM);
        uint8_t byte = 0;
        cr_assert_eq(chain_read(&b.chain, &b.r.phys, 0, &byte, 1), 0);
        cr_assert_eq(chain_write(&b.chain, &b.r.phys, 0, &byte, 1), 0);
    }
    ring_end(&b.r);
}

Test(virtqueue, the_last_byte_of_ram_is_ram) {
    struct bench b;
    start(&b, 8, 0);
    desc(&b.r, 0, RAM + RAM_BYTES - 1, 1, WRITE, 0);
    offer(&b.r, 0);
    cr_assert(pop(&b));
    cr_assert_eq(b.chain.fault, CHAIN_OK);
    cr_assert_eq(chain_write(&b.chain, &b.r.phys, 0, "!", 1), 1);
    cr_assert_eq(b.r.ram[RAM_BYTES - 1], '!');
    ring_end(&b.r);
}

Test(virtqueue, what_is_behind_a_bad_segment_is_still_found) {
    struct bench b;
    start(&b, 8, 0);
    desc(&b.r, 0, DATA, 16, NEXT, 1);
    desc(&b.r, 1, TRAP, 512, NEXT | WRITE, 2);
    desc(&b.r, 2, DATA + 600, 1, WRITE, 0);
    offer(&b.r, 0);
    cr_assert(pop(&b));
    cr_assert_eq(b.chain.fault, CHAIN_NOT_RAM);
    cr_assert_eq(b.chain.writable_bytes, 513);
    cr_assert_eq(chain_write(&b.chain, &b.r.phys, 512, "s", 1), 1);
    cr_assert_eq(peek(&b.r, DATA + 600, 1), 's');
    ring_end(&b.r);
}

Test(virtqueue, readable_behind_writable) {
    struct bench b;
    start(&b, 8, 0);
    desc(&b.r, 0, DATA, 1, NEXT | WRITE, 1);
    desc(&b.r, 1, DATA + 1, 1, 0, 0);
    expect_fault(&b, CHAIN_DIRECTION);
    ring_end(&b.r);
}

Test(virtqueue, indirect_tables) {
    struct bench b;
    start(&b, 8, WITH_INDIRECT);
    const uint64_t table = DATA + 0x1000;
    for (unsigned i = 0; i < 40; i++) { // more than the ring has
        put_desc(&b.r, table, i, DATA + i, 1, i < 39 ? NEXT : 0, i + 1);
    }
    desc(&b.r, 0, table, 40 * 16, INDIRECT | WRITE, 0); // WRITE means nothing here
    offer(&b.r, 0);
    cr_assert(pop(&b));
    cr_assert(b.chain.fault == CHAIN_OK && b.chain.readable == 40);
    desc(&b.r, 0, DATA, 16, NEXT, 1); // direct ones may come first
    desc(&b.r, 1, table, 40 * 16, INDIRECT, 0);
    offer(&b.r, 0);
    cr_assert(pop(&b));
    cr_assert(b.chain.fault == CHAIN_OK && b.chain.readable == 41);
    cr_assert_eq(b.chain.readable_bytes, 56);
    ring_end(&b.r);
}

Test(virtqueue, indirect_only_where_negotiated) {
    struct bench b;
    start(&b, 8, 0);
    put_desc(&b.r, DATA, 0, DATA, 1, 0, 0);
    desc(&b.r, 0, DATA, 16, INDIRECT, 0);
    expect_fault(&b, CHAIN_INDIRECT);
    ring_end(&b.r);
}

Test(virtqueue, bad_indirect_tables) {
    struct bench b;
    start(&b, 8, WITH_INDIRECT);
    const uint64_t table = DATA + 0x1000;
    put_desc(&b.r, table, 0, DATA, 1, 0, 0);
    desc(&b.r, 0, table, 16, INDIRECT | NEXT, 1); // both flags
    desc(&b.r, 1, DATA, 1, 0, 0);
    expect_fault(&b, CHAIN_INDIRECT);
    desc(&b.r, 0, table, 17, INDIRECT, 0); // no whole number of descriptors
    expect_fault(&b, CHAIN_INDIRECT);
    desc(&b.r, 0, table, 0, INDIRECT, 0);
    expect_fault(&b, CHAIN_INDIRECT);
    desc(&b.r, 0, RAM + RAM_BYTES - 16, 32, INDIRECT, 0); // sticks out
    expect_fault(&b, CHAIN_INDIRECT);
    desc(&b.r, 0, TRAP, 16, INDIRECT, 0);
    expect_fault(&b, CHAIN_INDIRECT);
    desc(&b.r, 0, UINT64_MAX - 15, 16, INDIRECT, 0);
    expect_fault(&b, CHAIN_INDIRECT);
    desc(&b.r, 0, table, 16, INDIRECT, 0);
    put_desc(&b.r, table, 0, table, 16, INDIRECT, 0); // nested
    expect_fault(&b, CHAIN_INDIRECT);
    put_desc(&b.r, table, 0, DATA, 1, NEXT, 0); // loop inside
    expect_fault(&b, CHAIN_LOOP);
    put_desc(&b.r, table, 0, DATA, 1, NEXT, 1); // next outside
    expect_fault(&b, CHAIN_NEXT);
    ring_end(&b.r);
}

// A table of n one-byte segments, from one indirect descriptor.
static void offer_table(struct bench *b, unsigned n, uint32_t bytes_each) {
    const uint64_t table = RAM + 0x100000;
    for (unsigned i = 0; i < n; i++) {
        put_desc(&b->r, table, i, DATA, bytes_each, i < n - 1 ? NEXT : 0, i + 1);
    }
    desc(&b->r, 0, table, n * 16, INDIRECT, 0);
}

Test(virtqueue, a_chain_has_a_greatest_length) {
    struct bench b;
    start(&b, 8, WITH_INDIRECT);
    offer_table(&b, CHAIN_MAX_SEGMENTS, 1);
    offer(&b.r, 0);
    cr_assert(pop(&b));
    cr_assert(b.chain.fault == CHAIN_OK && b.chain.readable == CHAIN_MAX_SEGMENTS);
    push(&b, 0);
    b.r.seen++;
    offer_table(&b, CHAIN_MAX_SEGMENTS + 1, 1);
    expect_fault(&b, CHAIN_TOO_LONG);
    offer_table(&b, 4 * CHAIN_MAX_SEGMENTS, 0); // empty ones count too
    expect_fault(&b, CHAIN_TOO_LONG);
    ring_end(&b.r);
}

Test(virtqueue, empty_segments_are_none) {
    struct bench b;
    start(&b, 8, 0);
    desc(&b.r, 0, UINT64_MAX, 0, NEXT | WRITE, 1); // nowhere, but nothing
    desc(&b.r, 1, DATA, 4, 0, 0);
    offer(&b.r, 0);
    cr_assert(pop(&b));
    cr_assert(b.chain.fault == CHAIN_OK && b.chain.readable == 1 && b.chain.writable == 0);
    ring_end(&b.r);
}

Test(virtqueue, copies_across_segments) {
    struct bench b;
    start(&b, 8, 0);
    memcpy(b.r.ram + (DATA - RAM), "abc-defgh-i", 11);
    desc(&b.r, 0, DATA, 3, NEXT, 1);
    desc(&b.r, 1, DATA + 4, 5, NEXT, 2);
    desc(&b.r, 2, DATA + 10, 1, NEXT, 3);
    desc(&b.r, 3, DATA + 100, 2, NEXT | WRITE, 4);
    desc(&b.r, 4, DATA + 200, 9, WRITE, 0);
    offer(&b.r, 0);
    cr_assert(pop(&b));
    char text[16] = "";
    cr_assert_eq(chain_read(&b.chain, &b.r.phys, 1, text, 7), 7);
    cr_assert_str_eq(text, "bcdefgh");
    cr_assert_eq(chain_read(&b.chain, &b.r.phys, 4, text, 2), 2);
    cr_assert_str_eq(text, "efdefgh", "no more than was asked for");
    cr_assert_eq(chain_read(&b.chain, &b.r.phys, 8, text, 10), 1, "only one is left");
    cr_assert_eq(text[0], 'i');
    cr_assert_eq(chain_read(&b.chain, &b.r.phys, 9, text, 1), 0);
    cr_assert_eq(chain_write(&b.chain, &b.r.phys, 1, "0123456789", 10), 10);
    cr_assert_eq(chain_write(&b.chain, &b.r.phys, 1, "0123456789+", 11), 10);
    cr_assert_arr_eq(b.r.ram + (DATA + 100 - RAM),
                     "\0"
                     "0",
                     2);
    cr_assert_arr_eq(b.r.ram + (DATA + 200 - RAM), "123456789", 9);
    cr_assert_eq(peek(&b.r, DATA + 209, 1), 0);
    cr_assert_eq(chain_write(&b.chain, &b.r.phys, 3, "--", 2), 2);
    cr_assert_arr_eq(b.r.ram + (DATA + 200 - RAM), "1--456789", 9);
    cr_assert_null(chain_map(&b.chain, &b.r.phys, true, 11, 1).host);
    const struct chain_piece p = chain_map(&b.chain, &b.r.phys, true, 4, 100);
    cr_assert(p.pa == DATA + 202 && p.len == 7 && p.host == b.r.ram + (DATA + 202 - RAM));
    ring_end(&b.r);
}

Test(virtqueue, writing_makes_decoded_code_go_away) {
    struct bench b;
    start(&b, 8, 0);
    phys_mark_code(&b.r.phys, DATA, 4);
    phys_mark_code(&b.r.phys, RING_USED, 4);
    desc(&b.r, 0, DATA, 4, WRITE, 0);
    offer(&b.r, 0);
    cr_assert(pop(&b));
    cr_assert(phys_has_code(&b.r.phys, DATA));
    chain_write(&b.chain, &b.r.phys, 0, "code", 4);
    cr_assert_not(phys_has_code(&b.r.phys, DATA));
    push(&b, 4);
    cr_assert_not(phys_has_code(&b.r.phys, RING_USED));
    ring_end(&b.r);
}

Test(virtqueue, what_the_guest_changes_afterwards_does_not_matter) {
    struct bench b;
    start(&b, 8, 0);
    desc(&b.r, 0, DATA, 4, WRITE, 0);
    offer(&b.r, 0);
    cr_assert(pop(&b));
    desc(&b.r, 0, TRAP, 0xffffffff, NEXT, 99);
    cr_assert_eq(chain_write(&b.chain, &b.r.phys, 0, "12345", 5), 4);
    cr_assert_eq(peek(&b.r, DATA, 4), 0x34333231);
    ring_end(&b.r);
}

Test(virtqueue, indices_wrap_at_16_bits) {
    struct bench b;
    start(&b, 4, WITH_EVENT);
    desc(&b.r, 3, DATA, 4, WRITE, 0);
    for (unsigned i = 0; i < 70000; i++) {
        set_used_event(&b.r, (uint16_t)i);
        offer(&b.r, 3);
        cr_assert(pop(&b), "chain %u", i);
        cr_assert_not(pop(&b));
        cr_assert_eq(avail_event_of(&b.r), (uint16_t)(i + 1));
        push(&b, i);
        cr_assert(wants(&b), "chain %u", i);
        uint32_t id, len;
        cr_assert(take_used(&b.r, &id, &len));
        cr_assert(id == 3 && len == i);
    }
    ring_end(&b.r);
}

Test(virtqueue, no_interrupt) {
    struct bench b;
    start(&b, 8, 0);
    desc(&b.r, 0, DATA, 4, WRITE, 0);
    cr_assert_not(wants(&b), "nothing was pushed");
    offer(&b.r, 0), offer(&b.r, 0), offer(&b.r, 0);
    cr_assert(pop(&b));
    push(&b, 0);
    cr_assert(wants(&b));
    cr_assert_not(wants(&b), "once");
    poke(&b.r, RING_AVAIL, 1, 2);
    cr_assert(pop(&b));
    push(&b, 0);
    cr_assert_not(wants(&b));
    poke(&b.r, RING_AVAIL, 0, 2);
    set_used_event(&b.r, 1000); // not negotiated: ignored
    cr_assert(pop(&b));
    push(&b, 0);
    cr_assert(wants(&b));
    ring_end(&b.r);
}

Test(virtqueue, event_index) {
    struct bench b;
    start(&b, 8, WITH_EVENT);
    desc(&b.r, 0, DATA, 4, WRITE, 0);
    poke(&b.r, RING_AVAIL, 1, 2); // the flag is ignored
    set_used_event(&b.r, 2);      // after the third
    for (unsigned i = 0; i < 5; i++) {
        offer(&b.r, 0);
        cr_assert(pop(&b));
        push(&b, 0);
        cr_assert_eq(wants(&b), i == 2, "at %u", i);
    }
    set_used_event(&b.r, 6);
    for (unsigned i = 5; i < 9; i++) { // a batch that passes it
        offer(&b.r, 0);
        cr_assert(pop(&b));
        push(&b, 0);
    }
    cr_assert(wants(&b));
    cr_assert_eq(peek(&b.r, RING_USED, 2), 0, "flags of the used ring stay 0");
    ring_end(&b.r);
}

Test(virtqueue, avail_event_asks_for_the_next_chain) {
    struct bench b;
    start(&b, 8, WITH_EVENT);
    desc(&b.r, 0, DATA, 4, WRITE, 0);
    offer(&b.r, 0), offer(&b.r, 0);
    cr_assert(pop(&b));
    cr_assert_eq(avail_event_of(&b.r), 0, "more is there: no notification is needed");
    cr_assert(pop(&b));
    cr_assert_not(pop(&b));
    cr_assert_eq(avail_event_of(&b.r), 2);
    restart(&b, 8, 0);
    b.r.offered = 0;
    poke(&b.r, b.r.avail + 2, 0, 2);
    poke(&b.r, b.r.used + 4 + 64, 0xaaaa, 2);
    cr_assert_not(pop(&b));
    cr_assert_eq(avail_event_of(&b.r), 0xaaaa, "not negotiated: not written");
    ring_end(&b.r);
}

Test(virtqueue, an_index_that_jumps_breaks_the_queue) {
    struct bench b;
    start(&b, 8, 0);
    desc(&b.r, 0, DATA, 4, WRITE, 0);
    poke(&b.r, RING_AVAIL + 2, 8, 2);
    for (unsigned i = 0; i < 8; i++) cr_assert(pop(&b), "a full ring is right");
    poke(&b.r, RING_AVAIL + 2, 17, 2);
    cr_assert_not(pop(&b));
    cr_assert(b.q.broken);
    poke(&b.r, RING_AVAIL + 2, 9, 2);
    cr_assert_not(pop(&b), "and it stays so");
    push(&b, 0);
    cr_assert_eq(peek(&b.r, RING_USED + 2, 2), 0);
    cr_assert_not(wants(&b));
    restart(&b, 8, 0);
    poke(&b.r, RING_AVAIL + 2, 0xffff, 2); // goes backwards
    cr_assert_not(pop(&b));
    cr_assert(b.q.broken);
    ring_end(&b.r);
}

Test(virtqueue, rings_must_be_aligned_and_in_ram) {
    static const struct {
        uint64_t desc, avail, used;
        uint32_t size;
        bool usable;
    } rows[] = {
        {RING_DESC, RING_AVAIL, RING_USED, 8, true},
        {RING_DESC + 8, RING_AVAIL, RING_USED, 8, false},
        {RING_DESC, RING_AVAIL + 1, RING_USED, 8, false},
        {RING_DESC, RING_AVAIL + 2, RING_USED, 8, true},
        {RING_DESC, RING_AVAIL, RING_USED + 2, 8, false},
        {RING_DESC, RING_AVAIL, RING_USED + 4, 8, true},
        {TRAP, RING_AVAIL, RING_USED, 8, false},
        {RING_DESC, TRAP, RING_USED, 8, false},
        {RING_DESC, RING_AVAIL, TRAP, 8, false},
        {ROM, RING_AVAIL, RING_USED, 8, false},
        {RAM + RAM_BYTES - 128, RING_AVAIL, RING_USED, 8, true},
        {RAM + RAM_BYTES - 112, RING_AVAIL, RING_USED, 8, false},
        {RING_DESC, RAM + RAM_BYTES - 20, RING_USED, 8, true},
        {RING_DESC, RAM + RAM_BYTES - 18, RING_USED, 8, false},
        {RING_DESC, RING_AVAIL, RAM + RAM_BYTES - 68, 8, true},
        {RING_DESC, RING_AVAIL, RAM + RAM_BYTES - 64, 8, false},
        {UINT64_MAX - 15, RING_AVAIL, RING_USED, 8, false},
        {RING_DESC, RING_AVAIL, RING_USED, 0, false},
        {RING_DESC, RING_AVAIL, RING_USED, 7, false},
        {RING_DESC, RING_AVAIL, RING_USED, 1, true},
        {RING_DESC, RING_AVAIL, RING_USED, 2048, false},
        {RING_DESC, RING_AVAIL, RING_USED, 0x80000000, false},
    };
    struct bench b;
    ring_machine(&b.r);
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        b.r.desc = rows[i].desc, b.r.avail = rows[i].avail, b.r.used = rows[i].used;
        restart(&b, rows[i].size, 0);
        cr_assert_eq(b.q.broken, !rows[i].usable, "row %u", i);
        if (b.q.broken) cr_assert_not(pop(&b));
    }
    // With event indices each ring is two bytes longer.
    b.r.desc = RING_DESC, b.r.used = RING_USED, b.r.avail = RAM + RAM_BYTES - 20;
    restart(&b, 8, WITH_EVENT);
    cr_assert(b.q.broken);
    b.r.avail = RAM + RAM_BYTES - 22;
    restart(&b, 8, WITH_EVENT);
    cr_assert_not(b.q.broken);
    b.r.avail = RING_AVAIL, b.r.used = RAM + RAM_BYTES - 68;
    restart(&b, 8, WITH_EVENT);
    cr_assert(b.q.broken);
    b.r.used = RING_USED;
    ring_end(&b.r);
}

Test(virtqueue, a_queue_that_is_not_ready_gives_nothing) {
    struct bench b;
    start(&b, 8, 0);
    desc(&b.r, 0, DATA, 4, WRITE, 0);
    offer(&b.r, 0);
    virtqueue_reset(&b.q);
    cr_assert(b.q.size == 0 && !b.q.ready);
    cr_assert_not(pop(&b));
    push(&b, 0);
    b.q.used_idx = 1;
    cr_assert_not(wants(&b));
    cr_assert_not(b.q.broken, "the rings were not looked for");
    ring_end(&b.r);
}
