// SPDX-License-Identifier: MIT
// TLBs and page walks of the timing model (see timing.h). What leaves the data TLB leaves the
// access tables too; hits in the tables are not seen here, so that the data TLB's order of use is
// that of the accesses that missed in the data cache.
#include <stdlib.h>
#include <string.h>

#include "cpu/hart.h"
#include "cpu/timing.h"

enum { ANY_SPACE = 0xffff, TAG_LEVEL_SHIFT = 40, TAG_SPACE_SHIFT = 48, VPN_BITS = 39 - PAGE_SHIFT };
static const uint32_t NOT_FOUND = UINT32_MAX;

// --- Life

static bool make_tlb(struct tlb_model *m, uint32_t entries, uint32_t sectors) {
    m->sector_bits = 31 - (unsigned)__builtin_clz(sectors);
    m->entries = entries > sectors ? entries / sectors : 1;
    m->tag = calloc(m->entries, sizeof *m->tag);
    m->has = calloc(m->entries, sizeof *m->has);
    return m->tag && m->has;
}

static bool make_tlbs(struct timing_tlb *t, const struct core *c, uint32_t entries) {
    return make_tlb(&t->small, entries, c->tlb_sectors) && make_tlb(&t->large, c->superpages, 1) &&
           make_tlb(&t->piece, 1, 1);
}

static void free_tlb(struct tlb_model *m) {
    free(m->tag);
    free(m->has);
}

static void free_tlbs(struct timing_tlb *t) {
    free_tlb(&t->small);
    free_tlb(&t->large);
    free_tlb(&t->piece);
}

static uint32_t cache_lines(const struct cache *c) { return c->sets * c->ways; }

// The rings: lines of the data cache, then that of lines without translation, then entries.
static uint32_t ring_without_translation(const struct timing *t) { return cache_lines(&t->l1d); }

static bool make_rings(struct timing *t) {
    struct timing_tlb *d = &t->dtlb;
    const uint32_t lines = cache_lines(&t->l1d);
    d->small.ring = ring_without_translation(t) + 1;
    d->large.ring = d->small.ring + d->small.entries;
    d->piece.ring = d->large.ring + d->large.entries;
    t->rings = d->piece.ring + d->piece.entries;
    t->ring = calloc(t->rings, sizeof *t->ring);
    t->owner = calloc(lines, sizeof *t->owner);
    return t->ring && t->owner;
}

bool timing_make_tlbs(struct timing *t) {
    const struct core *c = &t->core;
    t->l2tlb = calloc(c->l2tlb + 1, sizeof *t->l2tlb);
    t->walk_pte = calloc(c->walk_cache + 1, sizeof *t->walk_pte);
    t->dtlb.data = true;
    return t->l2tlb && t->walk_pte && make_tlbs(&t->itlb, c, c->itlb) &&
           make_tlbs(&t->dtlb, c, c->dtlb) && make_rings(t);
}

void timing_free_tlbs(struct timing *t) {
    free(t->l2tlb);
    free(t->walk_pte);
    free_tlbs(&t->itlb);
    free_tlbs(&t->dtlb);
    free(t->ring);
    free(t->owner);
}

static void empty_tlb(struct tlb_model *m) {
    if (!m->used) return;
    memset(m->tag, 0, m->entries * sizeof *m->tag);
    memset(m->filter, 0, sizeof m->filter);
    m->used = false;
    m->full = 0;
}

static void empty_tlbs(struct timing_tlb *t) {
    empty_tlb(&t->small);
    empty_tlb(&t->large);
    empty_tlb(&t->piece);
    t->globals = false;
}

static void reset_tlb(struct tlb_model *m) {
    empty_tlb(m);
    plru_init(&m->order, m->entries);
    m->last = 0;
}

static void reset_tlbs(struct timing_tlb *t) {
    empty_tlbs(t);
    reset_tlb(&t->small);
    reset_tlb(&t->large);
    reset_tlb(&t->piece);
}

