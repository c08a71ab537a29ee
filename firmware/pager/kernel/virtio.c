// SPDX-License-Identifier: MIT
//
// Setting up virtio devices, see virtio.h.
#include "kernel/virtio.h"

#define MAGIC             0x74726976u // "virt"
#define FEATURE_VERSION_1 (1u << 0)   // in features word 1

#define STATUS_ACKNOWLEDGE 1u
#define STATUS_DRIVER      2u
#define STATUS_DRIVER_OK   4u
#define STATUS_FEATURES_OK 8u

bool virtio_is(volatile uint32_t *registers, enum virtio_device device, const char **why) {
    *why = NULL;
    if (registers[VIRTIO_MAGIC] != MAGIC || registers[VIRTIO_DEVICE] != device) return false;
    if (registers[VIRTIO_VERSION] == 2) return true;
    *why = "it is a legacy device; start QEMU with -global virtio-mmio.force-legacy=false";
    return false;
}

const char *virtio_agree(volatile uint32_t *registers, uint32_t *wanted) {
    registers[VIRTIO_STATUS] = 0;
    registers[VIRTIO_STATUS] = STATUS_ACKNOWLEDGE;
    registers[VIRTIO_STATUS] = STATUS_ACKNOWLEDGE | STATUS_DRIVER;
    registers[VIRTIO_DEVICE_FEATURES_WORD] = 0;
    *wanted &= registers[VIRTIO_DEVICE_FEATURES];
    registers[VIRTIO_DRIVER_FEATURES_WORD] = 0;
    registers[VIRTIO_DRIVER_FEATURES] = *wanted;
    registers[VIRTIO_DRIVER_FEATURES_WORD] = 1;
    registers[VIRTIO_DRIVER_FEATURES] = FEATURE_VERSION_1;
    registers[VIRTIO_STATUS] = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK;
    return registers[VIRTIO_STATUS] & STATUS_FEATURES_OK ? NULL : "it does not accept our features";
}

static void set_address(volatile uint32_t *registers, enum virtio_register low,
                        const void *memory) {
    registers[low] = (uint32_t)(uintptr_t)memory;
    registers[low + 1] = (uint32_t)((uintptr_t)memory >> 32);
}

const char *virtio_queue(volatile uint32_t *registers, uint32_t size,
                         const struct descriptor *descriptors, const void *available,
                         const void *used) {
    registers[VIRTIO_QUEUE] = 0;
    if (registers[VIRTIO_QUEUE_MAX] < size) return "its queue is too short";
    registers[VIRTIO_QUEUE_SIZE] = size;
    set_address(registers, VIRTIO_QUEUE_DESCRIPTORS, descriptors);
    set_address(registers, VIRTIO_QUEUE_AVAILABLE, available);
    set_address(registers, VIRTIO_QUEUE_USED, used);
    registers[VIRTIO_QUEUE_READY] = 1;
    return NULL;
}

void virtio_start(volatile uint32_t *registers) {
    registers[VIRTIO_STATUS] =
        STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK;
}

void virtio_acknowledge(volatile uint32_t *registers) {
    registers[VIRTIO_INTERRUPT_ACKNOWLEDGE] = registers[VIRTIO_INTERRUPT_STATUS];
}
