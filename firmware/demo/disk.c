// SPDX-License-Identifier: MIT
// The smallest driver for a virtio disk: one request at a time, and it looks for the answer instead
// of waiting for an interrupt. Works with version 2 of virtio-mmio and with the older version 1
// (virtio 1.2, sections 2.7, 4.2 and 5.2; 4.2.4 for version 1).
#include "firmware/demo/demo.h"
#include "firmware/lib/riscv.h"
#include <stddef.h>

// Registers of virtio-mmio, byte offsets.
enum {
    MAGIC = 0x00,
    VERSION = 0x04,
    DEVICE_ID = 0x08,
    DRIVER_FEATURES = 0x20,
    DRIVER_FEATURES_SEL = 0x24,
    GUEST_PAGE_SIZE = 0x28, // version 1
    QUEUE_SEL = 0x30,
    QUEUE_NUM = 0x38,
    QUEUE_ALIGN = 0x3c, // version 1
    QUEUE_PFN = 0x40,   // version 1
    QUEUE_READY = 0x44,
    QUEUE_NOTIFY = 0x50,
    STATUS = 0x70,
    QUEUE_DESC = 0x80,   // three addresses, low and high half each
    QUEUE_DRIVER = 0x90, // the available ring
    QUEUE_DEVICE = 0xa0, // the used ring
    CONFIG_CAPACITY = 0x100
};
enum { VIRTIO_MAGIC = 0x74726976, ID_BLOCK = 2, FEATURES_VERSION_1 = 1 }; // bit 32 of all
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8 };
enum { BLOCK_READ = 0, BLOCK_WRITE = 1, BLOCK_OK = 0 };
enum { NEXT = 1, DEVICE_WRITES = 2 }; // descriptor flags
enum { QUEUE_SIZE = 4 };

struct descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t flags, next;
};

// Descriptors and available ring, then the used ring on a page of its own, as version 1 wants it.
struct disk_queue {
    struct descriptor descriptor[QUEUE_SIZE];
    uint16_t available_flags;
    volatile uint16_t available_index;
    uint16_t available[QUEUE_SIZE];
    struct {
        uint32_t type, reserved;
        uint64_t sector;
    } request;
    volatile uint8_t status;

    uint16_t used_flags __attribute__((aligned(4096)));
    volatile uint16_t used_index;
    struct {
        uint32_t id, length;
    } used[QUEUE_SIZE];
} __attribute__((aligned(4096)));

struct disk_queue *disk_queue_memory(void) {
    static struct disk_queue queue;
    return &queue;
}

static uint32_t get(const struct disk *disk, unsigned reg) {
    return mmio_read32(disk->registers + reg);
}

static void set(const struct disk *disk, unsigned reg, uint32_t value) {
    mmio_write32(disk->registers + reg, value);
}

static void set_address(const struct disk *disk, unsigned reg, const void *address) {
    set(disk, reg, (uint32_t)(uintptr_t)address);
    set(disk, reg + 4, (uint32_t)((uintptr_t)address >> 32));
}

static void give_queue(const struct disk *disk) {
    struct disk_queue *queue = disk->queue;
    bool old = get(disk, VERSION) == 1;
    if (old) set(disk, GUEST_PAGE_SIZE, PAGE_SIZE);
    set(disk, QUEUE_SEL, 0);
    set(disk, QUEUE_NUM, QUEUE_SIZE);
    if (old) {
        set(disk, QUEUE_ALIGN, PAGE_SIZE);
        set(disk, QUEUE_PFN, (uint32_t)((uintptr_t)queue / PAGE_SIZE));
        return;
    }
    set_address(disk, QUEUE_DESC, queue->descriptor);
    set_address(disk, QUEUE_DRIVER, &queue->available_flags);
    set_address(disk, QUEUE_DEVICE, &queue->used_flags);
    set(disk, QUEUE_READY, 1);
}

bool disk_open(struct disk *disk, uint64_t registers, struct disk_queue *queue) {
    struct disk found = {.registers = registers, .queue = queue};
    if (get(&found, MAGIC) != VIRTIO_MAGIC || get(&found, DEVICE_ID) != ID_BLOCK) return false;
    // The steps of section 3.1.1; of the features we want none but the present specification.
    set(&found, STATUS, 0);
    set(&found, STATUS, ACKNOWLEDGE | DRIVER);
    set(&found, DRIVER_FEATURES_SEL, 0);
    set(&found, DRIVER_FEATURES, 0);
    set(&found, DRIVER_FEATURES_SEL, 1);
    set(&found, DRIVER_FEATURES, FEATURES_VERSION_1);
    set(&found, STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK);
    give_queue(&found);
    set(&found, STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
    found.sectors = get(&found, CONFIG_CAPACITY) | (uint64_t)get(&found, CONFIG_CAPACITY + 4) << 32;
    *disk = found;
    return true;
}

// A request is a chain of three descriptors: what to do, the data, and a byte for the outcome.
static bool request(struct disk *disk, uint32_t type, uint64_t sector, void *page) {
    struct disk_queue *q = disk->queue;
    uint16_t page_flags = type == BLOCK_READ ? NEXT | DEVICE_WRITES : NEXT;
    q->request.type = type;
    q->request.sector = sector;
    q->descriptor[0] = (struct descriptor){(uint64_t)&q->request, sizeof q->request, NEXT, 1};
    q->descriptor[1] = (struct descriptor){(uint64_t)page, PAGE_SIZE, page_flags, 2};
    q->descriptor[2] = (struct descriptor){(uint64_t)&q->status, 1, DEVICE_WRITES, 0};
    q->available[disk->requests % QUEUE_SIZE] = 0; // the chain begins at descriptor 0
    fence_all();                                   // the chain is there before it is offered
    q->available_index = ++disk->requests;
    fence_all();
    set(disk, QUEUE_NOTIFY, 0);
    while (q->used_index != disk->requests) pause_hint();
    fence_all(); // the outcome is read after the answer is seen
    return q->status == BLOCK_OK;
}

bool disk_read_page(struct disk *disk, uint64_t sector, void *page) {
    return request(disk, BLOCK_READ, sector, page);
}

bool disk_write_page(struct disk *disk, uint64_t sector, void *page) {
    return request(disk, BLOCK_WRITE, sector, page);
}
