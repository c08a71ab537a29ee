// SPDX-License-Identifier: MIT
// Plays the driver of a virtqueue: a small machine with RAM, a ROM and a device that no DMA may
// reach, a ring in that RAM, and the steps a driver takes. It writes rings as VIRTIO 1.2, section
// 2.7, lays them out, and shares no code with what is tested.
#ifndef TABLEWALK_TESTSUITE_UNIT_RING_H
#define TABLEWALK_TESTSUITE_UNIT_RING_H

#include "devices/virtio_mmio.h"
#include "testsuite/unit/wires.h"

#include <stdlib.h>
#include <string.h>

#define RAM       UINT64_C(0x80000000)
#define RAM_BYTES (UINT64_C(4) << 20)
#define ROM       UINT64_C(0x1000)
#define TRAP      UINT64_C(0x10000000) // a device: DMA must not come here

enum { NEXT = 1, WRITE = 2, INDIRECT = 4 };

// Where the rings of queue 0 are, and memory for data.
#define RING_DESC  (RAM + 0x1000)
#define RING_AVAIL (RAM + 0x6000)
#define RING_USED  (RAM + 0x8000)
#define DATA       (RAM + 0x10000)

struct ring {
    struct test_clock clock;
    struct phys phys;
    uint8_t *ram, *rom;
    unsigned trapped; // accesses to the device that DMA must not reach
    struct wire irq;
    struct device *slot; // NULL when only the queue is tested
    uint64_t desc, avail, used;
    uint32_t size;
    bool event_idx;
    uint16_t offered, seen; // driver's avail.idx, and how much of the used ring it has looked at
};

static inline bool ring_trap_read(void *device, uint64_t offset, unsigned size, uint64_t *value) {
    (void)offset, (void)size, *value = 0;
    ++*(unsigned *)device;
    return true;
}
static inline bool ring_trap_write(void *device, uint64_t offset, unsigned size, uint64_t value) {
    (void)offset, (void)size, (void)value;
    ++*(unsigned *)device;
    return true;
}

// The machine, without anything in the slot.
static inline void ring_machine(struct ring *r) {
    *r = (struct ring){.desc = RING_DESC, .avail = RING_AVAIL, .used = RING_USED};
    test_clock_start(&r->clock);
    phys_init(&r->phys);
    r->ram = calloc(1, RAM_BYTES);
    r->rom = calloc(1, PAGE_SIZE);
    cr_assert(phys_add_memory(&r->phys, (struct range){RAM, RAM_BYTES}, r->ram, true));
    cr_assert(phys_add_memory(&r->phys, (struct range){ROM, PAGE_SIZE}, r->rom, false));
    cr_assert(phys_add_device(&r->phys, (struct phys_device){.range = {TRAP, 0x1000},
                                                             .read = ring_trap_read,
                                                             .write = ring_trap_write,
                                                             .device = &r->trapped}));
}

// Puts v (or NULL) into a slot of the machine.
static inline void ring_plug(struct ring *r, struct virtio *v, bool legacy) {
    r->slot = virtio_mmio_create(&(struct device_place){.base = VIRTIO_MMIO_BASE,
                                                        .irq = wire_line(&r->irq, 0),
                                                        .schedule = &r->clock.schedule},
                                 v, legacy);
    cr_assert_not_null(r->slot);
    cr_assert(device_attach(r->slot, &r->phys));
}

static inline void ring_end(struct ring *r) {
    cr_assert_eq(r->trapped, 0, "DMA has reached a device");
    device_destroy(r->slot);
    phys_free(&r->phys);
    free(r->ram);
    free(r->rom);
}

// Guest memory, as the driver reads and writes it.
static inline void poke(struct ring *r, uint64_t pa, uint64_t value, unsigned bytes) {
    memcpy(r->ram + (pa - RAM), &value, bytes);
}
static inline uint64_t peek(struct ring *r, uint64_t pa, unsigned bytes) {
    uint64_t value = 0;
    memcpy(&value, r->ram + (pa - RAM), bytes);
    return value;
}