void timing_reset_tlbs(struct timing *t) {
    t->fenced = false;
    reset_tlbs(&t->itlb);
    reset_tlbs(&t->dtlb);
    memset(t->l2tlb, 0, t->core.l2tlb * sizeof *t->l2tlb);
    memset(t->walk_pte, 0, t->core.walk_cache * sizeof *t->walk_pte);
    for (uint32_t i = 0; i < t->rings; i++) t->ring[i] = (struct ring){(uint16_t)i, (uint16_t)i};
    memset(t->owner, 0, cache_lines(&t->l1d) * sizeof *t->owner);
}

// --- Lines that the access tables know

static void leave_ring(struct timing *t, uint32_t slot) {
    const struct ring at = t->ring[slot];
    t->ring[at.previous].next = at.next;
    t->ring[at.next].previous = at.previous;
}

static void know_line(struct timing *t, uint32_t slot, uint32_t owner) {
    if (t->owner[slot] == owner) return;
    if (t->owner[slot]) leave_ring(t, slot);
    t->owner[slot] = (uint16_t)owner;
    const uint16_t next = t->ring[owner].next;
    t->ring[slot] = (struct ring){next, (uint16_t)owner};
    t->ring[owner].next = t->ring[next].previous = (uint16_t)slot;
}

void timing_know_line(struct timing *t, uint32_t slot, bool translated) {
    know_line(t, slot, translated ? t->data_ring : ring_without_translation(t));
}

void timing_forget_line(struct timing *t, uint32_t slot) {
    if (t->owner[slot]) leave_ring(t, slot);
    t->owner[slot] = 0;
}

// An entry of the data TLB gets another page.
static void forget_ring(struct hart *h, uint32_t owner) {
    struct timing *t = h->timing;
    uint32_t at = t->ring[owner].next;
    while (at != owner) {
        mmu_forget_granule(&h->mmu, t->l1d.alias[at] << LINE_SHIFT);
        t->l1d.alias[at] = UINT64_MAX;
        t->owner[at] = 0;
        at = t->ring[at].next;
    }
    t->ring[owner] = (struct ring){(uint16_t)owner, (uint16_t)owner};
}

// --- A TLB

static uint64_t page_number(uint64_t va) {
    return va >> PAGE_SHIFT & ((UINT64_C(1) << VPN_BITS) - 1);
}

static uint64_t tlb_tag(const struct tlb_model *m, uint64_t va, unsigned level, uint16_t asid) {
    const uint64_t group = page_number(va) >> (SV39_INDEX_BITS * level) >> m->sector_bits;
    return (group + 1) | (uint64_t)level << TAG_LEVEL_SHIFT | (uint64_t)asid << TAG_SPACE_SHIFT;
}

static uint8_t sector_of(const struct tlb_model *m, uint64_t va) {
    return (uint8_t)(1u << (page_number(va) & ((1u << m->sector_bits) - 1)));
}

static uint32_t find_tag(const struct tlb_model *m, uint64_t tag) {
    if (m->tag[m->last] == tag) return m->last;
    if (!m->filter[tag % TLB_FILTER]) return NOT_FOUND;
    uint32_t found = NOT_FOUND;
    for (uint32_t i = 0; i < m->entries; i++) { // to the end: see find_way in timing_memory.c
        if (m->tag[i] == tag) found = i;
    }
    return found;
}

static void give_entry(struct tlb_model *m, uint32_t at, uint64_t tag) { // tag 0: to nobody
    if (m->tag[at]) m->filter[m->tag[at] % TLB_FILTER]--;
    if (tag) m->filter[tag % TLB_FILTER]++;
    m->tag[at] = tag;
    m->has[at] = 0;
}

static void use_entry(struct tlb_model *m, uint32_t at) {
    m->last = at;
    plru_use(&m->order, at);
}

