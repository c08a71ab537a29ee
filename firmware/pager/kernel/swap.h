// SPDX-License-Identifier: MIT
//
// Swap: a disk cut into slots of one page. The swap map counts who refers to each slot, and keeps a
// checksum of what was written, so that a page that comes back changed is noticed.
#ifndef TABLEWALK_PAGER_SWAP_H
#define TABLEWALK_PAGER_SWAP_H

#include "kernel/lib.h"

#define NO_SLOT        0u // slot 0 holds the signature
#define SWAP_REFS_BAD  0xffff
#define SWAP_SIGNATURE "PAGERSWAP"

struct kernel;
struct disk;

struct swap_slot {
    uint16_t references; // entries of page tables, and one for a resident frame with the same bytes
    uint32_t sum;
};

struct swap {
    struct disk *disk; // NULL: no swap
    struct swap_slot *slot;
    uint32_t count; // slots, the signature's included
    uint32_t free, bad;
    bool closed;   // too many slots were bad: nothing more is written
    uint32_t hand; // where the search for a free slot goes on
    uint64_t written, read;
};

// Takes the disk into use. `map` has room for `room` slots. Refuses, with a message, a disk that is
// read-only, too small or holds something else (unless `force`).
bool swap_start(struct kernel *kernel, struct disk *disk, struct swap_slot *map, uint32_t room,
                bool force);

// Writes a page; returns its slot, which has one reference, or NO_SLOT when swap is full or cannot
// be written. A slot that cannot be written is put aside and another one tried.
uint32_t swap_write(struct kernel *kernel, const void *page);

// Reads a slot back. NULL when all is well, otherwise what is wrong.
const char *swap_read(struct kernel *kernel, uint32_t slot, void *page);

void swap_hold(struct swap *swap, uint32_t slot);    // one more reference
void swap_release(struct swap *swap, uint32_t slot); // one less; the last one frees the slot

// Can another page be written?
static inline bool swap_has_room(const struct swap *swap) { return swap->free && !swap->closed; }

#endif
