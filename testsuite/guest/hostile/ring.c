// SPDX-License-Identifier: MIT
// Rings that are not where or what they should be, and rings that change under the device. A device
// that has no rings to work with says DEVICE_NEEDS_RESET, and works again after the reset.
#include "virtio.h"

enum end { WORKS, BROKEN };

// Rings at these places: does the device take them?
static void try_rings(uint32_t size, uint64_t desc, uint64_t avail, uint64_t used, enum end end) {
    device_begin(DISK, 0);
    queue_at(DISK, 0, size, desc, avail, used);
    device_go(DISK);
    for (unsigned i = 0; i < 3; i++) SLOT_REG(DISK, QUEUE_NOTIFY) = 0;
    CHECK_EQ(needs_reset(DISK), end == BROKEN);
    check_disk_works(DISK);
}

#define RINGS(name, size, desc, avail, used, end)                                                  \
    PROGRAM(ring_##name) { try_rings(size, desc, avail, used, end); }

RINGS(desc_in_device, 8, PLIC_AT, RING_AVAIL, RING_USED, BROKEN)
RINGS(avail_in_device, 8, RING_DESC, UART_AT, RING_USED, BROKEN)
RINGS(used_in_device, 8, RING_DESC, RING_AVAIL, CLINT_AT, BROKEN)
RINGS(used_in_its_own_registers, 8, RING_DESC, RING_AVAIL, SLOT_AT(DISK), BROKEN)
RINGS(used_in_rom, 8, RING_DESC, RING_AVAIL, ROM_AT, BROKEN)
RINGS(desc_in_rom, 8, ROM_AT, RING_AVAIL, RING_USED, BROKEN)
RINGS(desc_behind_ram, 8, RAM_END, RING_AVAIL, RING_USED, BROKEN)
RINGS(desc_at_rams_end, 8, RAM_END - 8 * 16, RING_AVAIL, RING_USED, WORKS)
RINGS(desc_one_over_rams_end, 8, RAM_END - 7 * 16, RING_AVAIL, RING_USED, BROKEN)
RINGS(avail_at_rams_last_bytes, 8, RING_DESC, RAM_END - 4, RING_USED, BROKEN)
RINGS(used_at_rams_last_bytes, 8, RING_DESC, RING_AVAIL, RAM_END - 4, BROKEN)
RINGS(used_just_fits, 8, RING_DESC, RING_AVAIL, RAM_END - 68, WORKS)
RINGS(desc_wraps, 8, ~UINT64_C(15), RING_AVAIL, RING_USED, BROKEN)
RINGS(avail_wraps, 8, RING_DESC, ~UINT64_C(1), RING_USED, BROKEN)
RINGS(desc_misaligned, 8, RING_DESC + 8, RING_AVAIL, RING_USED, BROKEN)
RINGS(avail_misaligned, 8, RING_DESC, RING_AVAIL + 1, RING_USED, BROKEN)
RINGS(used_misaligned, 8, RING_DESC, RING_AVAIL, RING_USED + 2, BROKEN)
RINGS(of_size_0, 0, RING_DESC, RING_AVAIL, RING_USED, BROKEN)
RINGS(of_size_3, 3, RING_DESC, RING_AVAIL, RING_USED, BROKEN)
RINGS(larger_than_offered, 512, RING_DESC, RING_AVAIL, RING_USED, BROKEN)
RINGS(of_size_2_to_31, UINT32_C(1) << 31, RING_DESC, RING_AVAIL, RING_USED, BROKEN)
RINGS(all_at_one_place, 8, RING_DESC, RING_DESC, RING_DESC, WORKS)
RINGS(over_the_program, 8, RAM_BEGIN, RING_AVAIL, RING_USED, WORKS)

// --- Indices -------------------------------------------------------------------------------------

static void try_index(uint16_t idx, enum end end) {
    struct queue q = device_start(DISK, 0);
    q.avail[1] = idx;
    notify(&q);
    CHECK_EQ(needs_reset(DISK), end == BROKEN);
    notify(&q);
    check_disk_works(DISK);
}

PROGRAM(index_jumps_by_more_than_the_ring) { try_index(QUEUE_MAX + 1, BROKEN); }
PROGRAM(index_jumps_to_the_end) { try_index(65535, BROKEN); }
PROGRAM(index_jumps_by_half) { try_index(32768, BROKEN); }
PROGRAM(index_of_a_ring_full_of_zeroes) { try_index(QUEUE_MAX, WORKS); }

PROGRAM(index_goes_back) {
    struct queue q = device_start(DISK, 0);
    CHECK_EQ(transfer(&q, IN, 5), OK);
    CHECK_EQ(transfer(&q, IN, 6), OK);
    q.avail[1] = 1;
    notify(&q);
    CHECK(needs_reset(DISK));
    check_disk_works(DISK);
}

// Sixteen bits are over after 65536 requests; nothing else is.
PROGRAM(index_wraps) {
    struct queue q = device_start(DISK, 0);
    put_header(GET_ID, 0);
    put_chain(&q, (const struct descriptor[]){{HEADER, 16, NEXT, 1}, {STATUS_AT, 1, WRITE, 0}}, 2);
    for (unsigned n = 0; n < 65536 + 10; n += 2) {
        q.avail[2 + q.sent % q.size] = 0;
        q.sent++;
        offer(&q, 0);
    }
    CHECK(all_used(&q));
    CHECK(!needs_reset(DISK));
    check_disk_works(DISK);
}

PROGRAM(used_index_is_the_drivers_lie) {
    struct queue q = device_start(DISK, 0);
    q.used[1] = 0x1234;
    CHECK_EQ(transfer(&q, IN, 5), OK); // the device counts by itself
    CHECK_EQ(q.used[1], 1);
    check_disk_works(DISK);
}

// used_event far away, backwards, everywhere: interrupts may be lost, the run is not.
PROGRAM(event_index_lies) {
    struct queue q = device_start(DISK, F_EVENT);
    for (unsigned n = 0; n < 200; n++) {
        q.avail[2 + QUEUE_MAX] = (uint16_t)(n * 40503);
        CHECK_EQ(transfer(&q, IN, n), OK);
    }
    check_disk_works(DISK);
}

// --- Too early, too late, the wrong one ----------------------------------------------------------

PROGRAM(notify_before_driver_ok) {
    device_begin(DISK, 0);
    struct queue q = queue_at(DISK, 0, 8, RING_DESC, RING_AVAIL, RING_USED);
    offer(&q, 0);
    CHECK_EQ(q.used[1], 0);
    check_disk_works(DISK);
}

PROGRAM(notify_without_a_queue) {
    device_begin(DISK, 0);
    device_go(DISK);
    for (uint32_t i = 0; i < 32; i++) SLOT_REG(DISK, QUEUE_NOTIFY) = UINT32_C(1) << i;
    SLOT_REG(DISK, QUEUE_NOTIFY) = UINT32_MAX;
    SLOT_REG(DISK, QUEUE_NOTIFY) = 0;
    check_disk_works(DISK);
}

PROGRAM(queue_that_there_is_not) {
    device_begin(DISK, 0);
    queue_at(DISK, 1, 8, RING_DESC, RING_AVAIL, RING_USED);
    queue_at(DISK, UINT32_MAX, 8, RING_DESC, RING_AVAIL, RING_USED);
    CHECK_EQ(SLOT_REG(DISK, QUEUE_READY), 0);
    check_disk_works(DISK);
}

PROGRAM(features_that_were_not_offered) {
    device_begin(DISK, ~UINT64_C(0));
    struct queue q = queue_at(DISK, 0, 8, RING_DESC, RING_AVAIL, RING_USED);
    device_go(DISK);
    CHECK_EQ(SLOT_REG(DISK, STATUS) & 8, 0); // FEATURES_OK does not stick
    offer(&q, 0);
    check_disk_works(DISK);
}

PROGRAM(moving_a_queue_that_is_ready) {
    struct queue q = device_start(DISK, 0);
    for (unsigned offset = QUEUE_DESC; offset < QUEUE_DEVICE + 8; offset += 4) {
        SLOT_REG(DISK, offset) = 0x55aa55aa;
    }
    SLOT_REG(DISK, QUEUE_SIZE) = 1;
    CHECK_EQ(transfer(&q, IN, 5), OK);
    check_disk_works(DISK);
}

PROGRAM(resets_without_end) {
    for (unsigned i = 0; i < 20000; i++) SLOT_REG(DISK, STATUS) = i & 1 ? 0x0f : 0;
    check_disk_works(DISK);
}

// --- Under the device's hands --------------------------------------------------------------------

// Many reads of 800 KiB into the same memory: after some of them the device rests.
enum { LONG = 4096, PIECES = 200 };
static struct queue many_reads(void) {
    struct queue q = device_start(DISK, 0);
    put_header(IN, 0);
    for (uint16_t i = 0; i < PIECES; i++) {
        q.desc[1 + i].addr = DATA;
        q.desc[1 + i].len = LONG;
        q.desc[1 + i].flags = NEXT | WRITE;
        q.desc[1 + i].next = (uint16_t)(2 + i);
    }
    put_chain(&q, (const struct descriptor[]){{HEADER, 16, NEXT, 1}}, 1);
    q.desc[1 + PIECES].addr = STATUS_AT;
    q.desc[1 + PIECES].len = 1;
    q.desc[1 + PIECES].flags = WRITE;
    for (unsigned i = 0; i < QUEUE_MAX; i++) q.avail[2 + i] = 0;
    q.avail[1] = q.sent = QUEUE_MAX;
    notify(&q);
    CHECK(q.used[1] != QUEUE_MAX); // it is under way
    return q;
}

PROGRAM(reset_under_way) {
    struct queue q = many_reads();
    SLOT_REG(DISK, STATUS) = 0;
    const uint16_t done = q.used[1];
    for (volatile int i = 0; i < 20000; i++) continue;
    CHECK_EQ(q.used[1], done); // and nothing comes any more
    check_disk_works(DISK);
}

PROGRAM(queue_reset_under_way) {
    struct queue q = many_reads();
    SLOT_REG(DISK, QUEUE_SEL) = 0;
    SLOT_REG(DISK, QUEUE_RESET) = 1;
    const uint16_t done = q.used[1];
    for (volatile int i = 0; i < 20000; i++) continue;
    CHECK_EQ(q.used[1], done);
    check_disk_works(DISK);
}

PROGRAM(queue_unready_under_way) {
    many_reads();
    SLOT_REG(DISK, QUEUE_SEL) = 0;
    SLOT_REG(DISK, QUEUE_READY) = 0;
    check_disk_works(DISK);
}

PROGRAM(ring_filled_with_ones_under_way) {
    struct queue q = many_reads();
    for (unsigned i = 0; i < QUEUE_MAX * 2; i++) ((volatile uint64_t *)RING_DESC)[i] = ~UINT64_C(0);
    for (unsigned i = 2; i < QUEUE_MAX; i++) q.avail[i] = 0xffff;
    CHECK(all_used(&q));
    check_disk_works(DISK);
}

PROGRAM(index_jumps_under_way) {
    struct queue q = many_reads();
    q.avail[1] = 40000;
    notify(&q); // in case it was fast
    for (int i = 0; i < 100000 && !needs_reset(DISK); i++) continue;
    CHECK(needs_reset(DISK));
    check_disk_works(DISK);
}

PROGRAM(header_changes_under_way) {
    struct queue q = many_reads();
    for (unsigned i = 0; i < 2000 && q.used[1] != QUEUE_MAX; i++) {
        MMIO32(HEADER) = i;
        MMIO64(HEADER + 8) = i * UINT64_C(0x100000001);
    }
    CHECK(all_used(&q));
    check_disk_works(DISK);
}

PROGRAM(notified_under_way) {
    struct queue q = many_reads();
    for (unsigned i = 0; i < 1000; i++) notify(&q);
    CHECK(all_used(&q));
    check_disk_works(DISK);
}

// The disk's data on top of the ring it came through: what was read of it is what counts.
static void read_over(uint64_t place) {
    struct queue q = device_start(DISK, 0);
    put_header(IN, 5);
    put_chain(&q,
              (const struct descriptor[]){{HEADER, 16, NEXT, 1},
                                          {place, 512, NEXT | WRITE, 2},
                                          {STATUS_AT, 1, WRITE, 0}},
              3);
    offer(&q, 0);
    CHECK_EQ(MMIO8(STATUS_AT), OK);
    notify(&q);
    check_disk_works(DISK);
}
PROGRAM(data_over_the_descriptors) { read_over(RING_DESC); }
PROGRAM(data_over_the_available_ring) { read_over(RING_AVAIL); }
PROGRAM(data_over_the_used_ring) { read_over(RING_USED); }
PROGRAM(data_over_the_header) { read_over(HEADER - 100); }

// Configuration: each byte of the page, in each width, and beyond.
PROGRAM(configuration_space) {
    skip_traps();
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        for (uint64_t at = CONFIG; at < 0x1000; at++) {
            for (unsigned bytes = 1; bytes <= 8; bytes *= 2) {
                if (at + bytes > 0x1000) continue;
                try_store(SLOT_AT(slot) + at, bytes, ~UINT64_C(0));
                try_load(SLOT_AT(slot) + at, bytes);
            }
        }
    }
    csr_write("mtvec", trap_entry);
    check_disk_works(DISK);
}
