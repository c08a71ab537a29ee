// SPDX-License-Identifier: MIT
//
// The virtio block driver, see disk.h.
//
// A request is three buffers that the device finds through three linked descriptors: a header
// (read or write, where), the data, and one byte for the device's answer. The driver puts the
// first descriptor's number into the *available* ring and rings the bell; the device puts it into
// the *used* ring when the answer is there and raises its interrupt.
#include "kernel/disk.h"

#include "kernel/kernel.h"

enum mmio_register {
    MMIO_MAGIC = 0x00 / 4,
    MMIO_VERSION = 0x04 / 4,
    MMIO_DEVICE = 0x08 / 4,
    MMIO_DEVICE_FEATURES = 0x10 / 4,
    MMIO_DEVICE_FEATURES_WORD = 0x14 / 4,
    MMIO_DRIVER_FEATURES = 0x20 / 4,
    MMIO_DRIVER_FEATURES_WORD = 0x24 / 4,
    MMIO_QUEUE_MAX = 0x34 / 4,
    MMIO_QUEUE_SIZE = 0x38 / 4,
    MMIO_QUEUE_READY = 0x44 / 4,
    MMIO_QUEUE_NOTIFY = 0x50 / 4,
    MMIO_INTERRUPT_STATUS = 0x60 / 4,
    MMIO_INTERRUPT_ACKNOWLEDGE = 0x64 / 4,
    MMIO_STATUS = 0x70 / 4,
    MMIO_QUEUE_DESCRIPTORS = 0x80 / 4,
    MMIO_QUEUE_AVAILABLE = 0x90 / 4,
    MMIO_QUEUE_USED = 0xa0 / 4,
    MMIO_CONFIG = 0x100 / 4,
};

#define VIRTIO_MAGIC      0x74726976u // "virt"
#define VIRTIO_BLOCK      2u
#define FEATURE_READ_ONLY (1u << 5) // in features word 0
#define FEATURE_FLUSH     (1u << 9)
#define FEATURE_VERSION_1 (1u << 0) // in features word 1

#define STATUS_ACKNOWLEDGE 1u
#define STATUS_DRIVER      2u
#define STATUS_DRIVER_OK   4u
#define STATUS_FEATURES_OK 8u

#define QUEUE_SIZE       4
#define DESCRIPTOR_NEXT  1
#define DESCRIPTOR_WRITE 2 // the device writes this buffer

#define REQUEST_READ  0u
#define REQUEST_WRITE 1u
#define REQUEST_FLUSH 4u
#define ANSWER_NONE   0xff

#define SECONDS_UNTIL_SILENT 20

struct descriptor {
    uint64_t address;
    uint32_t bytes;
    uint16_t flags, next;
};

struct disk_rings {
    struct descriptor descriptor[QUEUE_SIZE];
    struct {
        uint16_t flags, index, ring[QUEUE_SIZE], event;
    } available;
    struct {
        uint32_t type, reserved;
        uint64_t sector;
    } header;
    uint8_t answer;
    struct {
        uint16_t flags, index;
        struct {
            uint32_t id, bytes;
        } ring[QUEUE_SIZE];
        uint16_t event;
    } used __attribute__((aligned(64)));
};

static void set_address(struct disk *disk, enum mmio_register low, const volatile void *memory) {
    disk->registers[low] = (uint32_t)(uintptr_t)memory;
    disk->registers[low + 1] = (uint32_t)((uintptr_t)memory >> 32);
}

static const char *set_up_queue(struct disk *disk) {
    volatile uint32_t *r = disk->registers;
    if (r[MMIO_QUEUE_MAX] < QUEUE_SIZE) return "its queue is too short";
    r[MMIO_QUEUE_SIZE] = QUEUE_SIZE;
    set_address(disk, MMIO_QUEUE_DESCRIPTORS, disk->rings->descriptor);
    set_address(disk, MMIO_QUEUE_AVAILABLE, &disk->rings->available);
    set_address(disk, MMIO_QUEUE_USED, &disk->rings->used);
    r[MMIO_QUEUE_READY] = 1;
    return NULL;
}

static const char *agree(struct disk *disk) {
    volatile uint32_t *r = disk->registers;
    r[MMIO_STATUS] = 0;
    r[MMIO_STATUS] = STATUS_ACKNOWLEDGE;
    r[MMIO_STATUS] = STATUS_ACKNOWLEDGE | STATUS_DRIVER;
    r[MMIO_DEVICE_FEATURES_WORD] = 0;
    uint32_t wanted = r[MMIO_DEVICE_FEATURES] & (FEATURE_READ_ONLY | FEATURE_FLUSH);
    disk->read_only = wanted & FEATURE_READ_ONLY;
    disk->can_flush = wanted & FEATURE_FLUSH;
    r[MMIO_DRIVER_FEATURES_WORD] = 0;
    r[MMIO_DRIVER_FEATURES] = wanted;
    r[MMIO_DRIVER_FEATURES_WORD] = 1;
    r[MMIO_DRIVER_FEATURES] = FEATURE_VERSION_1;
    r[MMIO_STATUS] = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK;
    return r[MMIO_STATUS] & STATUS_FEATURES_OK ? NULL : "it does not accept our features";
}

