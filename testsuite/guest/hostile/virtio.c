// SPDX-License-Identifier: MIT
// A virtio driver that can lie (see virtio.h).
#include "virtio.h"

enum { DEVICE_FEATURES = 0x10, DRIVER_FEATURES = 0x20, FEATURES_SEL = 4 };
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8 };
#define VERSION_1 BIT(32)

void device_begin(unsigned slot, uint64_t features) {
    features |= VERSION_1;
    SLOT_REG(slot, STATUS) = 0;
    SLOT_REG(slot, STATUS) = ACKNOWLEDGE | DRIVER;
    for (uint32_t half = 0; half < 2; half++) {
        SLOT_REG(slot, DRIVER_FEATURES + FEATURES_SEL) = half;
        SLOT_REG(slot, DRIVER_FEATURES) = (uint32_t)(features >> (32 * half));
    }
    SLOT_REG(slot, STATUS) = ACKNOWLEDGE | DRIVER | FEATURES_OK;
}

static void set_address(unsigned slot, unsigned offset, uint64_t address) {
    SLOT_REG(slot, offset) = (uint32_t)address;
    SLOT_REG(slot, offset + 4) = (uint32_t)(address >> 32);
}

struct queue queue_at(unsigned slot, unsigned index, uint32_t size, uint64_t desc, uint64_t avail,
                      uint64_t used) {
    SLOT_REG(slot, QUEUE_SEL) = index;
    SLOT_REG(slot, QUEUE_SIZE) = size;
    set_address(slot, QUEUE_DESC, desc);
    set_address(slot, QUEUE_DRIVER, avail);
    set_address(slot, QUEUE_DEVICE, used);
    SLOT_REG(slot, QUEUE_READY) = 1;
    return (struct queue){.slot = slot,
                          .index = index,
                          .size = size,
                          .desc = (volatile struct descriptor *)desc,
                          .avail = (volatile uint16_t *)avail,
                          .used = (volatile uint16_t *)used};
}

void device_go(unsigned slot) {
    SLOT_REG(slot, STATUS) = ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK;
}

struct queue device_start(unsigned slot, uint64_t features) {
    device_begin(slot, features);
    struct queue q = queue_at(slot, 0, QUEUE_MAX, RING_DESC, RING_AVAIL, RING_USED);
    q.avail[1] = q.used[1] = 0;
    device_go(slot);
    return q;
}

void notify(const struct queue *q) { SLOT_REG(q->slot, QUEUE_NOTIFY) = q->index; }

void offer(struct queue *q, uint16_t head) {
    q->avail[2 + q->sent % q->size] = head;
    q->avail[1] = ++q->sent;
    notify(q);
}

bool all_used(const struct queue *q) {
    for (int i = 0; i < 100000; i++) {
        if (q->used[1] == q->sent) return true;
    }
    return false;
}

uint32_t last_length(const struct queue *q) {
    const volatile uint16_t *element = q->used + 2 + (q->used[1] - 1) % q->size * 4;
    return element[2] | (uint32_t)element[3] << 16;
}

bool needs_reset(unsigned slot) { return SLOT_REG(slot, STATUS) & NEEDS_RESET; }

void put_header(uint32_t type, uint64_t sector) {
    MMIO32(HEADER) = type;
    MMIO32(HEADER + 4) = 0;
    MMIO64(HEADER + 8) = sector;
    MMIO8(STATUS_AT) = UNTOUCHED;
}

void put_chain(struct queue *q, const struct descriptor *d, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        q->desc[i].addr = d[i].addr;
        q->desc[i].len = d[i].len;
        q->desc[i].flags = d[i].flags;
        q->desc[i].next = d[i].next;
    }
}

uint8_t sector_byte(uint64_t sector) { return (uint8_t)(sector % 251 + 1); }

uint8_t transfer(struct queue *q, uint32_t type, uint64_t sector) {
    const uint16_t direction = type == IN ? WRITE : 0;
    put_header(type, sector);
    put_chain(q,
              (const struct descriptor[]){{HEADER, 16, NEXT, 1},
                                          {DATA, 512, (uint16_t)(NEXT | direction), 2},
                                          {STATUS_AT, 1, WRITE, 0}},
              3);
    offer(q, 0);
    return all_used(q) ? MMIO8(STATUS_AT) : UNTOUCHED;
}

static void check_sector(uint64_t sector) {
    unsigned wrong = 0;
    for (unsigned i = 0; i < 512; i++) wrong += MMIO8(DATA + i) != sector_byte(sector);
    CHECK_EQ(wrong, 0);
}

void check_disk_works(unsigned slot) {
    for (unsigned i = 0; i < PAGE; i++) pages[0][i] = pages[1][i] = pages[2][i] = 0;
    struct queue q = device_start(slot, 0);
    CHECK(!needs_reset(slot));
    CHECK_EQ(transfer(&q, IN, 5), OK);
    check_sector(5);
    CHECK_EQ(transfer(&q, IN, DISK_SECTORS - 1), OK);
    check_sector(DISK_SECTORS - 1);
    SLOT_REG(slot, STATUS) = 0;
}
