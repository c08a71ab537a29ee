// SPDX-License-Identifier: MIT
// Targets that play a driver: of a virtqueue alone, and of each virtio device behind its slot. The
// input is a list of steps. Whatever the driver does, no DMA reaches a device, and each chain comes
// back at most once.
#include "devices/virtio_blk.h"
#include "devices/virtio_gpu.h"
#include "devices/virtio_input.h"
#include "testsuite/fuzz/fuzz.h"
#include "testsuite/unit/memory_store.h"
#include "testsuite/unit/ring.h"

enum { QUEUES = 2, QUEUE_STRIDE = 0x20000, STEPS_MAX = 200, SECTORS = 64, WIDTH = 64 };

struct driver {
    struct ring r;
    struct input *in;
    struct virtio *v;
    struct memory_store store;
    uint16_t offered[QUEUES];
    uint32_t size[QUEUES];
};

// Where the parts of a queue's ring are.
static uint64_t ring_part(unsigned queue, uint64_t part) { return part + queue * QUEUE_STRIDE; }

// Mostly RAM where data is; sometimes its end, the rings, the ROM, the device, nowhere.
static uint64_t take_address(struct input *in) {
    const unsigned kind = (unsigned)take(in, 1);
    const uint64_t offset = take(in, 2);
    static const uint64_t places[] = {RAM + RAM_BYTES - 0x100, RING_DESC, RING_USED, ROM, TRAP, 0,
                                      UINT64_MAX - 0xff};
    return kind < 7 ? places[kind] + offset % 0x200 : DATA + offset;
}

static void take_memory(struct driver *d, uint64_t pa, size_t bytes) {
    uint8_t data[256];
    bytes = take_bytes(d->in, data, bytes);
    if (range_holds((struct range){RAM, RAM_BYTES}, pa, bytes))
        memcpy(d->r.ram + (pa - RAM), data, bytes);
}

static void take_desc(struct driver *d, uint64_t table) {
    const unsigned i = take_below(d->in, 16);
    const uint64_t address = take_address(d->in);
    const uint32_t length = (uint32_t)(take(d->in, 1) & 1 ? take_edgy(d->in) : take(d->in, 2));
    put_desc(&d->r, table, i, address, length, (unsigned)take(d->in, 1), take_below(d->in, 20));
}

static void offer_head(struct driver *d, unsigned queue, unsigned head) {
    const uint64_t avail = ring_part(queue, RING_AVAIL);
    const uint32_t size = d->size[queue] ? d->size[queue] : 1;
    poke(&d->r, avail + 4 + d->offered[queue] % size * 2, head, 2);
    poke(&d->r, avail + 2, ++d->offered[queue], 2);
}

// --- Steps ---------------------------------------------------------------------------------------

static void step_write(struct driver *d) {
    const uint64_t offset = take(d->in, 1) * 4;
    reg_set(&d->r, offset, take_edgy(d->in));
}

static void step_read(struct driver *d) { (void)reg_get(&d->r, take(d->in, 1) * 4); }

static void step_config(struct driver *d) {
    const unsigned size = 1u << take_below(d->in, 4);
    const uint64_t offset = 0x100 + (take(d->in, 1) & ~(uint64_t)(size - 1));
    uint64_t value;
    if (take(d->in, 1) & 1) {
        (void)d->r.slot->type->write(d->r.slot, offset, size, take_edgy(d->in));
    } else {
        (void)d->r.slot->type->read(d->r.slot, offset, size, &value);
    }
}

static void step_poke(struct driver *d) {
    const uint64_t pa = take_address(d->in);
    take_memory(d, pa, take(d->in, 1));
}

static void step_desc(struct driver *d) {
    take_desc(d, ring_part(take_below(d->in, QUEUES), RING_DESC));
}

static void step_offer(struct driver *d) {
    const unsigned queue = take_below(d->in, QUEUES);
    offer_head(d, queue, take_below(d->in, 20));
}

static void step_notify(struct driver *d) { reg_set(&d->r, 0x50, take_below(d->in, QUEUES + 1)); }

static void step_time(struct driver *d) {
    test_clock_go(&d->r.clock, d->r.clock.now + take(d->in, 2));
}

