// SPDX-License-Identifier: MIT
// Split virtqueues (see virtqueue.h). The rings are little-endian, as the hosts are that we run on.
#include "devices/virtqueue.h"

#include <stdatomic.h>
#include <string.h>

enum {
    DESC_BYTES = 16,
    DESC_NEXT = 1,
    DESC_WRITE = 2,
    DESC_INDIRECT = 4,
    AVAIL_NO_INTERRUPT = 1,
    USED_ELEMENT_BYTES = 8,
};

struct descriptor {
    uint64_t addr;
    uint32_t len;
    uint16_t flags, next;
};

// Where the parts of a ring are. The avail ring is flags, idx, ring[size], used_event, 16 bits
// each; the used ring is flags, idx, 16 bits each, ring[size] of 8 bytes, avail_event.
static uint64_t avail_flags(const struct virtqueue *q) { return q->avail; }
static uint64_t avail_idx(const struct virtqueue *q) { return q->avail + 2; }
static uint64_t avail_ring(const struct virtqueue *q, uint16_t i) {
    return q->avail + 4 + i % q->size * UINT64_C(2);
}
static uint64_t used_event(const struct virtqueue *q) { return q->avail + 4 + 2 * q->size; }
static uint64_t used_idx(const struct virtqueue *q) { return q->used + 2; }
static uint64_t used_ring(const struct virtqueue *q, uint16_t i) {
    return q->used + 4 + i % q->size * UINT64_C(8);
}
static uint64_t avail_event(const struct virtqueue *q) {
    return q->used + 4 + UINT64_C(8) * q->size;
}

void virtqueue_reset(struct virtqueue *q) { *q = (struct virtqueue){.size = 0}; }

// A part of the rings must be aligned and lie in RAM as a whole.
static bool part_is_usable(struct phys *phys, uint64_t at, uint64_t align, uint64_t bytes) {
    return at % align == 0 && phys_dma_map(phys, at, bytes);
}

void virtqueue_start(struct virtqueue *q, struct phys *phys, uint64_t features) {
    const uint64_t size = q->size;
    q->indirect = features >> VIRTIO_F_INDIRECT_DESC & 1;
    q->event_idx = features >> VIRTIO_F_EVENT_IDX & 1;
    const uint64_t event = q->event_idx ? 2 : 0;
    q->ready = true;
    q->broken = size == 0 || size > VIRTQUEUE_MAX_SIZE || (size & (size - 1)) != 0 ||
                !part_is_usable(phys, q->desc, 16, size * DESC_BYTES) ||
                !part_is_usable(phys, q->avail, 2, 4 + size * 2 + event) ||
                !part_is_usable(phys, q->used, 4, 4 + size * USED_ELEMENT_BYTES + event);
}

// Fields of the rings. That they are RAM was seen at the start; a failure says that they are no
// longer.
static uint16_t read_field(struct virtqueue *q, struct phys *phys, uint64_t at) {
    uint16_t value = 0;
    if (!phys_dma_read(phys, at, &value, sizeof value)) q->broken = true;
    return value;
}

static void write_field(struct virtqueue *q, struct phys *phys, uint64_t at, uint16_t value) {
    if (!phys_dma_write(phys, at, &value, sizeof value)) q->broken = true;
}

// A chain as it is gathered: the table we are in and how many of its descriptors may still come.
struct walk {
    uint64_t table;
    uint32_t entries, left;
    bool in_indirect;
};

// The first fault of a chain is the one that it has.
static void blame(struct chain *c, enum chain_fault fault) {
    if (c->fault == CHAIN_OK) c->fault = fault;
}

// Adds a segment to the chain. One that is not usable does not end the walk: the status byte may
// come behind it. An empty one is none at all.
static void add_segment(struct chain *c, struct phys *phys, const struct descriptor *d) {
    if (d->len == 0) return;
    if (!phys_dma_map(phys, d->addr, d->len)) blame(c, CHAIN_NOT_RAM);
    const struct range segment = {d->addr, d->len};
    if (d->flags & DESC_WRITE) {
        c->segment[c->readable + c->writable++] = segment;
        c->writable_bytes += d->len;
    } else if (c->writable) {
        blame(c, CHAIN_DIRECTION); // and leave it out
    } else {
        c->segment[c->readable++] = segment;
        c->readable_bytes += d->len;
    }
}

// Goes into the indirect table that d describes (section 2.7.5.3). false: it may not.
static bool enter_indirect(const struct virtqueue *q, struct phys *phys, struct walk *w,
                           const struct descriptor *d) {
    if (!q->indirect || w->in_indirect || d->flags & DESC_NEXT) return false;
    if (d->len == 0 || d->len % DESC_BYTES || !phys_dma_map(phys, d->addr, d->len)) return false;
    const uint32_t entries = d->len / DESC_BYTES;
    *w = (struct walk){.table = d->addr, .entries = entries, .left = entries, .in_indirect = true};
    return true;
}

