// SPDX-License-Identifier: MIT
// The virtio-mmio transport in version 1: pages and alignments in place of addresses, no
// FEATURES_OK, and drivers as they were.
#include "testsuite/unit/probe_device.h"

// The rings as the legacy layout has them: descriptors, available ring, and the used ring at the
// next multiple of the alignment. status is what the driver has written by the time.
static void legacy_set_up(struct bench *b, uint32_t size, uint32_t align) {
    struct ring *r = &b->r;
    r->size = size;
    r->offered = r->seen = 0;
    r->desc = RING_DESC;
    r->avail = r->desc + size * 16;
    r->used = (r->avail + 6 + size * 2 + (align ? align : 4096) - 1) / (align ? align : 4096) *
              (align ? align : 4096);
    memset(r->ram + (RING_DESC - RAM), 0, DATA - RING_DESC);
    reg_set(r, 0x28, 4096);
    reg_set(r, SEL, 0);
    reg_set(r, 0x38, size);
    if (align) reg_set(r, 0x3c, align);
    reg_set(r, 0x40, RING_DESC / 4096);
}

Test(virtio_legacy, driver) {
    struct bench b;
    start(&b, true);
    cr_assert_eq(reg_get(&b.r, 4), 1);
    reg_set(&b.r, STATUS, 0);
    reg_set(&b.r, STATUS, 1);
    reg_set(&b.r, STATUS, 3);
    reg_set(&b.r, 0x20, BIT(3) | BIT(5)); // takes what was not offered: not obeyed
    cr_assert_eq(b.p.v.negotiated, BIT(3));
    cr_assert_eq(reg_get(&b.r, 0x40), 0);
    legacy_set_up(&b, 16, 0);
    cr_assert_eq(reg_get(&b.r, 0x40), RING_DESC / 4096);
    cr_assert_eq(b.p.negotiated, 0);
    reg_set(&b.r, STATUS, 7);
    cr_assert_eq(b.p.negotiated, 1);
    offer_five(&b);
    notify(&b.r);
    expect_five(&b);
    cr_assert_eq(reg_get(&b.r, ISR), 1);
    end(&b);
}

// xv6 of the time of version 1 says DRIVER_OK before it sets its queue up.
Test(virtio_legacy, driver_that_is_ready_early) {
    struct bench b;
    start(&b, true);
    const unsigned steps[] = {1, 3, 11, 15};
    for (unsigned i = 0; i < 4; i++) reg_set(&b.r, STATUS, steps[i]);
    legacy_set_up(&b, 8, 0);
    offer_five(&b);
    notify(&b.r);
    expect_five(&b);
    end(&b);
}

// Linux says its page size before it resets the device.
Test(virtio_legacy, page_size_outlives_a_reset_by_the_driver) {
    struct bench b;
    start(&b, true);
    legacy_set_up(&b, 16, 0);
    reg_set(&b.r, STATUS, 0);
    cr_assert_eq(reg_get(&b.r, 0x40), 0);
    reg_set(&b.r, STATUS, 3);
    reg_set(&b.r, 0x38, 16);
    reg_set(&b.r, 0x40, RING_DESC / 4096);
    reg_set(&b.r, STATUS, 7);
    offer_five(&b);
    notify(&b.r);
    expect_five(&b);
    device_reset(b.r.slot);
    reg_set(&b.r, 0x38, 16);
    reg_set(&b.r, 0x40, RING_DESC / 4096);
    cr_assert_eq(reg_get(&b.r, STATUS), NEEDS_RESET, "a reset of the machine forgets it");
    end(&b);
}

Test(virtio_legacy, alignment) {
    struct bench b;
    start(&b, true);
    reg_set(&b.r, STATUS, 7);
    legacy_set_up(&b, 16, 64);
    cr_assert_eq(b.r.used, RING_DESC + 320);
    offer_five(&b);
    notify(&b.r);
    expect_five(&b);
    reg_set(&b.r, 0x40, 0); // the driver is done with it
    cr_assert_eq(reg_get(&b.r, 0x40), 0);
    legacy_set_up(&b, 1, 4); // no padding at all
    cr_assert_eq(b.r.used, RING_DESC + 24);
    offer_five(&b);
    notify(&b.r);
    expect_five(&b);
    reg_set(&b.r, 0x40, 0);
    legacy_set_up(&b, 16, 0); // 4096 again
    offer_five(&b);
    notify(&b.r);
    expect_five(&b);
    end(&b);
}

Test(virtio_legacy, queue_that_makes_no_sense) {
    static const struct {
        uint32_t page, align, size, pfn;
    } rows[] = {
        {0, 4096, 8, 0x80001},
        {4095, 4096, 8, 0x80001},
        {4096, 0, 8, 0x80001},
        {4096, 3, 8, 0x80001},
        {4096, 4096, 0, 0x80001},
        {4096, 4096, 7, 0x80001},
        {4096, 4096, 8, 1},
        {4096, 4096, 8, 0xffffffff},
        {0x80000000, 4096, 8, 0xffffffff},
        {4096, 0x80000000, 8, 0x80001},
        {4096, 4096, 8, 0x803ff},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        start(&b, true);
        reg_set(&b.r, STATUS, 7);
        reg_set(&b.r, 0x28, rows[i].page);
        reg_set(&b.r, 0x38, rows[i].size);
        reg_set(&b.r, 0x3c, rows[i].align);
        reg_set(&b.r, 0x40, rows[i].pfn);
        cr_assert(reg_get(&b.r, STATUS) & NEEDS_RESET, "row %u", i);
        end(&b);
    }
}

Test(virtio_legacy, has_no_registers_of_version_2) {
    struct bench b;
    start(&b, true);
    reg_set(&b.r, READY, 1);
    cr_assert_eq(reg_get(&b.r, READY), 0);
    cr_assert_eq(reg_get(&b.r, STATUS), 0);
    virtio_config_changed(&b.p.v);
    cr_assert_eq(reg_get(&b.r, 0xfc), 0);
    cr_assert_eq(reg_get(&b.r, 0xb0), 0);
    end(&b);
}