// All that a driver does before its first request.
static void step_start(struct driver *d) {
    const uint64_t refused = take_edgy(d->in), features = ring_features(&d->r) & ~refused;
    if (!ring_negotiate(&d->r, features | UINT64_C(1) << VIRTIO_F_VERSION_1)) return;
    for (unsigned q = 0; q < QUEUES; q++) {
        d->size[q] = 1u << take_below(d->in, 8);
        d->offered[q] = 0;
        memset(d->r.ram + (ring_part(q, RING_DESC) - RAM), 0, DATA - RING_DESC);
        reg_set(&d->r, 0x30, q);
        reg_set(&d->r, 0x38, d->size[q]);
        const uint64_t part[] = {RING_DESC, RING_AVAIL, RING_USED};
        for (unsigned i = 0; i < 3; i++) {
            reg_set(&d->r, 0x80 + i * 0x10, (uint32_t)ring_part(q, part[i]));
            reg_set(&d->r, 0x84 + i * 0x10, ring_part(q, part[i]) >> 32);
        }
        reg_set(&d->r, 0x44, 1);
    }
    reg_set(&d->r, 0x70, 15);
}

// A request as drivers make them: bytes to read (a header), a buffer, bytes to write (a status).
static void step_request(struct driver *d) {
    enum { HEADER_AT = 0x40, BUFFER_AT = 0x1000, STATUS_AT = 0x9000 };
    const unsigned queue = take_below(d->in, QUEUES), kind = (unsigned)take(d->in, 1);
    const uint32_t header = (uint32_t)take(d->in, 1), status = kind & 1 ? 1024 : 1;
    const uint32_t buffer = (uint32_t)take(d->in, 2) << (kind >> 1 & 7);
    const unsigned direction = kind & 16 ? WRITE : 0;
    const uint64_t table = ring_part(queue, RING_DESC);
    take_memory(d, DATA + HEADER_AT, header);
    put_desc(&d->r, table, 0, DATA + HEADER_AT, header, NEXT, buffer ? 1 : 2);
    put_desc(&d->r, table, 1, DATA + BUFFER_AT, buffer, NEXT | direction, 2);
    put_desc(&d->r, table, 2, DATA + STATUS_AT, status, WRITE, 0);
    offer_head(d, queue, 0);
    reg_set(&d->r, 0x50, queue);
}

// What comes from the host's side.
static void step_outside(struct driver *d) {
    const uint32_t id = d->v->type->id;
    if (id == 18) {
        const struct input_event event = {(uint16_t)take(d->in, 1), (uint16_t)take(d->in, 2),
                                          (uint32_t)take(d->in, 4)};
        virtio_input_send(d->v, &event, 1);
    } else if (id == 16) {
        virtio_gpu_resize(d->v, (uint32_t)take_edgy(d->in), (uint32_t)take_edgy(d->in));
    } else {
        char message[200];
        static const char *const rules[] = {NULL,      "read=0-7", "write:2",
                                            "short=3", "full",     "flush"};
        (void)disk_inject(virtio_blk_disk(d->v), rules[take_below(d->in, 6)], message,
                          sizeof message);
    }
}

static void (*const steps[])(struct driver *d) = {
    step_write, step_read,  step_config,  step_poke,    step_desc,   step_offer,
    step_time,  step_start, step_request, step_request, step_notify, step_outside,
};

static void play(struct driver *d, struct input *in, bool legacy) {
    d->in = in;
    ring_plug(&d->r, d->v, legacy);
    if (take(in, 1) & 1) step_start(d);
    for (unsigned i = 0; i < STEPS_MAX && in->size; i++) {
        d->store.entries = 0; // its journal is not looked at
        steps[take_below(in, sizeof steps / sizeof *steps)](d);
    }
    test_clock_go(&d->r.clock, d->r.clock.now + 1000000);
    ring_end(&d->r);
}

// --- Devices -------------------------------------------------------------------------------------

static uint64_t disk_cycles(void *model, enum blk_op op, uint64_t sector, uint64_t bytes) {
    (void)model, (void)op;
    return 1 + sector % 7 + bytes / 512;
}

