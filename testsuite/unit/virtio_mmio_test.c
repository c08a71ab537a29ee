// SPDX-License-Identifier: MIT
// The virtio-mmio transport: what a driver sees of it, step by step, and what a driver that does it
// wrong gets.
#include "testsuite/unit/probe_device.h"

Test(virtio_mmio, identity) {
    struct bench b;
    start(&b, false);
    cr_assert_eq(reg_get(&b.r, 0), 0x74726976);
    cr_assert_eq(reg_get(&b.r, 4), 2);
    cr_assert_eq(reg_get(&b.r, 8), 42);
    cr_assert_eq(reg_get(&b.r, 0xc), 0x554d4551);
    cr_assert_eq(virtio_mmio_device(b.r.slot), &b.p.v);
    end(&b);
}

Test(virtio_mmio, an_empty_slot) {
    struct ring r;
    for (unsigned legacy = 0; legacy < 2; legacy++) {
        ring_machine(&r);
        ring_plug(&r, NULL, legacy);
        cr_assert_eq(reg_get(&r, 0), 0x74726976);
        cr_assert_eq(reg_get(&r, 4), legacy ? 1 : 2);
        cr_assert_eq(reg_get(&r, 8), 0);
        for (uint64_t at = 0; at < VIRTIO_MMIO_BYTES; at += 4) {
            reg_set(&r, at, 0xffffffff);
            if (at > 0xc) cr_assert_eq(reg_get(&r, at), 0);
        }
        device_reset(r.slot);
        cr_assert(!r.irq.level);
        cr_assert_null(virtio_mmio_device(r.slot));
        ring_end(&r);
    }
}

Test(virtio_mmio, features_offered) {
    struct bench b;
    start(&b, false);
    cr_assert_eq(ring_features(&b.r),
                 BIT(3) | BIT(50) | BIT(28) | BIT(29) | VERSION_1 | RING_RESET);
    reg_set(&b.r, 0x14, 2);
    cr_assert_eq(reg_get(&b.r, 0x10), 0);
    reg_set(&b.r, 0x14, 0xffffffff);
    cr_assert_eq(reg_get(&b.r, 0x10), 0);
    end(&b);
    start(&b, true);
    cr_assert_eq(ring_features(&b.r), BIT(3) | BIT(50) | BIT(28) | BIT(29) | BIT(27));
    end(&b);
}

Test(virtio_mmio, features_ok_sticks_for_every_subset) {
    static const uint64_t subsets[] = {0, VERSION_1, BIT(3), BIT(28) | BIT(29), BIT(3) | BIT(50)};
    struct bench b;
    start(&b, false);
    for (unsigned i = 0; i < sizeof subsets / sizeof *subsets; i++) {
        cr_assert(ring_negotiate(&b.r, subsets[i]), "subset %u", i);
        cr_assert_eq(b.p.v.negotiated, subsets[i]);
        cr_assert_eq(b.p.negotiated, i + 1);
    }
    end(&b);
}

Test(virtio_mmio, features_ok_does_not_stick_for_what_was_not_offered) {
    struct bench b;
    start(&b, false);
    cr_assert_not(ring_negotiate(&b.r, BIT(3) | BIT(4)));
    cr_assert_not(ring_negotiate(&b.r, BIT(63)));
    cr_assert_not(ring_negotiate(&b.r, BIT(27)), "legacy only");
    cr_assert_eq(b.p.v.negotiated, 0);
    cr_assert_eq(b.p.negotiated, 0);
    end(&b);
}

Test(virtio_mmio, features_are_fixed_by_features_ok) {
    struct bench b;
    start(&b, false);
    cr_assert(ring_negotiate(&b.r, VERSION_1));
    reg_set(&b.r, 0x24, 0);
    reg_set(&b.r, 0x20, BIT(3));
    reg_set(&b.r, STATUS, 11);
    cr_assert_eq(b.p.v.negotiated, VERSION_1);
    end(&b);
}

