// SPDX-License-Identifier: MIT
// Caches of the timing model, and where its events arrive (see timing.h). Only what the access
// tables do not serve comes here; whatever leaves the data cache leaves the tables too.
#include "cpu/hart.h"
#include "cpu/timing.h"

enum { NOT_FOUND = -1, LFSR_BITS = 16 };

// --- Caches

// A way with this tag, or NOT_FOUND. To the end in any case: where a line is can't be foretold,
// which would cost the host more. The number of ways is a power of two.
static int find_way(const struct cache *c, uint64_t line) {
    const uint32_t base = (uint32_t)(line & (c->sets - 1)) * c->ways;
    const uint64_t *tag = c->tag + base, wanted = line + 1;
    uint32_t found = UINT32_MAX, way = 0;
    for (; way + 4 <= c->ways; way += 4) {
        found = tag[way] == wanted ? way : found;
        found = tag[way + 1] == wanted ? way + 1 : found;
        found = tag[way + 2] == wanted ? way + 2 : found;
        found = tag[way + 3] == wanted ? way + 3 : found;
    }
    for (; way < c->ways; way++) found = tag[way] == wanted ? way : found;
    return found == UINT32_MAX ? NOT_FOUND : (int)(base + found);
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
    if (c->alias[slot] != UINT64_MAX) {
        mmu_forget_granule(&h->mmu, c->alias[slot] << LINE_SHIFT);
        timing_forget_line(h->timing, slot);
    }
    const bool dirty = c->dirty[slot];
    c->tag[slot] = 0;
    c->alias[slot] = UINT64_MAX;
    c->dirty[slot] = false;
    return dirty;
}

// The second level asks the data cache for a line before it gives it away. The cache may have it no
// more: clean lines go without a word. "Inclusive": a line that leaves the second level leaves the
// data cache as well.
static void take_back(struct hart *h, uint32_t slot, bool leaves) {
    struct cache *c = &h->timing->l2;
    const int above = find_way(&h->timing->l1d, c->tag[slot] - 1);
    if (above != NOT_FOUND && leaves) evict(h, (uint32_t)above);
    c->lent[slot] = above != NOT_FOUND && !leaves;
}

// The second level gets a line for the data cache, or for the instruction cache. false: from
// memory. *probes: the data cache was asked for a line first.
static bool ask_l2(struct hart *h, uint64_t line, bool data, bool *probes) {
    struct timing *t = h->timing;
    struct cache *c = &t->l2;
    *probes = false;
    if (!c->sets) return false;
    t->event[EVENT_l2_access]++;
    c->lfsr = next_random(c->lfsr);
    const int found = find_way(c, line);
    const uint32_t slot = found != NOT_FOUND ? (uint32_t)found : choose_victim(c, line);
    *probes = c->lent[slot] && !(data && found != NOT_FOUND);
    if (*probes) take_back(h, slot, found == NOT_FOUND);
    c->tag[slot] = line + 1;
    c->lent[slot] |= data;
    if (found == NOT_FOUND) t->event[EVENT_l2_miss]++;
    return found != NOT_FOUND;
}

static void write_back(struct timing *t, uint64_t line) {
    t->event[EVENT_l1d_writeback]++;
    if (!t->l2.sets) return;
    const int slot = find_way(&t->l2, line);
    t->l2.lfsr = next_random(t->l2.lfsr);
    if (slot != NOT_FOUND) t->l2.lent[slot] = false;
}

// A data cache miss: brings the line, and says what that costs beyond a hit. A dirty line leaves
// before the new one is asked for.
static uint64_t refill(struct hart *h, uint64_t line, uint32_t *slot, enum stall *why) {
    struct timing *t = h->timing;
    const struct core *c = &t->core;
    bool probes;
    *slot = choose_victim(&t->l1d, line);
    const uint64_t old = t->l1d.tag[*slot];
    const bool dirty = evict(h, *slot);
    if (dirty) write_back(t, old - 1);
    const bool in_l2 = ask_l2(h, line, true, &probes);
    t->l1d.tag[*slot] = line + 1;
    *why = in_l2 ? STALL_dcache : STALL_dcache_memory;
    if (in_l2) return c->l1d_l2 + (dirty ? c->l1d_dirty : 0);
    return c->mem_latency + c->l1d_mem + (dirty ? c->l1d_mem_dirty : 0) +
           (probes ? c->l1d_probe : 0);
}