static inline uint64_t reg_get(struct ring *r, uint64_t offset) { return get(r->slot, offset, 4); }
static inline void reg_set(struct ring *r, uint64_t offset, uint64_t value) {
    put(r->slot, offset, 4, value);
}

// A descriptor of a table.
static inline void put_desc(struct ring *r, uint64_t table, unsigned i, uint64_t addr, uint32_t len,
                            unsigned flags, unsigned next) {
    poke(r, table + i * 16, addr, 8);
    poke(r, table + i * 16 + 8, len, 4);
    poke(r, table + i * 16 + 12, flags, 2);
    poke(r, table + i * 16 + 14, next, 2);
}

// A descriptor of the ring; next is taken only with the flag NEXT.
static inline void desc(struct ring *r, unsigned i, uint64_t addr, uint32_t len, unsigned flags,
                        unsigned next) {
    put_desc(r, r->desc, i, addr, len, flags, next);
}

// Makes the chain that starts at head available, without a notification.
static inline void offer(struct ring *r, unsigned head) {
    poke(r, r->avail + 4 + r->offered % r->size * 2, head, 2);
    poke(r, r->avail + 2, ++r->offered, 2);
}

// The next element of the used ring. false: there is none.
static inline bool take_used(struct ring *r, uint32_t *id, uint32_t *len) {
    if (peek(r, r->used + 2, 2) == r->seen) return false;
    const uint64_t at = r->used + 4 + r->seen++ % r->size * 8;
    *id = (uint32_t)peek(r, at, 4);
    *len = (uint32_t)peek(r, at + 4, 4);
    return true;
}

static inline void set_used_event(struct ring *r, uint16_t event) {
    poke(r, r->avail + 4 + r->size * 2, event, 2);
}
static inline uint16_t avail_event_of(struct ring *r) {
    return (uint16_t)peek(r, r->used + 4 + r->size * 8, 2);
}

// The steps of section 3.1.1 up to FEATURES_OK. false: it did not stick.
static inline bool ring_negotiate(struct ring *r, uint64_t features) {
    reg_set(r, 0x70, 0);
    reg_set(r, 0x70, 1);
    reg_set(r, 0x70, 3);
    for (unsigned word = 0; word < 2; word++) {
        reg_set(r, 0x24, word);
        reg_set(r, 0x20, (uint32_t)(features >> 32 * word));
    }
    reg_set(r, 0x70, 11);
    r->event_idx = features >> 29 & 1;
    return reg_get(r, 0x70) & 8;
}

static inline uint64_t ring_features(struct ring *r) {
    uint64_t features = 0;
    for (unsigned word = 0; word < 2; word++) {
        reg_set(r, 0x14, word);
        features |= reg_get(r, 0x10) << 32 * word;
    }
    return features;
}

// Tells the device where queue 0 is and that it may start.
static inline void ring_set_up(struct ring *r, uint32_t size) {
    r->size = size;
    r->offered = r->seen = 0;
    memset(r->ram + (RING_DESC - RAM), 0, DATA - RING_DESC);
    reg_set(r, 0x30, 0);
    reg_set(r, 0x38, size);
    const uint64_t part[] = {r->desc, r->avail, r->used};
    for (unsigned i = 0; i < 3; i++) {
        reg_set(r, 0x80 + i * 0x10, (uint32_t)part[i]);
        reg_set(r, 0x84 + i * 0x10, part[i] >> 32);
    }
    reg_set(r, 0x44, 1);
}

// All of it: features, queue 0, DRIVER_OK.
static inline void ring_start(struct ring *r, uint64_t features, uint32_t size) {
    cr_assert(ring_negotiate(r, features));
    ring_set_up(r, size);
    reg_set(r, 0x70, 15);
}

static inline void notify(struct ring *r) { reg_set(r, 0x50, 0); }

#endif