void fuzz_blk(struct input *in) {
    struct driver *d = calloc(1, sizeof *d);
    HOLDS(d);
    ring_machine(&d->r);
    const unsigned how = (unsigned)take(in, 1);
    struct disk *disk = disk_over(memory_store(&d->store, SECTORS), SECTORS, how & 1);
    HOLDS(disk);
    const struct virtio_blk_config config = {
        .disk = disk, .id = "fuzz", .cycles = how & 2 ? disk_cycles : NULL};
    HOLDS((d->v = virtio_blk_create(&d->r.clock.schedule, &config)));
    play(d, in, how & 4);
    HOLDS(d->store.closed);
    free(d);
}

void fuzz_gpu(struct input *in) {
    struct driver *d = calloc(1, sizeof *d);
    HOLDS(d);
    ring_machine(&d->r);
    const bool legacy = take(in, 1) & 1;
    HOLDS((d->v = virtio_gpu_create(&d->r.clock.schedule, WIDTH, WIDTH)));
    play(d, in, legacy);
    free(d);
}

void fuzz_input(struct input *in) {
    struct driver *d = calloc(1, sizeof *d);
    HOLDS(d);
    ring_machine(&d->r);
    const unsigned how = (unsigned)take(in, 1);
    HOLDS((d->v = virtio_input_create(how & 1 ? INPUT_KEYBOARD : INPUT_TABLET)));
    play(d, in, how & 2);
    free(d);
}

// --- A queue alone -------------------------------------------------------------------------------

// A chain's segments are RAM, and as many as it says; its bytes can be moved.
static void check_chain(struct driver *d, const struct chain *c) {
    uint8_t data[64] = {0};
    HOLDS(c->readable + c->writable <= CHAIN_MAX_SEGMENTS);
    for (unsigned i = 0; i < c->readable + c->writable; i++) {
        const struct range s = c->segment[i];
        HOLDS(s.size == 0 || phys_dma_map(&d->r.phys, s.base, s.size));
    }
    const uint64_t offset = take(d->in, 2);
    const uint64_t read = chain_read(c, &d->r.phys, offset, data, sizeof data);
    const uint64_t wrote = chain_write(c, &d->r.phys, offset, data, sizeof data);
    HOLDS(read <= sizeof data && wrote <= sizeof data);
    const struct chain_piece p = chain_map(c, &d->r.phys, take(d->in, 1) & 1, offset, 4096);
    HOLDS(!p.host || (p.len <= 4096 && p.host == phys_host(&d->r.phys, p.pa, p.len)));
}

static void use_queue(struct driver *d, struct virtqueue *q, struct chain *c) {
    if (!virtqueue_pop(q, &d->r.phys, c)) return;
    if (c->fault == CHAIN_OK) check_chain(d, c);
    virtqueue_push(q, &d->r.phys, c, (uint32_t)take(d->in, 2));
    (void)virtqueue_should_notify(q, &d->r.phys);
}

void fuzz_virtqueue(struct input *in) {
    static const unsigned features[] = {VIRTIO_F_INDIRECT_DESC, VIRTIO_F_EVENT_IDX};
    struct driver *d = calloc(1, sizeof *d);
    struct chain *c = calloc(1, sizeof *c);
    HOLDS(d && c);
    ring_machine(&d->r);
    d->in = in;
    struct virtqueue q = {.desc = RING_DESC, .avail = RING_AVAIL, .used = RING_USED};
    const unsigned how = (unsigned)take(in, 1);
    q.size = d->size[0] = 1u << (how >> 2 & 7);
    if (how & 32) q.used = take_address(in);
    if (how & 64) q.avail = take_address(in);
    if (how & 128) q.desc = take_address(in);
    virtqueue_start(&q, &d->r.phys,
                    (how & 1 ? UINT64_C(1) << features[0] : 0) |
                        (how & 2 ? UINT64_C(1) << features[1] : 0));
    for (unsigned i = 0; i < STEPS_MAX && in->size; i++) {
        switch (take_below(in, 5)) {
        case 0: step_poke(d); break;
        case 1: take_desc(d, RING_DESC); break;
        case 2: take_desc(d, DATA); break; // an indirect table
        case 3: offer_head(d, 0, take_below(in, 20)); break;
        default: use_queue(d, &q, c);
        }
    }
    for (unsigned i = 0; i < VIRTQUEUE_MAX_SIZE; i++) use_queue(d, &q, c);
    ring_end(&d->r);
    free(c);
    free(d);
}
