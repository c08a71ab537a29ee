// SPDX-License-Identifier: MIT
// The TLB (see tlb.h).
#include "mmu/tlb.h"

#include <string.h>

void tlb_reset(struct tlb *t) { memset(t, 0, sizeof *t); }

static uint64_t page_base(uint64_t va, unsigned level) {
    return va & ~((PAGE_SIZE << (SV39_INDEX_BITS * level)) - 1);
}

static unsigned set_of(uint64_t va, unsigned level) {
    uint64_t number = va >> (PAGE_SHIFT + SV39_INDEX_BITS * level);
    return (unsigned)((number ^ number >> SV39_INDEX_BITS) % TLB_SETS);
}

static uint64_t tag_of(uint64_t va, unsigned level) {
    return page_base(va, level) | level << 1 | 1;
}

static bool serves(const struct tlb_entry *e, uint16_t asid) {
    return e->asid == asid || (e->pte & PTE_G);
}

struct tlb_entry *tlb_find(struct tlb *t, uint64_t va, uint16_t asid) {
    for (unsigned level = 0; level < SV39_LEVELS; level++) {
        if (!t->population[level]) continue;
        unsigned set = set_of(va, level);
        uint64_t tag = tag_of(va, level);
        for (unsigned way = 0; way < TLB_WAYS; way++) {
            if (t->tag[set][way] == tag && serves(&t->entry[set][way], asid)) {
                return &t->entry[set][way];
            }
        }
    }
    return NULL;
}

static void evict(struct tlb *t, unsigned set, unsigned way) {
    if (!t->tag[set][way]) return;
    t->population[t->entry[set][way].level]--;
    t->tag[set][way] = 0;
    t->entry[set][way].pte = 0;
}

// The way for a new entry: the one it replaces, else a free one, else the next in turn.
static unsigned choose_way(struct tlb *t, unsigned set, uint64_t tag, uint16_t asid) {
    unsigned chosen = TLB_WAYS;
    for (unsigned way = 0; way < TLB_WAYS; way++) {
        if (t->tag[set][way] == tag && t->entry[set][way].asid == asid) return way;
        if (!t->tag[set][way]) chosen = way;
    }
    if (chosen < TLB_WAYS) return chosen;
    t->victim[set] = (uint8_t)((t->victim[set] + 1) % TLB_WAYS);
    return t->victim[set];
}

struct tlb_entry *tlb_fill(struct tlb *t, uint64_t va, uint16_t asid, uint64_t pte,
                           uint64_t pte_addr, unsigned level, struct tlb_entry *evicted) {
    unsigned set = set_of(va, level);
    uint64_t tag = tag_of(va, level);
    unsigned way = choose_way(t, set, tag, asid);
    struct tlb_entry *e = &t->entry[set][way];
    *evicted = *e;
    evict(t, set, way);
    t->tag[set][way] = tag;
    *e = (struct tlb_entry){.page = page_base(va, level),
                            .pte = pte,
                            .pte_addr = pte_addr,
                            .asid = asid,
                            .level = (uint8_t)level};
    t->population[level]++;
    return e;
}

// What a fence with an ASID leaves alone.
static bool spared(const struct tlb_entry *e, bool any_asid, uint16_t asid) {
    return !any_asid && (e->asid != asid || (e->pte & PTE_G));
}

static void flush_everywhere(struct tlb *t, bool any_asid, uint16_t asid) {
    for (unsigned set = 0; set < TLB_SETS; set++) {
        for (unsigned way = 0; way < TLB_WAYS; way++) {
            bool found = t->tag[set][way] != 0;
            if (found && !spared(&t->entry[set][way], any_asid, asid)) evict(t, set, way);
        }
    }
}

void tlb_flush(struct tlb *t, bool all, uint64_t va, bool any_asid, uint16_t asid) {
    if (all) {
        bool empty = !t->population[0] && !t->population[1] && !t->population[2];
        if (!empty) flush_everywhere(t, any_asid, asid);
        return;
    }
    for (unsigned level = 0; level < SV39_LEVELS; level++) {
        unsigned set = set_of(va, level);
        uint64_t tag = tag_of(va, level);
        for (unsigned way = 0; way < TLB_WAYS; way++) {
            bool found = t->tag[set][way] == tag;
            if (found && !spared(&t->entry[set][way], any_asid, asid)) evict(t, set, way);
        }
    }
}
