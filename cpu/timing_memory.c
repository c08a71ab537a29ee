// SPDX-License-Identifier: MIT
// Caches, TLBs and page walks of the timing model (see timing.h). Only what the access tables do
// not serve comes here; whatever leaves the data cache or the data TLB leaves the tables too.
#include "cpu/hart.h"
#include "cpu/timing.h"

enum { NOT_FOUND = -1, LFSR_BITS = 16 };

// --- Caches

static int find_way(const struct cache *c, uint64_t line) {
    const uint32_t base = (uint32_t)(line & (c->sets - 1)) * c->ways;
    for (uint32_t way = 0; way < c->ways; way++) {
        if (c->tag[base + way] == line + 1) return (int)(base + way);
    }
    return NOT_FOUND;
}

// Fibonacci LFSR of the polynomial x^16 + x^14 + x^13 + x^11 + 1.
static uint16_t next_random(uint32_t s) {
    const uint32_t bit = (s >> 15 ^ s >> 13 ^ s >> 12 ^ s >> 10) & 1;
    return (uint16_t)(s << 1 | bit);
}

// Which entry a new line takes.
static uint32_t choose_victim(struct cache *c, uint64_t line) {
    const uint32_t set = (uint32_t)(line & (c->sets - 1));
    uint32_t way;
    if (c->fifo) {
        way = c->turn[set];
        c->turn[set] = (uint8_t)((way + 1) % c->ways);
    } else {
        way = c->high_bits ? (uint32_t)c->lfsr * c->ways >> LFSR_BITS : c->lfsr & (c->ways - 1);
        if (!c->high_bits) c->lfsr = next_random(c->lfsr);
    }
    return set * c->ways + way;
}

// A line leaves the data cache. Is it dirty?
static bool evict(struct hart *h, uint32_t slot) {
    struct cache *c = &h->timing->l1d;
    if (c->alias[slot] != UINT64_MAX) mmu_forget_granule(&h->mmu, c->alias[slot] << LINE_SHIFT);
    const bool dirty = c->dirty[slot];
    c->tag[slot] = 0;
    c->alias[slot] = UINT64_MAX;
    c->dirty[slot] = false;
    return dirty;
}

// The second level gets a line. false: from memory. *evicts: another one made room.
static bool ask_l2(struct hart *h, uint64_t line, bool *evicts) {
    struct timing *t = h->timing;
    struct cache *c = &t->l2;
    *evicts = false;
    if (!c->sets) return false;
    t->event[EVENT_l2_access]++;
    c->lfsr = next_random(c->lfsr);
    if (find_way(c, line) != NOT_FOUND) return true;
    t->event[EVENT_l2_miss]++;
    const uint32_t slot = choose_victim(c, line);
    if (c->tag[slot]) { // "inclusive": the data cache loses it as well
        const int above = find_way(&t->l1d, c->tag[slot] - 1);
        if (above != NOT_FOUND) evict(h, (uint32_t)above);
        *evicts = true;
    }
    c->tag[slot] = line + 1;
    c->dirty[slot] = false;
    return false;
}

static void write_back(struct timing *t, uint64_t line) {
    t->event[EVENT_l1d_writeback]++;
    if (!t->l2.sets) return;
    const int slot = find_way(&t->l2, line);
    t->l2.lfsr = next_random(t->l2.lfsr);
    if (slot != NOT_FOUND) t->l2.dirty[slot] = true;
}

// A data cache miss: brings the line, and says what that costs beyond a hit.
static uint64_t refill(struct hart *h, uint64_t line, uint32_t *slot, enum stall *why) {
    struct timing *t = h->timing;
    const struct core *c = &t->core;
    bool l2_evicts;
    const bool in_l2 = ask_l2(h, line, &l2_evicts);
    *slot = choose_victim(&t->l1d, line);
    const uint64_t old = t->l1d.tag[*slot];
    const bool dirty = evict(h, *slot);
    if (dirty) write_back(t, old - 1);
    t->l1d.tag[*slot] = line + 1;
    *why = in_l2 ? STALL_dcache : STALL_dcache_memory;
    if (in_l2) return c->l1d_l2 + (dirty ? c->l1d_dirty : 0);
    return c->mem_latency + c->l1d_mem + (dirty ? c->l1d_mem_dirty : 0) +
           (l2_evicts ? c->l2_evict : 0);
}

