// SPDX-License-Identifier: MIT
//
// The virtio block driver, see disk.h.
//
// A request is three buffers that the device finds through three linked descriptors: a header
// (read or write, where), the data, and one byte for the device's answer.
#include "kernel/disk.h"

#include "kernel/kernel.h"
#include "kernel/virtio.h"

#define FEATURE_READ_ONLY (1u << 5)
#define FEATURE_FLUSH     (1u << 9)

#define QUEUE_SIZE 4

#define REQUEST_READ  0u
#define REQUEST_WRITE 1u
#define REQUEST_FLUSH 4u
#define ANSWER_NONE   0xff

#define SECONDS_UNTIL_SILENT 20

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
        struct used_entry ring[QUEUE_SIZE];
        uint16_t event;
    } used __attribute__((aligned(64)));
};

bool disk_start(struct disk *disk, volatile void *base, uint32_t interrupt, void *rings,
                const char **why) {
    *disk = (struct disk){.registers = base, .interrupt = interrupt, .rings = rings};
    uint32_t features = FEATURE_READ_ONLY | FEATURE_FLUSH;
    if (!virtio_is(disk->registers, VIRTIO_BLOCK, why)) return false;
    *why = virtio_agree(disk->registers, &features);
    if (!*why)
        *why = virtio_queue(disk->registers, QUEUE_SIZE, disk->rings->descriptor,
                            &disk->rings->available, &disk->rings->used);
    if (*why) return false;
    disk->read_only = features & FEATURE_READ_ONLY;
    disk->can_flush = features & FEATURE_FLUSH;
    virtio_start(disk->registers);
    disk->sectors = disk->registers[VIRTIO_CONFIG] | (uint64_t)disk->registers[VIRTIO_CONFIG + 1]
                                                         << 32;
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
    virtio_notify(disk->registers);
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

void disk_interrupt(struct disk *disk) { virtio_acknowledge(disk->registers); }

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