Test(virtio_mmio, features_come_in_two_words_and_go_with_a_reset) {
    struct bench b;
    start(&b, false);
    cr_assert(ring_negotiate(&b.r, BIT(3) | BIT(28)));
    reg_set(&b.r, STATUS, 0);
    reg_set(&b.r, 0x20, BIT(29)); // to word 0, which is selected after a reset
    reg_set(&b.r, 0x24, 2);
    reg_set(&b.r, 0x20, 0xffffffff);
    reg_set(&b.r, 0x24, 0xffffffff);
    reg_set(&b.r, 0x20, 0xffffffff);
    reg_set(&b.r, STATUS, 11);
    cr_assert_eq(reg_get(&b.r, STATUS), 11);
    cr_assert_eq(b.p.v.negotiated, BIT(29));
    end(&b);
}

Test(virtio_mmio, selectors_go_with_a_reset) {
    struct bench b;
    start(&b, false);
    b.p.v.shm[0].size = 1;
    reg_set(&b.r, 0x14, 1);
    reg_set(&b.r, SEL, 7);
    reg_set(&b.r, 0xac, 1);
    reg_set(&b.r, STATUS, 0);
    cr_assert_eq(reg_get(&b.r, 0x10), BIT(3) | BIT(28) | BIT(29));
    cr_assert_eq(reg_get(&b.r, 0x34), 16);
    cr_assert_eq(reg_get(&b.r, 0xb0), 1);
    end(&b);
}

Test(virtio_mmio, status_bits_are_only_cleared_by_a_reset) {
    struct bench b;
    start(&b, false);
    reg_set(&b.r, STATUS, ACKNOWLEDGE | DRIVER);
    reg_set(&b.r, STATUS, ACKNOWLEDGE);
    cr_assert_eq(reg_get(&b.r, STATUS), ACKNOWLEDGE | DRIVER);
    reg_set(&b.r, STATUS, NEEDS_RESET); // not the driver's to set
    cr_assert_eq(reg_get(&b.r, STATUS), ACKNOWLEDGE | DRIVER);
    reg_set(&b.r, STATUS, 0xffffff80);
    cr_assert_eq(reg_get(&b.r, STATUS), ACKNOWLEDGE | DRIVER | 128);
    reg_set(&b.r, STATUS, 0);
    cr_assert_eq(reg_get(&b.r, STATUS), 0);
    end(&b);
}

Test(virtio_mmio, a_chain_and_its_interrupt) {
    struct bench b;
    start(&b, false);
    ring_start(&b.r, VERSION_1, 16);
    cr_assert_eq(reg_get(&b.r, READY), 1);
    offer_five(&b);
    notify(&b.r);
    expect_five(&b);
    cr_assert(b.r.irq.level);
    cr_assert_eq(reg_get(&b.r, ISR), 1);
    reg_set(&b.r, ACK, 2);
    cr_assert(b.r.irq.level, "that was another one");
    reg_set(&b.r, ACK, 1);
    cr_assert(!b.r.irq.level);
    cr_assert_eq(reg_get(&b.r, ISR), 0);
    notify(&b.r);
    cr_assert(!b.r.irq.level, "nothing new");
    const struct virtio_counters *c = &b.p.v.counters;
    cr_assert(c->notifications == 2 && c->chains == 1 && c->interrupts == 1 && c->bad_chains == 0);
    end(&b);
}

Test(virtio_mmio, nothing_moves_before_driver_ok) {
    struct bench b;
    start(&b, false);
    cr_assert(ring_negotiate(&b.r, VERSION_1));
    ring_set_up(&b.r, 16);
    offer_five(&b);
    notify(&b.r);
    uint32_t id, len;
    cr_assert_not(take_used(&b.r, &id, &len));
    cr_assert(!b.r.irq.level);
    reg_set(&b.r, STATUS, 15);
    expect_five(&b);
    end(&b);
}