// A chain of direct descriptors is no longer than its ring, and has a place for each of them.
_Static_assert(VIRTQUEUE_MAX_SIZE <= CHAIN_MAX_SEGMENTS, "room for a ring's longest chain");

// Follows a chain from its head. Each step uses up a descriptor of its table, and there are no more
// of them than segments, beside the one that leads to the indirect table: so it ends.
static enum chain_fault gather(const struct virtqueue *q, struct phys *phys, struct chain *c) {
    struct walk w = {.table = q->desc, .entries = q->size, .left = q->size};
    uint32_t at = c->head;
    for (unsigned steps = 0;; steps++) {
        struct descriptor d;
        if (at >= w.entries) return CHAIN_NEXT;
        if (w.left-- == 0) return CHAIN_LOOP;
        if (steps == CHAIN_MAX_SEGMENTS + (unsigned)w.in_indirect) return CHAIN_TOO_LONG;
        if (!phys_dma_read(phys, w.table + at * UINT64_C(16), &d, sizeof d)) return CHAIN_NOT_RAM;
        if (d.flags & DESC_INDIRECT) {
            if (!enter_indirect(q, phys, &w, &d)) return CHAIN_INDIRECT;
            at = 0;
            continue;
        }
        add_segment(c, phys, &d);
        if (!(d.flags & DESC_NEXT)) return CHAIN_OK;
        at = d.next;
    }
}

bool virtqueue_pop(struct virtqueue *q, struct phys *phys, struct chain *c) {
    if (!q->ready || q->broken) return false;
    const uint16_t waiting = (uint16_t)(read_field(q, phys, avail_idx(q)) - q->last_avail);
    if (waiting > q->size) q->broken = true;
    if (waiting == 0 && q->event_idx) write_field(q, phys, avail_event(q), q->last_avail);
    if (waiting == 0 || q->broken) return false;
    atomic_thread_fence(memory_order_acquire); // idx before what it counts
    c->head = read_field(q, phys, avail_ring(q, q->last_avail++));
    c->fault = CHAIN_OK;
    c->readable = c->writable = 0;
    c->readable_bytes = c->writable_bytes = 0;
    const enum chain_fault hard = gather(q, phys, c);
    if (hard != CHAIN_OK) c->fault = hard;
    return !q->broken;
}

void virtqueue_push(struct virtqueue *q, struct phys *phys, const struct chain *c, uint32_t len) {
    if (!q->ready || q->broken) return;
    const uint32_t element[2] = {c->head, len};
    if (!phys_dma_write(phys, used_ring(q, q->used_idx), element, sizeof element)) q->broken = true;
    atomic_thread_fence(memory_order_release); // data, status and element before idx
    write_field(q, phys, used_idx(q), ++q->used_idx);
}

// Section 2.7.7.2: with event indices, was used_event passed since the driver was last told?
bool virtqueue_should_notify(struct virtqueue *q, struct phys *phys) {
    const uint16_t told = q->signalled_used, now = q->used_idx;
    if (!q->ready || q->broken || told == now) return false;
    atomic_thread_fence(memory_order_seq_cst); // used.idx before the driver's wish
    q->signalled_used = now;
    if (!q->event_idx) return !(read_field(q, phys, avail_flags(q)) & AVAIL_NO_INTERRUPT);
    const uint16_t event = read_field(q, phys, used_event(q));
    return (uint16_t)(now - event - 1) < (uint16_t)(now - told);
}

struct chain_piece chain_map(const struct chain *c, struct phys *phys, bool writable,
                             uint64_t offset, uint64_t len) {
    const struct range *s = writable ? c->segment + c->readable : c->segment;
    const struct range *end = s + (writable ? c->writable : c->readable);
    while (s < end && offset >= s->size) offset -= s++->size;
    if (s == end) return (struct chain_piece){.host = NULL};
    struct chain_piece piece = {.pa = s->base + offset, .len = s->size - offset};
    if (piece.len > len) piece.len = len;
    // A chain that is bad outside RAM may have a base + offset that wraps; the whole segment is
    // asked for, so that it does not matter.
    uint8_t *host = phys_dma_map(phys, s->base, s->size);
    piece.host = host ? host + offset : NULL;
    return piece;
}

uint64_t chain_read(const struct chain *c, struct phys *phys, uint64_t offset, void *to,
                    uint64_t len) {
    uint64_t done = 0;
    while (done < len) {
        const struct chain_piece p = chain_map(c, phys, false, offset + done, len - done);
        if (!p.host) break;
        memcpy((uint8_t *)to + done, p.host, p.len);
        done += p.len;
    }
    return done;
}

uint64_t chain_write(const struct chain *c, struct phys *phys, uint64_t offset, const void *from,
                     uint64_t len) {
    uint64_t done = 0;
    while (done < len) {
        const struct chain_piece p = chain_map(c, phys, true, offset + done, len - done);
        if (!p.host) break;
        memcpy(p.host, (const uint8_t *)from + done, p.len);
        phys_wrote(phys, p.pa, p.len);
        done += p.len;
    }
    return done;
}
