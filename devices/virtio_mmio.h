// SPDX-License-Identifier: MIT
// The virtio-mmio transport (VIRTIO 1.2, section 4.2): version 2, and the legacy version 1 when the
// machine asks for it. It owns the registers, the status machine, the feature bits and the queues;
// what a device does is one row of functions (struct virtio_type).
#ifndef TABLEWALK_DEVICES_VIRTIO_MMIO_H
#define TABLEWALK_DEVICES_VIRTIO_MMIO_H

#include "devices/device.h"
#include "devices/virtqueue.h"

enum {
    VIRTIO_MMIO_BASE = 0x10001000, // slot n: + n * VIRTIO_MMIO_BYTES, interrupt VIRTIO_MMIO_IRQ + n
    VIRTIO_MMIO_BYTES = 0x1000,
    VIRTIO_MMIO_IRQ = 1,
    VIRTIO_MMIO_SLOTS = 8,
    VIRTIO_MAX_QUEUES = 4,
    VIRTIO_MAX_SHM = 2,
};

// Feature bits common to all devices (section 6), beside those of virtqueue.h.
enum {
    VIRTIO_F_ANY_LAYOUT = 27, // legacy only
    VIRTIO_F_VERSION_1 = 32,
    VIRTIO_F_RING_RESET = 40,
};

struct virtio;

// One row a kind of virtio device.
struct virtio_type {
    const char *name; // the word behind -device
    uint32_t id;      // section 5
    unsigned queues;  // 1..VIRTIO_MAX_QUEUES
    unsigned queue_size;
    uint64_t features;     // offered by every device of the kind, beside the ring's own
    uint32_t config_bytes; // size of the device's configuration space
    // Little-endian numbers of size 1, 2, 4 or 8 within config_bytes. write NULL: read-only.
    uint64_t (*read_config)(struct virtio *v, uint64_t offset, unsigned size);
    void (*write_config)(struct virtio *v, uint64_t offset, unsigned size, uint64_t value);
    // The features are agreed upon: v->negotiated is final. NULL: nothing to do.
    void (*negotiated)(struct virtio *v);
    // The driver has made chains available in a queue.
    void (*notify)(struct virtio *v, unsigned queue);
    // A queue was reset or stopped: requests in flight that came from it are dropped.
    void (*reset_queue)(struct virtio *v, unsigned queue);
    // Back to the state after power-on; all queues have been reset already.
    void (*reset)(struct virtio *v);
    void (*destroy)(struct virtio *v);
};

// A shared memory region that the SHM registers tell (section 4.2.2). size 0: none.
struct virtio_shm {
    uint64_t base, size;
};

struct virtio_counters {
    uint64_t notifications; // QueueNotify writes
    uint64_t chains;        // returned on used rings
    uint64_t bad_chains;    // those that were malformed
    uint64_t interrupts;    // raised, for used buffers or a changed configuration
};

// The head of every virtio device's own struct.
struct virtio {
    const struct virtio_type *type;
    struct device *transport; // set when it is put into a slot
    bool legacy;              // the slot is a legacy one
    uint64_t features;        // offered, beside type->features and the transport's
    uint64_t negotiated;      // what the driver accepted; 0 until it has
    struct virtqueue queue[VIRTIO_MAX_QUEUES];
    struct virtio_shm shm[VIRTIO_MAX_SHM];
    struct virtio_counters counters;
};

// A slot on the bus. v: the device in it, owned by the slot from now on, or NULL for an empty slot
// (device id 0). legacy: version 1. NULL: out of host memory, and v is gone.
struct device *virtio_mmio_create(const struct device_place *place, struct virtio *v, bool legacy);

// The device in a slot, or NULL.
struct virtio *virtio_mmio_device(struct device *slot);

// For devices: -----------------------------------------------------------------------------------

// The next chain of a queue, counted and with a broken queue turned into DEVICE_NEEDS_RESET. false:
// nothing to do.
bool virtio_pop(struct virtio *v, unsigned queue, struct chain *chain) MUST_CHECK;

// Returns a chain with len bytes written, without an interrupt; virtio_signal raises one if the
// driver wants it.
void virtio_push(struct virtio *v, unsigned queue, const struct chain *chain, uint32_t len);
void virtio_signal(struct virtio *v, unsigned queue);

// The configuration has changed: the generation goes up and the driver is told.
void virtio_config_changed(struct virtio *v);

// Was the feature (a bit number) negotiated?
static inline bool virtio_has(const struct virtio *v, unsigned feature) {
    return v->negotiated >> feature & 1;
}

struct phys *virtio_phys(const struct virtio *v);
struct schedule *virtio_schedule(const struct virtio *v);

#endif