Test(virtio_mmio, queue_registers) {
    struct bench b;
    start(&b, false);
    cr_assert_eq(reg_get(&b.r, 0x34), 16);
    reg_set(&b.r, SEL, 1);
    cr_assert_eq(reg_get(&b.r, 0x34), 16);
    reg_set(&b.r, SEL, 2);
    cr_assert_eq(reg_get(&b.r, 0x34), 0, "there is no third queue");
    reg_set(&b.r, READY, 1);
    reg_set(&b.r, 0x38, 8);
    reg_set(&b.r, 0x80, 0x1000);
    cr_assert_eq(reg_get(&b.r, READY), 0);
    reg_set(&b.r, SEL, 0xffffffff);
    reg_set(&b.r, READY, 1);
    cr_assert_eq(reg_get(&b.r, READY), 0);
    reg_set(&b.r, NOTIFY, 2);
    reg_set(&b.r, NOTIFY, 0xffffffff);
    cr_assert(b.p.notified[0] == 0 && b.p.notified[1] == 0);
    end(&b);
}

Test(virtio_mmio, a_ready_queue_keeps_its_place) {
    struct bench b;
    start(&b, false);
    ring_start(&b.r, VERSION_1, 16);
    for (uint64_t at = 0x80; at <= 0xa4; at += 4) reg_set(&b.r, at, 0x10);
    reg_set(&b.r, 0x38, 1);
    offer_five(&b);
    notify(&b.r);
    expect_five(&b);
    end(&b);
}

Test(virtio_mmio, unusable_rings_need_a_reset) {
    struct bench b;
    start(&b, false);
    b.r.used = TRAP;
    cr_assert(ring_negotiate(&b.r, VERSION_1));
    ring_set_up(&b.r, 16);
    cr_assert(reg_get(&b.r, STATUS) & NEEDS_RESET);
    cr_assert(!b.r.irq.level, "before DRIVER_OK nobody is told");
    b.r.used = RING_USED;
    ring_start(&b.r, VERSION_1, 16); // begins with a reset
    cr_assert_eq(reg_get(&b.r, STATUS), 15);
    offer_five(&b);
    notify(&b.r);
    expect_five(&b);
    end(&b);
}

Test(virtio_mmio, a_queue_larger_than_offered_needs_a_reset) {
    static const uint32_t sizes[] = {0, 3, 32, 0x10010, 0xffffffff};
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct bench b;
        start(&b, false);
        cr_assert(ring_negotiate(&b.r, VERSION_1));
        ring_set_up(&b.r, sizes[i]);
        cr_assert(reg_get(&b.r, STATUS) & NEEDS_RESET, "size %u", sizes[i]);
        end(&b);
    }
}

Test(virtio_mmio, addresses_have_64_bits) {
    for (uint64_t at = 0x84; at <= 0xa4; at += 0x10) {
        struct bench b;
        start(&b, false);
        cr_assert(ring_negotiate(&b.r, VERSION_1));
        ring_set_up(&b.r, 16);
        cr_assert_not(reg_get(&b.r, STATUS) & NEEDS_RESET);
        reg_set(&b.r, READY, 0);
        reg_set(&b.r, 0x38, 16);
        const uint64_t low[] = {b.r.desc, b.r.avail, b.r.used};
        for (unsigned i = 0; i < 3; i++) reg_set(&b.r, 0x80 + i * 0x10, low[i]);
        reg_set(&b.r, at, 1); // where there is no RAM
        reg_set(&b.r, READY, 1);
        cr_assert(reg_get(&b.r, STATUS) & NEEDS_RESET, "register %lx", (long)at);
        end(&b);
    }
}

Test(virtio_mmio, an_index_that_jumps_needs_a_reset_and_says_so) {
    struct bench b;
    start(&b, false);
    ring_start(&b.r, VERSION_1, 16);
    poke(&b.r, RING_AVAIL + 2, 17, 2);
    notify(&b.r);
    cr_assert(reg_get(&b.r, STATUS) & NEEDS_RESET);
    cr_assert_eq(reg_get(&b.r, ISR), 2);
    cr_assert(b.r.irq.level);
    reg_set(&b.r, ACK, 2);
    notify(&b.r);
    cr_assert(!b.r.irq.level, "it says so once");
    poke(&b.r, RING_AVAIL + 2, 0, 2);
    offer_five(&b);
    notify(&b.r);
    uint32_t id, len;
    cr_assert_not(take_used(&b.r, &id, &len), "until the reset");
    cr_assert(!b.r.irq.level);
    ring_start(&b.r, VERSION_1, 16);
    offer_five(&b);
    notify(&b.r);
    expect_five(&b);
    end(&b);
}