// An access to the data cache at pa. alias: the virtual line, or UINT64_MAX where the access tables
// do not learn it (a walk).
static uint64_t data_cache(struct hart *h, uint64_t pa, uint64_t alias, bool translated, bool store,
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
    if (alias == UINT64_MAX) return cycles;
    if (*known != UINT64_MAX && *known != alias) mmu_forget_granule(&h->mmu, *known << LINE_SHIFT);
    *known = alias;
    timing_know_line(t, slot, translated);
    return cycles;
}

uint64_t timing_read_pte(struct hart *h, uint64_t pa) {
    enum stall why;
    return data_cache(h, pa, UINT64_MAX, false, false, &why);
}

// The entry that a new line would take once the LFSR was stepped so often; nothing changes.
static uint32_t probe_victim(const struct cache *c, uint64_t line, unsigned steps) {
    const uint32_t set = (uint32_t)(line & (c->sets - 1));
    uint16_t random = c->lfsr;
    while (steps-- > 0) random = next_random(random);
    const uint32_t way = c->fifo        ? c->turn[set]
                         : c->high_bits ? (uint32_t)random * c->ways >> LFSR_BITS
                                        : random & (c->ways - 1);
    return set * c->ways + way;
}

uint64_t timing_probe_pte(const struct hart *h, uint64_t pa, struct probed_reads *before) {
    const struct timing *t = h->timing;
    const struct core *c = &t->core;
    const uint64_t line = pa >> LINE_SHIFT;
    if (find_way(&t->l1d, line) != NOT_FOUND) return 0;
    const bool in_l2 = t->l2.sets && find_way(&t->l2, line) != NOT_FOUND;
    const uint32_t leaves = probe_victim(&t->l1d, line, before->misses);
    const bool dirty = t->l1d.dirty[leaves];
    before->misses++;
    before->l2 += 1u + dirty;
    if (in_l2) return c->l1d_l2 + (dirty ? c->l1d_dirty : 0);
    const uint32_t goes = t->l2.sets ? probe_victim(&t->l2, line, before->l2) : 0;
    const bool written_back = dirty && t->l2.tag[goes] == t->l1d.tag[leaves];
    return c->mem_latency + c->l1d_mem + (dirty ? c->l1d_mem_dirty : 0) +
           (t->l2.lent[goes] && !written_back ? c->l1d_probe : 0);
}

// --- Events

uint64_t timing_access(struct hart *h, uint64_t va, bool store) {
    struct timing *t = h->timing;
    const struct mmu_seen *seen = &h->mmu.seen;
    if (seen->table_hit) return t->core.misaligned; // in a line that the tables know
    const uint64_t delay = seen->translated ? timing_data_tlb(h, va, store) : 0;
    if (seen->ram) {
        enum stall why = STALL_dcache;
        const uint64_t line =
            data_cache(h, seen->pa, va >> LINE_SHIFT, seen->translated, store, &why);
        t->stall[why] += line;
        return delay + line;
    }
    t->stall[STALL_uncached] += t->core.uncached;
    return delay + t->core.uncached;
}

uint64_t timing_fault(struct hart *h, uint64_t va, bool store) {
    return mmu_translates_data(&h->mmu) ? timing_data_tlb(h, va, store) : 0;
}

// What is left of a fetch's delay: a part may have passed while the pipeline stalled before.
static uint64_t not_hidden(const struct timing *t, uint64_t cycles, uint64_t now) {
    const uint64_t hidden = now > t->ahead ? now - t->ahead : 0;
    return cycles > hidden ? cycles - hidden : 0;
}

uint64_t timing_fetch(struct hart *h, uint64_t va, uint64_t pa, uint64_t now) {
    struct timing *t = h->timing;
    const struct core *c = &t->core;
    uint64_t cycles = 0;
    const uint64_t page = va >> PAGE_SHIFT;
    if (page != t->fetch_page || h->mmu.fetch_key != t->fetch_key) {
        t->fetch_page = page;
        t->fetch_key = h->mmu.fetch_key;
        if (mmu_translates_fetch(&h->mmu)) cycles = timing_fetch_tlb(h, va);
    }
    t->event[EVENT_l1i_access]++;
    const uint64_t line = pa >> LINE_SHIFT;
    if (find_way(&t->l1i, line) != NOT_FOUND || !mmu_is_ram(&h->mmu, pa)) return cycles;
    t->event[EVENT_l1i_miss]++;
    bool probes;
    const bool in_l2 = ask_l2(h, line, false, &probes);
    const uint64_t refill =
        (in_l2 ? c->l1i_l2 : c->mem_latency + c->l1i_mem) + (probes ? c->l1i_probe : 0);
    const uint64_t miss = not_hidden(t, refill, now);
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
