// SPDX-License-Identifier: MIT
// Split virtqueues (VIRTIO 1.2, section 2.7), and the only code that touches rings. A ring lives in
// guest memory and may say anything: each address is checked to be RAM as a whole before it is
// used, every loop is bounded by the size of a table, and what the guest changes afterwards no
// longer matters, because a chain is copied out descriptor by descriptor, each read once.
//
// Two things can be wrong. A chain can be bad (it loops, points outside RAM, lies about direction):
// the device still gives it back on the used ring. The rings themselves can be unusable (not in
// RAM, an index that jumps by more than the size): then the queue is broken and stays so until it
// is reset, and the transport says DEVICE_NEEDS_RESET.
#ifndef TABLEWALK_DEVICES_VIRTQUEUE_H
#define TABLEWALK_DEVICES_VIRTQUEUE_H

#include "mmu/phys.h"

enum {
    VIRTQUEUE_MAX_SIZE = 1024, // descriptors in a ring that we offer
    CHAIN_MAX_SEGMENTS = 1024, // descriptors in a chain, those of indirect tables included
};

// Ring features (bit numbers), of those in VIRTIO 1.2, section 6.
enum {
    VIRTIO_F_INDIRECT_DESC = 28,
    VIRTIO_F_EVENT_IDX = 29,
};

// A queue as the driver has set it up. Addresses are physical.
struct virtqueue {
    uint64_t desc, avail, used;
    uint32_t size;            // a power of two, 1..VIRTQUEUE_MAX_SIZE
    bool ready;               // the rings are in use
    bool broken;              // the rings are unusable, until the queue is reset
    bool indirect, event_idx; // negotiated
    uint16_t last_avail;      // chains taken so far
    uint16_t used_idx;        // chains returned so far
    uint16_t signalled_used;  // used_idx when the driver's wish for an interrupt was last read
};

// What is wrong with a chain.
enum chain_fault {
    CHAIN_OK,
    CHAIN_LOOP,      // more descriptors than the table has
    CHAIN_TOO_LONG,  // more than CHAIN_MAX_SEGMENTS
    CHAIN_NEXT,      // next, or the head, is not in the table
    CHAIN_NOT_RAM,   // a segment does not lie in RAM
    CHAIN_DIRECTION, // device-readable behind device-writable
    CHAIN_INDIRECT,  // not negotiated, nested, of odd length, or not in RAM
};

// A descriptor chain: what the device reads, then what it writes, as segments of guest memory. The
// numbers are guest-physical and were RAM when the chain was taken. A chain can be kept while a
// request is under way.
struct chain {
    uint16_t head;
    enum chain_fault fault;
    unsigned readable, writable; // segments; the readable ones come first
    uint64_t readable_bytes, writable_bytes;
    struct range segment[CHAIN_MAX_SEGMENTS];
};

// Puts the rings out of use and forgets all.
void virtqueue_reset(struct virtqueue *q);

// The driver declares the rings ready; features as negotiated. Rings that are misaligned or not in
// RAM make the queue broken.
void virtqueue_start(struct virtqueue *q, struct phys *phys, uint64_t features);

// Takes the next chain that the driver has made available. false: there is none, or the queue is
// not usable (see q->broken). A chain with a fault still has the segments that were found; behind
// CHAIN_NOT_RAM and CHAIN_DIRECTION that is all of them, and the last one may hold a status byte.
bool virtqueue_pop(struct virtqueue *q, struct phys *phys, struct chain *chain) MUST_CHECK;

// Gives a chain back: len bytes were written into its writable segments, counted from their start.
// Data and status are in memory before used.idx is.
void virtqueue_push(struct virtqueue *q, struct phys *phys, const struct chain *chain,
                    uint32_t len);

// Does the driver want an interrupt for what was pushed since this was last asked? To be asked
// after each batch of pushes.
bool virtqueue_should_notify(struct virtqueue *q, struct phys *phys);

// What a chain costs the host beside the bytes that it moves, in bytes: each of its segments is
// looked for anew. A device that counts it in its batches comes up for air among crumbs, too.
enum { CHAIN_SEGMENT_COST = 4096 };
static inline uint64_t chain_cost(const struct chain *c) {
    return (uint64_t)(c->readable + c->writable) * CHAIN_SEGMENT_COST;
}

// Copies len bytes between a buffer and the readable or writable bytes of a chain, from the given
// offset into them. The return value is how many could be copied, up to len.
uint64_t chain_read(const struct chain *c, struct phys *phys, uint64_t offset, void *to,
                    uint64_t len);
uint64_t chain_write(const struct chain *c, struct phys *phys, uint64_t offset, const void *from,
                     uint64_t len);

// A piece of a chain's memory that lies together. host = NULL: there is nothing at the offset, or
// it is not RAM.
struct chain_piece {
    uint8_t *host;
    uint64_t pa, len;
};

// The piece of the readable or writable bytes that starts at offset, at most len bytes. Moves
// nothing. Whoever writes to it calls phys_wrote() for it.
struct chain_piece chain_map(const struct chain *c, struct phys *phys, bool writable,
                             uint64_t offset, uint64_t len);

#endif