Test(virtio_mmio, reset_clears_queues_and_interrupts) {
    struct bench b;
    start(&b, false);
    ring_start(&b.r, VERSION_1 | BIT(3), 16);
    offer_five(&b);
    notify(&b.r);
    cr_assert(b.r.irq.level);
    const unsigned resets = b.p.reset, queues = b.p.reset_queue;
    reg_set(&b.r, STATUS, 0);
    cr_assert(!b.r.irq.level);
    cr_assert_eq(reg_get(&b.r, ISR), 0);
    cr_assert_eq(reg_get(&b.r, READY), 0);
    cr_assert_eq(b.p.v.negotiated, 0);
    cr_assert(b.p.reset == resets + 1 && b.p.reset_queue == queues + 2);
    const uint64_t used = peek(&b.r, RING_USED + 2, 2);
    offer(&b.r, 0);
    notify(&b.r);
    cr_assert_eq(peek(&b.r, RING_USED + 2, 2), used, "the rings are left alone");
    end(&b);
}

Test(virtio_mmio, a_queue_can_be_stopped) {
    struct bench b;
    start(&b, false);
    ring_start(&b.r, VERSION_1, 16);
    reg_set(&b.r, READY, 0);
    cr_assert_eq(reg_get(&b.r, READY), 0);
    offer_five(&b);
    notify(&b.r);
    uint32_t id, len;
    cr_assert_not(take_used(&b.r, &id, &len));
    ring_set_up(&b.r, 8); // and started with another size
    offer_five(&b);
    notify(&b.r);
    expect_five(&b);
    end(&b);
}

Test(virtio_mmio, a_queue_can_be_reset_where_negotiated) {
    struct bench b;
    start(&b, false);
    ring_start(&b.r, VERSION_1, 16);
    reg_set(&b.r, 0xc0, 1);
    cr_assert_eq(reg_get(&b.r, READY), 1);
    ring_start(&b.r, VERSION_1 | RING_RESET, 16);
    const unsigned queues = b.p.reset_queue;
    reg_set(&b.r, 0xc0, 0);
    cr_assert_eq(reg_get(&b.r, READY), 1);
    reg_set(&b.r, 0xc0, 1);
    cr_assert_eq(b.p.reset_queue, queues + 1);
    cr_assert_eq(reg_get(&b.r, READY), 0);
    cr_assert_eq(reg_get(&b.r, 0xc0), 0);
    ring_set_up(&b.r, 16);
    offer_five(&b);
    notify(&b.r);
    expect_five(&b);
    end(&b);
}

Test(virtio_mmio, ring_features_reach_the_queue) {
    struct bench b;
    start(&b, false);
    ring_start(&b.r, VERSION_1 | BIT(28) | BIT(29), 16);
    put_desc(&b.r, DATA + 64, 0, DATA, 5, 0, 0);
    desc(&b.r, 0, DATA + 64, 16, INDIRECT, 0);
    set_used_event(&b.r, 1);
    offer(&b.r, 0);
    notify(&b.r);
    expect_five(&b);
    cr_assert(!b.r.irq.level, "only the second one is of interest");
    offer(&b.r, 0);
    notify(&b.r);
    cr_assert(b.r.irq.level);
    cr_assert_eq(avail_event_of(&b.r), 2);
    ring_start(&b.r, VERSION_1, 16);
    desc(&b.r, 0, DATA + 64, 16, INDIRECT, 0);
    offer(&b.r, 0);
    notify(&b.r);
    cr_assert_eq(b.p.v.counters.bad_chains, 1);
    end(&b);
}