// An access to the data cache at pa. alias: the virtual line, or UINT64_MAX where the access tables
// do not learn it (a walk).
static uint64_t data_cache(struct hart *h, uint64_t pa, uint64_t alias, bool store,
                           enum stall *why) {
    struct timing *t = h->timing;
    const uint64_t line = pa >> LINE_SHIFT;
    const int found = find_way(&t->l1d, line);
    uint32_t slot = (uint32_t)found;
    uint64_t cycles = 0;
    if (found == NOT_FOUND) {
        t->event[store ? EVENT_l1d_store_miss : EVENT_l1d_load_miss]++;
        cycles = refill(h, line, &slot, why);
    }
    if (store) t->l1d.dirty[slot] = true;
    uint64_t *known = &t->l1d.alias[slot];
    if (alias == UINT64_MAX || *known == alias) return cycles;
    if (*known != UINT64_MAX) mmu_forget_granule(&h->mmu, *known << LINE_SHIFT);
    *known = alias;
    return cycles;
}

// --- TLBs

enum { ANY_SPACE = 0xffff };

static uint64_t page_number(uint64_t va, unsigned level) {
    return va >> (PAGE_SHIFT + SV39_INDEX_BITS * level);
}

static uint64_t group_of(const struct tlb_model *m, uint64_t va, unsigned level) {
    return (page_number(va, level) >> m->sector_bits) + 1;
}

static uint8_t sector_of(const struct tlb_model *m, uint64_t va, unsigned level) {
    return (uint8_t)(1u << (page_number(va, level) & ((1u << m->sector_bits) - 1)));
}

static struct tlb_model_entry *find_group(const struct tlb_model *m, uint64_t va, uint16_t asid) {
    for (uint32_t i = 0; i < m->entries; i++) {
        struct tlb_model_entry *e = &m->entry[i];
        if (e->group != group_of(m, va, e->level)) continue;
        if (e->asid == asid || e->asid == ANY_SPACE) return e;
    }
    return NULL;
}

static bool tlb_has(const struct tlb_model *m, uint64_t va, uint16_t asid) {
    const struct tlb_model_entry *e = find_group(m, va, asid);
    return e && e->has & sector_of(m, va, e->level);
}

static bool tlb_hit(const struct timing_tlb *t, uint64_t va, uint16_t asid) {
    return tlb_has(&t->small, va, asid) || tlb_has(&t->large, va, asid) ||
           tlb_has(&t->piece, va, asid);
}

// A group leaves the data TLB: the lines of its pages leave the access tables.
static void forget_group(struct hart *h, const struct tlb_model *m,
                         const struct tlb_model_entry *e) {
    struct cache *c = &h->timing->l1d;
    const unsigned page_bits = PAGE_SHIFT + SV39_INDEX_BITS * (unsigned)e->level;
    const unsigned shift = page_bits + m->sector_bits - LINE_SHIFT;
    for (uint32_t i = 0; i < c->sets * c->ways; i++) {
        if (c->alias[i] >> shift != e->group - 1) continue;
        mmu_forget_granule(&h->mmu, c->alias[i] << LINE_SHIFT);
        c->alias[i] = UINT64_MAX;
    }
}

// Puts a page in, in place of the oldest group unless its own is there.
static void tlb_put(struct hart *h, struct tlb_model *m, uint64_t va, unsigned level, uint16_t asid,
                    bool data) {
    struct tlb_model_entry *e = find_group(m, va, asid);
    if (!e || e->level != level) {
        e = &m->entry[m->next];
        m->next = (m->next + 1) % m->entries;
        if (e->group && data) forget_group(h, m, e);
        *e = (struct tlb_model_entry){group_of(m, va, level), asid, (uint8_t)level, 0};
    }
    e->has |= sector_of(m, va, level);
}

