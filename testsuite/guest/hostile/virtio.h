// SPDX-License-Identifier: MIT
// A virtio driver that can lie: queues wherever one wants them, descriptors as they are given.
#ifndef TABLEWALK_TESTSUITE_HOSTILE_VIRTIO_H
#define TABLEWALK_TESTSUITE_HOSTILE_VIRTIO_H

#include "hostile.h"

enum { NEXT = 1, WRITE = 2, INDIRECT = 4 };
enum { QUEUE_MAX = 256 };
enum { NEEDS_RESET = 64 };
#define F_INDIRECT BIT(28)
#define F_EVENT    BIT(29)

// Registers of a slot.
enum {
    QUEUE_SEL = 0x30,
    QUEUE_SIZE = 0x38,
    QUEUE_READY = 0x44,
    QUEUE_NOTIFY = 0x50,
    INTERRUPT_STATUS = 0x60,
    STATUS = 0x70,
    QUEUE_DESC = 0x80,
    QUEUE_DRIVER = 0x90,
    QUEUE_DEVICE = 0xa0,
    QUEUE_RESET = 0xc0,
    CONFIG = 0x100,
};
#define SLOT_REG(slot, offset) MMIO32(SLOT_AT(slot) + (offset))

struct descriptor {
    uint64_t addr;
    uint32_t len;
    uint16_t flags, next;
};

// A queue as the driver sees it.
struct queue {
    unsigned slot, index;
    uint32_t size;
    volatile struct descriptor *desc;
    volatile uint16_t *avail; // flags, idx, ring
    volatile uint16_t *used;  // flags, idx, then eight bytes an element
    uint16_t sent;
};

// Where things are in pages[], which start zeroed: rings, then a request's parts.
#define RING_DESC  ((uint64_t)pages[0])
#define RING_AVAIL ((uint64_t)pages[1])
#define RING_USED  ((uint64_t)pages[2])
#define HEADER     ((uint64_t)pages[3])
#define STATUS_AT  ((uint64_t)pages[3] + 64)
#define DATA       ((uint64_t)pages[4])
#define TABLE      ((uint64_t)pages[8]) // of indirect descriptors
enum { UNTOUCHED = 0xee };

// Resets a device and negotiates; then queues are set up; then the device is told to go.
void device_begin(unsigned slot, uint64_t features);
struct queue queue_at(unsigned slot, unsigned index, uint32_t size, uint64_t desc, uint64_t avail,
                      uint64_t used);
void device_go(unsigned slot);
// All of it, with a ring of QUEUE_MAX in pages[].
struct queue device_start(unsigned slot, uint64_t features);

// Makes a chain available and notifies.
void offer(struct queue *q, uint16_t head);
void notify(const struct queue *q);
// Has everything come back? Waits a bounded time.
bool all_used(const struct queue *q);
// The length that the last used element tells.
uint32_t last_length(const struct queue *q);
bool needs_reset(unsigned slot);

// Block requests.
enum { IN = 0, OUT = 1, FLUSH = 4, GET_ID = 8, DISCARD = 11, WRITE_ZEROES = 13 };
enum { OK = 0, IOERR = 1, UNSUPP = 2 };
enum { DISK_SECTORS = 2048 };
void put_header(uint32_t type, uint64_t sector);
void put_chain(struct queue *q, const struct descriptor *d, unsigned count);
// The byte that the image has all over a sector, as testsuite/hostile/run makes it.
uint8_t sector_byte(uint64_t sector);
// A sound request of 512 bytes from or to DATA; its status.
uint8_t transfer(struct queue *q, uint32_t type, uint64_t sector);

// Whatever happened: after a reset the device works as ever.
void check_disk_works(unsigned slot);

#endif