static uint32_t choose_entry(struct tlb_model *m) {
    while (m->full < m->entries && m->tag[m->full]) m->full++;
    if (m->full < m->entries) return m->full;
    return plru_victim(&m->order);
}

// Uses the page's entry, if there is one. *ring: the entry's.
static bool tlb_uses(struct tlb_model *m, uint64_t va, unsigned level, uint16_t asid,
                     uint32_t *ring) {
    const uint32_t at = find_tag(m, tlb_tag(m, va, level, asid));
    if (at == NOT_FOUND || !(m->has[at] & sector_of(m, va))) return false;
    use_entry(m, at);
    *ring = m->ring + at;
    return true;
}

static bool space_uses(struct timing_tlb *t, uint64_t va, uint16_t asid, uint32_t *ring) {
    if (t->small.used && tlb_uses(&t->small, va, 0, asid, ring)) return true;
    if (t->large.used) {
        for (unsigned level = 1; level < SV39_LEVELS; level++) {
            if (tlb_uses(&t->large, va, level, asid, ring)) return true;
        }
    }
    return t->piece.used && tlb_uses(&t->piece, va, 0, asid, ring);
}

static bool tlb_hit(struct timing_tlb *t, uint64_t va, uint16_t asid, uint32_t *ring) {
    return space_uses(t, va, asid, ring) || (t->globals && space_uses(t, va, ANY_SPACE, ring));
}

// Puts a page in, beside its neighbours or in place of another group.
static uint32_t tlb_put(struct hart *h, struct tlb_model *m, uint64_t va, unsigned level,
                        uint16_t asid, bool data) {
    const uint64_t tag = tlb_tag(m, va, level, asid);
    uint32_t at = find_tag(m, tag);
    if (at == NOT_FOUND) {
        at = choose_entry(m);
        if (data) forget_ring(h, m->ring + at);
        give_entry(m, at, tag);
    }
    m->has[at] |= sector_of(m, va);
    m->used = true;
    use_entry(m, at);
    return m->ring + at;
}

static void drop_page(struct tlb_model *m, uint64_t va, unsigned level) {
    const uint64_t mask = (UINT64_C(1) << TAG_SPACE_SHIFT) - 1;
    const uint64_t tag = tlb_tag(m, va, level, 0) & mask;
    for (uint32_t i = 0; i < m->entries; i++) {
        if ((m->tag[i] & mask) != tag) continue;
        m->has[i] &= (uint8_t)~sector_of(m, va);
        if (m->has[i]) continue;
        give_entry(m, i, 0);
        if (i < m->full) m->full = i;
    }
}

static void drop_pages(struct timing_tlb *t, uint64_t va) {
    drop_page(&t->small, va, 0);
    for (unsigned level = 1; level < SV39_LEVELS; level++) drop_page(&t->large, va, level);
    // A piece may be of a page of up to 1 GiB.
    const uint64_t piece = (t->piece.tag[0] - 1) & ((UINT64_C(1) << VPN_BITS) - 1);
    if ((piece ^ page_number(va)) >> (2 * SV39_INDEX_BITS) == 0) empty_tlb(&t->piece);
}

// --- Second level and walks

static uint64_t l2tlb_tag(uint64_t va, uint16_t asid) {
    return (page_number(va) + 1) | (uint64_t)asid << TAG_SPACE_SHIFT;
}

static uint64_t *l2tlb_entry(struct timing *t, uint64_t va) {
    return &t->l2tlb[va >> PAGE_SHIFT & (t->core.l2tlb - 1)];
}

// An upper-level PTE comes from the walker's cache, or goes there in place of the one that was used
// longest ago, which stands last.
static bool walk_cache_hit(struct timing *t, uint64_t pte_addr) {
    const uint32_t entries = t->core.walk_cache;
    uint32_t at = 0;
    if (!entries) return false;
    while (at < entries - 1 && t->walk_pte[at] != pte_addr + 1) at++;
    const bool hit = t->walk_pte[at] == pte_addr + 1;
    for (; at > 0; at--) t->walk_pte[at] = t->walk_pte[at - 1];
    t->walk_pte[0] = pte_addr + 1;
    return hit;
}

