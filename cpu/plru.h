// SPDX-License-Identifier: MIT
// Pseudo-LRU replacement among up to 64 entries: a tree of bits, each of which leads away from the
// half that was used last. Following them from the root leads to an entry that was not used lately.
// Where the number is no power of two, the upper halves at the tree's right edge are smaller.
#ifndef TABLEWALK_CPU_PLRU_H
#define TABLEWALK_CPU_PLRU_H

#include <stdint.h>

enum { PLRU_MAX = 64 };

struct plru {
    uint32_t entries, leaves; // leaves: a power of two
    uint64_t state;           // bit 1 is the root's; 2n and 2n + 1 are the halves of n
    // For each entry the bits on the way to it, and which of them are 1 when it has been used.
    uint64_t path[PLRU_MAX], away[PLRU_MAX];
};

// entries: 1 to PLRU_MAX.
static inline void plru_init(struct plru *p, uint32_t entries) {
    p->entries = entries;
    p->state = 0;
    for (p->leaves = 1; p->leaves < entries;) p->leaves *= 2;
    for (uint32_t entry = 0; entry < entries; entry++) {
        p->path[entry] = p->away[entry] = 0;
        uint32_t node = 1;
        for (uint32_t half = p->leaves / 2; half; half /= 2) {
            const uint32_t upper = (entry & half) != 0;
            p->path[entry] |= UINT64_C(1) << node;
            p->away[entry] |= (uint64_t)!upper << node;
            node = 2 * node + upper;
        }
    }
}

static inline void plru_use(struct plru *p, uint32_t entry) {
    p->state = (p->state & ~p->path[entry]) | p->away[entry];
}

static inline uint32_t plru_victim(const struct plru *p) {
    uint32_t entry = 0, node = 1;
    for (uint32_t half = p->leaves / 2; half; half /= 2) {
        const uint32_t upper = (p->state >> node & 1) && entry + half < p->entries;
        entry += upper * half;
        node = 2 * node + upper;
    }
    return entry;
}

#endif