Test(virtio_mmio, config_space) {
    struct bench b;
    start(&b, false);
    b.p.config = UINT64_C(0x8877665544332211);
    cr_assert_eq(get(b.r.slot, 0x100, 8), UINT64_C(0x8877665544332211));
    cr_assert_eq(get(b.r.slot, 0x104, 4), 0x88776655);
    cr_assert_eq(get(b.r.slot, 0x102, 2), 0x4433);
    cr_assert_eq(get(b.r.slot, 0x107, 1), 0x88);
    put(b.r.slot, 0x101, 1, 0xaa);
    cr_assert_eq(b.p.config, UINT64_C(0x887766554433aa11));
    cr_assert_eq(get(b.r.slot, 0x108, 1), 0, "behind its end");
    put(b.r.slot, 0x108, 4, 1);
    put(b.r.slot, VIRTIO_MMIO_BYTES - 8, 8, 1);
    put(b.r.slot, 0x106, 2, 0xbbcc);
    cr_assert_eq(b.p.config, UINT64_C(0xbbcc66554433aa11));
    cr_assert_eq(b.p.behind_config, 0);
    end(&b);
}

Test(virtio_mmio, a_changed_configuration) {
    struct bench b;
    start(&b, false);
    const uint64_t generation = reg_get(&b.r, 0xfc);
    virtio_config_changed(&b.p.v);
    cr_assert_neq(reg_get(&b.r, 0xfc), generation);
    cr_assert(!b.r.irq.level, "no driver is there to be told");
    ring_start(&b.r, VERSION_1, 16);
    virtio_config_changed(&b.p.v);
    cr_assert_eq(reg_get(&b.r, 0xfc), generation + 2);
    cr_assert_eq(reg_get(&b.r, ISR), 2);
    cr_assert(b.r.irq.level);
    end(&b);
}

Test(virtio_mmio, shared_memory_registers) {
    struct bench b;
    start(&b, false);
    b.p.v.shm[1] = (struct virtio_shm){UINT64_C(0x123456789abcdef0), UINT64_C(0x200000001)};
    for (uint64_t at = 0xb0; at <= 0xbc; at += 4) cr_assert_eq(reg_get(&b.r, at), 0xffffffff);
    reg_set(&b.r, 0xac, 1);
    cr_assert_eq(reg_get(&b.r, 0xb0), 1);
    cr_assert_eq(reg_get(&b.r, 0xb4), 2);
    cr_assert_eq(reg_get(&b.r, 0xb8), 0x9abcdef0);
    cr_assert_eq(reg_get(&b.r, 0xbc), 0x12345678);
    reg_set(&b.r, 0xac, 0xffffffff);
    for (uint64_t at = 0xb0; at <= 0xbc; at += 4) cr_assert_eq(reg_get(&b.r, at), 0xffffffff);
    end(&b);
}

Test(virtio_mmio, registers_are_32_bits_wide) {
    struct bench b;
    start(&b, false);
    cr_assert_eq(get(b.r.slot, 0, 1), 0);
    cr_assert_eq(get(b.r.slot, 0, 8), 0);
    put(b.r.slot, STATUS, 1, 1);
    put(b.r.slot, STATUS, 8, 1);
    cr_assert_eq(reg_get(&b.r, STATUS), 0);
    end(&b);
}

Test(virtio_mmio, every_access_is_defined) {
    for (unsigned legacy = 0; legacy < 2; legacy++) {
        struct bench b;
        start(&b, legacy);
        for (unsigned ok = 0; ok < 2; ok++) {
            for (unsigned size = 1; size <= 8; size *= 2) {
                for (uint64_t at = 0; at + size <= VIRTIO_MMIO_BYTES; at += size) {
                    put(b.r.slot, at, size, ok ? UINT64_MAX : 0);
                    get(b.r.slot, at, size);
                }
            }
        }
        end(&b);
    }
}

Test(virtio_mmio, version_2_has_no_registers_of_legacy) {
    struct bench b;
    start(&b, false);
    reg_set(&b.r, 0x28, 4096);
    reg_set(&b.r, 0x38, 8);
    reg_set(&b.r, 0x40, RING_DESC / 4096);
    cr_assert_eq(reg_get(&b.r, 0x40), 0);
    cr_assert_eq(reg_get(&b.r, READY), 0);
    end(&b);
}