// What the PTE reads of a walk cost; those of the leaf level always happen.
static uint64_t read_ptes(struct hart *h, const struct walk_result *walk) {
    struct timing *t = h->timing;
    uint64_t cycles = 0;
    for (unsigned i = 0; i < walk->steps; i++) {
        const bool last = i + 1 == walk->steps;
        if (!last && walk_cache_hit(t, walk->step[i].pte_addr)) {
            cycles += t->core.walk_cached;
            continue;
        }
        t->event[EVENT_pte_read]++;
        cycles += t->core.walk_read + timing_read_pte(h, walk->step[i].pte_addr);
    }
    return cycles;
}

// Where a translation is kept: a superpage of which not all is one kind of memory, with one kind of
// protection, in pieces of 4 KiB.
static struct tlb_model *kept_in(const struct mmu *m, struct timing_tlb *t,
                                 const struct walk_result *walk) {
    const uint64_t size = PAGE_SIZE << (SV39_INDEX_BITS * walk->level);
    const uint64_t base = (walk->pte & PTE_PPN) >> PTE_PPN_SHIFT << PAGE_SHIFT;
    if (walk->level == 0) return &t->small;
    return walk->reason == WALK_OK && !mmu_is_uniform(m, base, size) ? &t->piece : &t->large;
}

// The second level has nothing of the page.
static uint64_t walk_page(struct hart *h, struct timing_tlb *tlb, uint64_t va, enum access access,
                          uint64_t *second, uint32_t *ring) {
    struct timing *t = h->timing;
    const uint16_t asid = mmu_asid(&h->mmu);
    struct walk_result probed;
    const struct walk_result *walk = mmu_last_walk(&h->mmu, va, access);
    if (!walk) {
        probed = mmu_probe_access(&h->mmu, va, access);
        walk = &probed;
    }
    uint64_t cycles = (tlb->data ? t->core.dtlb_walk : t->core.itlb_walk) + read_ptes(h, walk);
    if (!tlb->data && t->fenced) cycles += t->core.itlb_fence;
    if (!tlb->data) t->fenced = false;
    t->event[EVENT_walk]++;
    t->event[EVENT_l2tlb_miss]++;
    t->stall[STALL_walk] += cycles;
    const bool global = (walk->pte & PTE_G) != 0;
    struct tlb_model *kept = kept_in(&h->mmu, tlb, walk);
    const unsigned level = kept == &tlb->piece ? 0 : walk->level;
    if (global) tlb->globals = true;
    *ring = tlb_put(h, kept, va, level, global ? ANY_SPACE : asid, tlb->data);
    if (!walk->level && second && walk->reason == WALK_OK) *second = l2tlb_tag(va, asid);
    return cycles;
}

// A miss in the first-level TLB: the second level, then the walk.
static uint64_t refill_tlb(struct hart *h, struct timing_tlb *tlb, uint64_t va, enum access access,
                           uint32_t *ring) {
    struct timing *t = h->timing;
    const uint16_t asid = mmu_asid(&h->mmu);
    uint64_t *second = t->core.l2tlb ? l2tlb_entry(t, va) : NULL;
    if (!second || *second != l2tlb_tag(va, asid)) {
        return walk_page(h, tlb, va, access, second, ring);
    }
    const uint64_t cycles = tlb->data ? t->core.dtlb_l2 : t->core.itlb_l2;
    *ring = tlb_put(h, &tlb->small, va, 0, asid, tlb->data);
    t->stall[tlb->data ? STALL_dtlb : STALL_itlb] += cycles;
    return cycles;
}

