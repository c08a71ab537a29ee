// SPDX-License-Identifier: MIT
// The TLB: leaf PTEs by virtual page number, ASID and page size. Set-associative; an entry's set
// comes from its page number at its own size, so one structure serves 4 KiB, 2 MiB and 1 GiB pages
// and a look-up probes each size that is present. A 64 KiB Svnapot page fills an entry a 4 KiB
// piece.
#ifndef TABLEWALK_MMU_TLB_H
#define TABLEWALK_MMU_TLB_H

#include "mmu/walk.h"

enum { TLB_SETS = 512, TLB_WAYS = 4 };

struct tlb_entry {
    uint64_t page; // virtual address of the page's first byte
    uint64_t pte;  // as it was when the entry was filled; V clear: the entry is free
    uint64_t pte_addr;
    uint64_t hits; // look-ups served
    uint64_t used; // the number of the last of them, of all that the TLB served; 0: none
    uint16_t asid;
    uint8_t level; // 0: 4 KiB, 1: 2 MiB, 2: 1 GiB
};

// A tag is what a look-up compares: page and level of the entry, or 0 for a free one. The tags of a
// set lie together, so a look-up that finds nothing touches one cache line of the host a page size.
struct tlb {
    uint64_t tag[TLB_SETS][TLB_WAYS];
    struct tlb_entry entry[TLB_SETS][TLB_WAYS];
    uint8_t victim[TLB_SETS];         // FIFO replacement within a set
    unsigned population[SV39_LEVELS]; // valid entries a page size
};

void tlb_reset(struct tlb *t);

// The entry that maps va in address space asid (or globally), or NULL.
struct tlb_entry *tlb_find(struct tlb *t, uint64_t va, uint16_t asid);

// Puts in a translation, in place of one for the same page and space where there is one. Returns
// the entry; *evicted is what had to go (V clear: nothing).
struct tlb_entry *tlb_fill(struct tlb *t, uint64_t va, uint16_t asid, uint64_t pte,
                           uint64_t pte_addr, unsigned level, struct tlb_entry *evicted);

// SFENCE.VMA (privileged manual): with an address, entries that map it; with an ASID, entries of
// that space that are not global. Returns how many went.
void tlb_flush(struct tlb *t, bool all, uint64_t va, bool any_asid, uint16_t asid);

#endif
