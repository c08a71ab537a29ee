// SPDX-License-Identifier: MIT
// Between mmu/mmu.c and mmu/access.c: a virtual address becomes a physical one. Nobody else
// includes it.
#ifndef TABLEWALK_MMU_TRANSLATE_H
#define TABLEWALK_MMU_TRANSLATE_H

#include "mmu/mmu.h"

static inline void gib_add(struct gib_set *s, uint64_t va) {
    s->word[va >> 36 & 7] |= UINT64_C(1) << (va >> 30 & 63);
}
static inline bool gib_has(const struct gib_set *s, uint64_t va) {
    return s->word[va >> 36 & 7] >> (va >> 30 & 63) & 1;
}

// The entry of the access table, and of the one for fetches, where va belongs.
static inline struct access_entry *load_entry(struct mmu *m, uint64_t va) {
    return &m->load[(va >> m->granule_shift) % LOAD_ENTRIES];
}
static inline struct access_entry *store_entry(struct mmu *m, uint64_t va) {
    return &m->store[(va >> m->granule_shift) % STORE_ENTRIES];
}
static inline struct fetch_entry *fetch_entry(struct mmu *m, uint64_t va) {
    return &m->fetch[(va >> PAGE_SHIFT) % FETCH_ENTRIES];
}

struct translation {
    uint64_t pa;
    unsigned level;           // size of the page it came from
    bool local;               // by a PTE that is not global
    enum privilege privilege; // with which the access is made
};

// The bit of a page in fetch_pages_seen.
static inline uint64_t fetch_page_word(uint64_t va) {
    return (va >> PAGE_SHIFT) / 64 % FETCH_PAGE_WORDS;
}
static inline uint64_t fetch_page_bit(uint64_t va) {
    return UINT64_C(1) << (va >> PAGE_SHIFT) % 64;
}

// Translates va for access in the current context: TLB, then walk. false: m->fault. PMP and memory
// map are not looked at for the access itself.
bool mmu_translate(struct mmu *m, uint64_t va, enum access access,
                   struct translation *t) MUST_CHECK;

// Notes why an access fails. Returns false.
bool mmu_fail(struct mmu *m, uint64_t va, enum access access, enum walk_reason reason);

#endif