uint64_t timing_data_tlb(struct hart *h, uint64_t va, bool store) {
    struct timing *t = h->timing;
    if (tlb_hit(&t->dtlb, va, mmu_asid(&h->mmu), &t->data_ring)) return 0;
    t->event[store ? EVENT_dtlb_store_miss : EVENT_dtlb_load_miss]++;
    return refill_tlb(h, &t->dtlb, va, store ? ACCESS_STORE : ACCESS_LOAD, &t->data_ring);
}

uint64_t timing_fetch_tlb(struct hart *h, uint64_t va) {
    struct timing *t = h->timing;
    uint32_t ring;
    if (tlb_hit(&t->itlb, va, mmu_asid(&h->mmu), &ring)) return 0;
    t->event[EVENT_itlb_miss]++;
    return refill_tlb(h, &t->itlb, va, ACCESS_FETCH, &ring);
}

// The walker's cache keeps its PTEs where an address is given: they are no leaves.
void timing_fence(struct hart *h, bool all, uint64_t va) {
    struct timing *t = h->timing;
    t->fetch_line = t->fetch_page = UINT64_MAX;
    if (!all) {
        drop_pages(&t->itlb, va);
        drop_pages(&t->dtlb, va);
        if (t->core.l2tlb) *l2tlb_entry(t, va) = 0;
        return;
    }
    t->fenced = true;
    empty_tlbs(&t->itlb);
    empty_tlbs(&t->dtlb);
    memset(t->l2tlb, 0, t->core.l2tlb * sizeof *t->l2tlb);
    memset(t->walk_pte, 0, t->core.walk_cache * sizeof *t->walk_pte);
}

// --- For people and tools

static bool holds(const struct tlb_model *m, uint64_t va, unsigned level, uint16_t asid) {
    const uint32_t at = find_tag(m, tlb_tag(m, va, level, asid));
    return at != NOT_FOUND && (m->has[at] & sector_of(m, va)) != 0;
}

static bool tlb_holds(const struct timing_tlb *t, uint64_t va, uint16_t asid) {
    bool found = holds(&t->small, va, 0, asid) || holds(&t->piece, va, 0, asid);
    for (unsigned level = 1; level < SV39_LEVELS; level++) {
        found = found || holds(&t->large, va, level, asid);
    }
    return found;
}

static bool walk_cache_holds(const struct timing *t, uint64_t pte_addr) {
    for (uint32_t i = 0; i < t->core.walk_cache; i++) {
        if (t->walk_pte[i] == pte_addr + 1) return true;
    }
    return false;
}

void timing_probe_walk(const struct hart *h, uint64_t va, uint16_t asid, enum access access,
                       const struct walk_result *walk, struct walk_cost *cost) {
    struct timing *t = h->timing;
    const struct core *c = &t->core;
    const struct timing_tlb *tlb = access == ACCESS_FETCH ? &t->itlb : &t->dtlb;
    struct probed_reads before = {0, 0};
    *cost = (struct walk_cost){.in_tlb = tlb_holds(tlb, va, asid) || tlb_holds(tlb, va, ANY_SPACE),
                               .in_l2tlb = c->l2tlb && *l2tlb_entry(t, va) == l2tlb_tag(va, asid),
                               .l2tlb = tlb->data ? c->dtlb_l2 : c->itlb_l2,
                               .start = tlb->data ? c->dtlb_walk : c->itlb_walk};
    cost->walk = cost->start;
    for (unsigned i = 0; i < walk->steps; i++) {
        const uint64_t pte = walk->step[i].pte_addr;
        const bool kept = i + 1 < walk->steps && walk_cache_holds(t, pte);
        cost->pte[i] = kept ? c->walk_cached : c->walk_read + timing_probe_pte(h, pte, &before);
        cost->walk += cost->pte[i];
    }
    cost->now = cost->in_tlb ? 0 : cost->in_l2tlb ? cost->l2tlb : cost->walk;
}
