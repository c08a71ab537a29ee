// SPDX-License-Identifier: MIT
// The TLB (see tlb.h).
#include "mmu/tlb.h"

#include <string.h>

void tlb_reset(struct tlb *t) { memset(t, 0, sizeof *t); }

static uint64_t page_base(uint64_t va, unsigned level) {
    return va & ~((PAGE_SIZE << (SV39_INDEX_BITS * level)) - 1);
}

static struct tlb_entry *set_of(struct tlb *t, uint64_t va, unsigned level) {
    uint64_t number = va >> (PAGE_SHIFT + SV39_INDEX_BITS * level);
    return t->entry[(number ^ number >> SV39_INDEX_BITS) % TLB_SETS];
}

static bool maps(const struct tlb *t, const struct tlb_entry *e, uint64_t page, unsigned level) {
    return e->page == page && e->level == level && tlb_valid(t, e);
}

struct tlb_entry *tlb_find(struct tlb *t, uint64_t va, uint16_t asid) {
    for (unsigned level = 0; level < SV39_LEVELS; level++) {
        if (!t->population[level]) continue;
        struct tlb_entry *e = set_of(t, va, level);
        uint64_t page = page_base(va, level);
        for (unsigned way = 0; way < TLB_WAYS; way++, e++) {
            if (maps(t, e, page, level) && (e->asid == asid || (e->pte & PTE_G))) return e;
        }
    }
    return NULL;
}

static void evict(struct tlb *t, struct tlb_entry *e) {
    if (!tlb_valid(t, e)) return;
    t->population[e->level]--;
    e->pte = 0;
}

// The way for a new entry: the one it replaces, else a free one, else the next in turn.
static struct tlb_entry *choose_way(struct tlb *t, uint64_t va, uint16_t asid, unsigned level) {
    struct tlb_entry *set = set_of(t, va, level), *free_way = NULL;
    for (unsigned way = 0; way < TLB_WAYS; way++) {
        if (maps(t, &set[way], page_base(va, level), level) && set[way].asid == asid)
            return &set[way];
        if (!tlb_valid(t, &set[way])) free_way = &set[way];
    }
    if (free_way) return free_way;
    uint8_t *victim = &t->victim[(size_t)(set - t->entry[0]) / TLB_WAYS];
    *victim = (uint8_t)((*victim + 1) % TLB_WAYS);
    return &set[*victim];
}

struct tlb_entry *tlb_fill(struct tlb *t, uint64_t va, uint16_t asid, uint64_t pte,
                           uint64_t pte_addr, unsigned level, struct tlb_entry *evicted) {
    struct tlb_entry *e = choose_way(t, va, asid, level);
    *evicted = *e;
    if (!tlb_valid(t, e)) evicted->pte = 0;
    evict(t, e);
    *e = (struct tlb_entry){.page = page_base(va, level),
                            .pte = pte,
                            .pte_addr = pte_addr,
                            .generation = t->generation,
                            .asid = asid,
                            .level = (uint8_t)level};
    t->population[level]++;
    return e;
}

static void flush_everything(struct tlb *t) {
    memset(t->population, 0, sizeof t->population);
    // A generation that comes round again must not bring old entries back to life.
    if (++t->generation == 0) memset(t->entry, 0, sizeof t->entry);
}

static bool spared(const struct tlb_entry *e, bool any_asid, uint16_t asid) {
    return !any_asid && (e->asid != asid || (e->pte & PTE_G));
}

void tlb_flush(struct tlb *t, bool all, uint64_t va, bool any_asid, uint16_t asid) {
    if (all && any_asid) {
        flush_everything(t);
        return;
    }
    if (all) {
        struct tlb_entry *e = t->entry[0];
        for (unsigned i = 0; i < TLB_SETS * TLB_WAYS; i++, e++) {
            if (!spared(e, any_asid, asid)) evict(t, e);
        }
        return;
    }
    for (unsigned level = 0; level < SV39_LEVELS; level++) {
        struct tlb_entry *e = set_of(t, va, level);
        for (unsigned way = 0; way < TLB_WAYS; way++, e++) {
            if (maps(t, e, page_base(va, level), level) && !spared(e, any_asid, asid)) evict(t, e);
        }
    }
}
