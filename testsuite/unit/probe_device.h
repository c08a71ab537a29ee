// SPDX-License-Identifier: MIT
// A virtio device of the test's own, for tests of the transport, and the machine it is plugged
// into.
#ifndef TABLEWALK_TESTSUITE_UNIT_PROBE_DEVICE_H
#define TABLEWALK_TESTSUITE_UNIT_PROBE_DEVICE_H

#include "testsuite/unit/ring.h"

enum { STATUS = 0x70, SEL = 0x30, READY = 0x44, NOTIFY = 0x50, ISR = 0x60, ACK = 0x64 };
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, NEEDS_RESET = 64 };

#define BIT(n)     (UINT64_C(1) << (n))
#define VERSION_1  BIT(32)
#define RING_RESET BIT(40)

// A device that answers every chain with how many bytes it could read, and counts its calls.
struct probe {
    struct virtio v;
    unsigned notified[2], negotiated, reset_queue, reset;
    uint64_t config, behind_config;
    struct chain chain;
    bool *destroyed;
};

static inline struct probe *probe_of(struct virtio *v) { return (struct probe *)v; }

static inline uint64_t probe_read(struct virtio *v, uint64_t offset, unsigned size) {
    uint64_t value = 0;
    memcpy(&value, (uint8_t *)&probe_of(v)->config + offset, size);
    return value;
}
static inline void probe_write(struct virtio *v, uint64_t offset, unsigned size, uint64_t value) {
    memcpy((uint8_t *)&probe_of(v)->config + offset, &value, size);
}
static inline void probe_negotiated(struct virtio *v) { probe_of(v)->negotiated++; }
static inline void probe_notify(struct virtio *v, unsigned queue) {
    struct probe *p = probe_of(v);
    p->notified[queue]++;
    while (virtio_pop(v, queue, &p->chain)) {
        virtio_push(v, queue, &p->chain, (uint32_t)p->chain.readable_bytes);
    }
    virtio_signal(v, queue);
}
static inline void probe_reset_queue(struct virtio *v, unsigned queue) {
    (void)queue;
    probe_of(v)->reset_queue++;
}
static inline void probe_reset(struct virtio *v) { probe_of(v)->reset++; }
static inline void probe_destroy(struct virtio *v) { *probe_of(v)->destroyed = true; }

static const struct virtio_type probe_type = {
    .name = "probe",
    .id = 42,
    .queues = 2,
    .queue_size = 16,
    .features = BIT(3) | BIT(50),
    .config_bytes = 8,
    .read_config = probe_read,
    .write_config = probe_write,
    .negotiated = probe_negotiated,
    .notify = probe_notify,
    .reset_queue = probe_reset_queue,
    .reset = probe_reset,
    .destroy = probe_destroy,
};

struct bench {
    struct ring r;
    struct probe p;
    bool destroyed;
};

static inline void start(struct bench *b, bool legacy) {
    ring_machine(&b->r);
    b->destroyed = false;
    b->p = (struct probe){.v.type = &probe_type, .destroyed = &b->destroyed};
    ring_plug(&b->r, &b->p.v, legacy);
}

static inline void end(struct bench *b) {
    ring_end(&b->r);
    cr_assert(b->destroyed);
}

// One chain of 5 readable bytes.
static inline void offer_five(struct bench *b) {
    desc(&b->r, 0, DATA, 5, 0, 0);
    offer(&b->r, 0);
}

static inline void expect_five(struct bench *b) {
    uint32_t id, len;
    cr_assert(take_used(&b->r, &id, &len));
    cr_assert(id == 0 && len == 5);
}

#endif