bool disk_start(struct disk *disk, volatile void *base, uint32_t interrupt, void *rings,
                const char **why) {
    *disk = (struct disk){.registers = base, .interrupt = interrupt, .rings = rings};
    volatile uint32_t *r = disk->registers;
    *why = NULL;
    if (r[MMIO_MAGIC] != VIRTIO_MAGIC || r[MMIO_DEVICE] != VIRTIO_BLOCK) return false;
    if (r[MMIO_VERSION] != 2)
        *why = "it is a legacy device; start QEMU with -global virtio-mmio.force-legacy=false";
    if (!*why) *why = agree(disk);
    if (!*why) *why = set_up_queue(disk);
    if (*why) return false;
    r[MMIO_STATUS] = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK;
    disk->sectors = r[MMIO_CONFIG] | (uint64_t)r[MMIO_CONFIG + 1] << 32;
    return true;
}

// Describes the request: header, data (a flush has none), answer.
static void fill_request(struct disk *disk, uint32_t type, uint64_t first, void *data,
                         uint32_t bytes) {
    struct disk_rings *rings = disk->rings;
    rings->header.type = type;
    rings->header.reserved = 0;
    rings->header.sector = first;
    rings->answer = ANSWER_NONE;
    rings->descriptor[0] = (struct descriptor){(uintptr_t)&rings->header, sizeof rings->header,
                                               DESCRIPTOR_NEXT, bytes ? 1 : 2};
    uint16_t flags = type == REQUEST_READ ? DESCRIPTOR_NEXT | DESCRIPTOR_WRITE : DESCRIPTOR_NEXT;
    rings->descriptor[1] = (struct descriptor){(uintptr_t)data, bytes, flags, 2};
    rings->descriptor[2] = (struct descriptor){(uintptr_t)&rings->answer, 1, DESCRIPTOR_WRITE, 0};
}

// Sleeps until the device has answered. False when it does not answer at all.
static bool wait_for_answer(struct kernel *kernel, struct disk *disk) {
    volatile uint16_t *index = &disk->rings->used.index;
    uint64_t limit = time_now() + SECONDS_UNTIL_SILENT * kernel->machine.time_frequency;
    while (*index == disk->used_seen) {
        if (time_now() >= limit) return false;
        timer_set(limit);
        wait_for_interrupt();
        interrupt_serve(kernel);
    }
    timer_set(UINT64_MAX);
    disk->used_seen++;
    memory_fence();
    return true;
}

// Hands the request to the device and waits for its answer.
static enum disk_result submit(struct kernel *kernel, struct disk *disk) {
    struct disk_rings *rings = disk->rings;
    rings->available.ring[rings->available.index % QUEUE_SIZE] = 0;
    memory_fence();
    rings->available.index++;
    memory_fence();
    disk->registers[MMIO_QUEUE_NOTIFY] = 0;
    if (!wait_for_answer(kernel, disk)) {
        disk->silent = true;
        return DISK_SILENT;
    }
    return *(volatile uint8_t *)&rings->answer == 0 ? DISK_OK : DISK_ERROR;
}

enum disk_result disk_transfer(struct kernel *kernel, struct disk *disk, uint64_t first, void *data,
                               uint32_t sectors, bool write) {
    if (disk->silent) return DISK_SILENT;
    if (first > disk->sectors || sectors > disk->sectors - first) return DISK_TOO_FAR;
    if (write && disk->read_only) return DISK_READ_ONLY;
    // A sector declared bad is asked for where the disk has none, so that the device itself fails.
    if (first < disk->bad_to && first + sectors > disk->bad_from) first = disk->sectors;
    fill_request(disk, write ? REQUEST_WRITE : REQUEST_READ, first, data, sectors * SECTOR_BYTES);
    if (write)
        disk->writes++;
    else
        disk->reads++;
    return submit(kernel, disk);
}

enum disk_result disk_flush(struct kernel *kernel, struct disk *disk) {
    if (disk->silent) return DISK_SILENT;
    if (!disk->can_flush) return DISK_OK;
    fill_request(disk, REQUEST_FLUSH, 0, NULL, 0);
    return submit(kernel, disk);
}

void disk_interrupt(struct disk *disk) {
    disk->registers[MMIO_INTERRUPT_ACKNOWLEDGE] = disk->registers[MMIO_INTERRUPT_STATUS];
}

const char *disk_result_text(enum disk_result result) {
    static const char *const text[] = {
        [DISK_OK] = "no error",
        [DISK_ERROR] = "the disk reports an input/output error",
        [DISK_READ_ONLY] = "the disk is read-only",
        [DISK_TOO_FAR] = "past the end of the disk",
        [DISK_SILENT] = "the disk does not answer",
    };
    return text[result];
}