static uint64_t l2tlb_tag(uint64_t va, uint16_t asid) {
    return (page_number(va, 0) + 1) | (uint64_t)asid << 48;
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
        enum stall why;
        if (!last && walk_cache_hit(t, walk->step[i].pte_addr)) {
            cycles += t->core.walk_cached;
            continue;
        }
        t->event[EVENT_pte_read]++;
        cycles +=
            t->core.walk_read + data_cache(h, walk->step[i].pte_addr, UINT64_MAX, false, &why);
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

// A miss in the first-level TLB: the second level, then the walk.
static uint64_t refill_tlb(struct hart *h, struct timing_tlb *tlb, uint64_t va,
                           enum access access) {
    struct timing *t = h->timing;
    const struct core *c = &t->core;
    const bool data = access != ACCESS_FETCH;
    const uint16_t asid = mmu_asid(&h->mmu);
    uint64_t *second = c->l2tlb ? l2tlb_entry(t, va) : NULL;
    if (second && *second == l2tlb_tag(va, asid)) {
        const uint64_t cycles = data ? c->dtlb_l2 : c->itlb_l2;
        tlb_put(h, &tlb->small, va, 0, asid, data);
        t->stall[data ? STALL_dtlb : STALL_itlb] += cycles;
        return cycles;
    }
    const struct walk_result walk = mmu_probe_access(&h->mmu, va, access);
    const uint64_t cycles = (data ? c->dtlb_walk : c->itlb_walk) + read_ptes(h, &walk);
    t->event[EVENT_walk]++;
    t->event[EVENT_l2tlb_miss]++;
    t->stall[STALL_walk] += cycles;
    const uint16_t space = walk.pte & PTE_G ? ANY_SPACE : asid;
    struct tlb_model *kept = kept_in(&h->mmu, tlb, &walk);
    tlb_put(h, kept, va, kept == &tlb->piece ? 0 : walk.level, space, data);
    if (!walk.level && second && walk.reason == WALK_OK) *second = l2tlb_tag(va, asid);
    return cycles;
}

static uint64_t data_tlb(struct hart *h, uint64_t va, bool store) {
    struct timing *t = h->timing;
    if (tlb_hit(&t->dtlb, va, mmu_asid(&h->mmu))) return 0;
    t->event[store ? EVENT_dtlb_store_miss : EVENT_dtlb_load_miss]++;
    return refill_tlb(h, &t->dtlb, va, store ? ACCESS_STORE : ACCESS_LOAD);
}

static void empty_tlb(struct tlb_model *m, bool all, uint64_t va) {
    for (uint32_t i = 0; i < m->entries; i++) {
        struct tlb_model_entry *e = &m->entry[i];
        if (all || e->group == group_of(m, va, e->level)) e->group = 0;
    }
}

static void empty_tlbs(struct timing_tlb *t, bool all, uint64_t va) {
    empty_tlb(&t->small, all, va);
    empty_tlb(&t->large, all, va);
    empty_tlb(&t->piece, all, va);
}

void timing_fence(struct hart *h, bool all, uint64_t va) {
    struct timing *t = h->timing;
    empty_tlbs(&t->itlb, all, va);
    empty_tlbs(&t->dtlb, all, va);
    for (uint32_t i = 0; all && i < t->core.l2tlb; i++) t->l2tlb[i] = 0;
    for (uint32_t i = 0; i < t->core.walk_cache; i++) t->walk_pte[i] = 0;
    if (!all && t->core.l2tlb) *l2tlb_entry(t, va) = 0;
    t->fetch_line = t->fetch_page = UINT64_MAX;
}

// --- Events

uint64_t timing_access(struct hart *h, uint64_t va, bool store) {
    struct timing *t = h->timing;
    const struct mmu_seen *seen = &h->mmu.seen;
    if (seen->table_hit) return t->core.misaligned; // in a line that the tables know
    const uint64_t delay = seen->translated ? data_tlb(h, va, store) : 0;
    if (seen->memory && mmu_is_ram(&h->mmu, seen->pa)) {
        enum stall why = STALL_dcache;
        const uint64_t line = data_cache(h, seen->pa, va >> LINE_SHIFT, store, &why);
        t->stall[why] += line;
        return delay + line;
    }
    t->stall[STALL_uncached] += t->core.uncached;
    return delay + t->core.uncached;
}

uint64_t timing_fault(struct hart *h, uint64_t va, bool store) {
    return mmu_translates_data(&h->mmu) ? data_tlb(h, va, store) : 0;
}

uint64_t timing_fetch(struct hart *h, uint64_t va, uint64_t pa) {
    struct timing *t = h->timing;
    const struct core *c = &t->core;
    uint64_t cycles = 0;
    const uint64_t page = va >> PAGE_SHIFT;
    if (page != t->fetch_page || h->mmu.fetch_key != t->fetch_key) {
        t->fetch_page = page;
        t->fetch_key = h->mmu.fetch_key;
        if (mmu_translates_fetch(&h->mmu) && !tlb_hit(&t->itlb, va, mmu_asid(&h->mmu))) {
            t->event[EVENT_itlb_miss]++;
            cycles = refill_tlb(h, &t->itlb, va, ACCESS_FETCH);
        }
    }
    t->event[EVENT_l1i_access]++;
    const uint64_t line = pa >> LINE_SHIFT;
    if (find_way(&t->l1i, line) != NOT_FOUND || !mmu_is_ram(&h->mmu, pa)) return cycles;
    t->event[EVENT_l1i_miss]++;
    bool l2_evicts;
    const bool in_l2 = ask_l2(h, line, &l2_evicts);
    const uint64_t miss =
        in_l2 ? c->l1i_l2 : c->mem_latency + c->l1i_mem + (l2_evicts ? c->l2_evict : 0);
    t->stall[in_l2 ? STALL_icache : STALL_icache_memory] += miss;
    t->l1i.tag[choose_victim(&t->l1i, line)] = line + 1;
    return cycles + miss;
}

int64_t timing_trap(struct timing *t) {
    t->stall[STALL_trap] += t->core.trap;
    t->redirected = true;
    return t->core.trap;
}

void timing_fence_i(struct timing *t) {
    for (uint32_t i = 0; i < t->l1i.sets * t->l1i.ways; i++) t->l1i.tag[i] = 0;
    t->fetch_line = UINT64_MAX;
}
