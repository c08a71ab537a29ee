// SPDX-License-Identifier: MIT
//
// What all virtio devices on virtio-mmio, version 2, have in common (Virtual I/O Device
// specification 1.2, sections 2.7, 3.1 and 4.2): how driver and device find each other, and queues.
//
// A queue is three tables in RAM. A *descriptor* names a buffer. The driver puts a descriptor's
// number into the *available* ring and rings the bell; the device puts it into the *used* ring when
// it is done with the buffer, and raises its interrupt.
#ifndef TABLEWALK_PAGER_VIRTIO_H
#define TABLEWALK_PAGER_VIRTIO_H

#include "kernel/lib.h"

enum virtio_device { VIRTIO_BLOCK = 2, VIRTIO_INPUT = 18 };

enum virtio_register {
    VIRTIO_MAGIC = 0x00 / 4,
    VIRTIO_VERSION = 0x04 / 4,
    VIRTIO_DEVICE = 0x08 / 4,
    VIRTIO_DEVICE_FEATURES = 0x10 / 4,
    VIRTIO_DEVICE_FEATURES_WORD = 0x14 / 4,
    VIRTIO_DRIVER_FEATURES = 0x20 / 4,
    VIRTIO_DRIVER_FEATURES_WORD = 0x24 / 4,
    VIRTIO_QUEUE = 0x30 / 4,
    VIRTIO_QUEUE_MAX = 0x34 / 4,
    VIRTIO_QUEUE_SIZE = 0x38 / 4,
    VIRTIO_QUEUE_READY = 0x44 / 4,
    VIRTIO_QUEUE_NOTIFY = 0x50 / 4,
    VIRTIO_INTERRUPT_STATUS = 0x60 / 4,
    VIRTIO_INTERRUPT_ACKNOWLEDGE = 0x64 / 4,
    VIRTIO_STATUS = 0x70 / 4,
    VIRTIO_QUEUE_DESCRIPTORS = 0x80 / 4,
    VIRTIO_QUEUE_AVAILABLE = 0x90 / 4,
    VIRTIO_QUEUE_USED = 0xa0 / 4,
    VIRTIO_CONFIG = 0x100 / 4,
};

#define DESCRIPTOR_NEXT  1
#define DESCRIPTOR_WRITE 2 // the device writes this buffer

struct descriptor {
    uint64_t address;
    uint32_t bytes;
    uint16_t flags, next;
};

struct used_entry {
    uint32_t id, bytes;
};

// Is that device there, and of a version we know? If not, `*why`
// says what is wrong with it, or is NULL when there is simply another one, or none.
bool virtio_is(volatile uint32_t *registers, enum virtio_device device, const char **why);

// Resets the device and agrees with it on features: those of `wanted` (word 0) that it has are left
// there. Returns what is wrong, or NULL.
const char *virtio_agree(volatile uint32_t *registers, uint32_t *wanted);

// Gives the device its queue 0, of `size` descriptors. Returns what is wrong, or NULL.
const char *virtio_queue(volatile uint32_t *registers, uint32_t size,
                         const struct descriptor *descriptors, const void *available,
                         const void *used);

// From here on the device works.
void virtio_start(volatile uint32_t *registers);

// Tells the device that there is something new in queue 0.
static inline void virtio_notify(volatile uint32_t *registers) {
    registers[VIRTIO_QUEUE_NOTIFY] = 0;
}

// Tells the device that its interrupt was seen.
void virtio_acknowledge(volatile uint32_t *registers);

#endif
