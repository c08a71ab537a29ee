// SPDX-License-Identifier: MIT
// The TLB against a plain list of what was put in: what is found, what a fence takes away and what
// it leaves, and that an entry goes only for another one of its set.
#include "mmu/tlb.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "testsuite/unit/random.h"

enum { LISTED = 4096, SPACES = 3, STEPS = 60000 };

struct listed {
    uint64_t va, pte;
    unsigned level;
    uint16_t asid;
};

struct bench {
    struct tlb tlb;
    struct listed list[LISTED]; // entries that the TLB holds
    unsigned count;
};

static struct bench *start(void) {
    struct bench *b = calloc(1, sizeof *b);
    cr_assert_not_null(b);
    tlb_reset(&b->tlb);
    return b;
}

static uint64_t bytes_of(unsigned level) { return PAGE_SIZE << 9 * level; }

static bool maps(const struct listed *e, uint64_t va) {
    return e->va / bytes_of(e->level) == va / bytes_of(e->level);
}

static bool serves(const struct listed *e, uint16_t asid) {
    return e->asid == asid || (e->pte & PTE_G);
}

// Few pages of each size, so that they meet.
static uint64_t draw_va(uint64_t *seed, unsigned level) {
    return draw_below(seed, 40) * bytes_of(level) + (draw(seed) & (bytes_of(level) - 1));
}

static void drop(struct bench *b, unsigned i) { b->list[i] = b->list[--b->count]; }

static void fill(struct bench *b, uint64_t *seed) {
    struct listed e = {.level = draw_below(seed, SV39_LEVELS),
                       .asid = (uint16_t)draw_below(seed, SPACES),
                       .pte = PTE_V | (draw(seed) & ~(uint64_t)PTE_G)};
    if (one_in(seed, 8)) e.pte |= PTE_G;
    e.va = draw_va(seed, e.level);
    struct tlb_entry evicted;
    const struct tlb_entry *put =
        tlb_fill(&b->tlb, e.va, e.asid, e.pte, e.va ^ 8, e.level, &evicted);
    cr_assert(put->page == e.va - e.va % bytes_of(e.level) && put->pte == e.pte &&
              put->pte_addr == (e.va ^ 8) && put->asid == e.asid && put->level == e.level);
    bool found = !(evicted.pte & PTE_V);
    for (unsigned i = 0; i < b->count && !found; i++) {
        const struct listed *old = &b->list[i];
        if (old->pte != evicted.pte || old->asid != evicted.asid || !maps(old, evicted.page))
            continue;
        found = true;
        drop(b, i);
    }
    cr_assert(found, "what had to go was there");
    for (unsigned i = 0; i < b->count; i++)
        cr_assert_not(b->list[i].level == e.level && b->list[i].asid == e.asid &&
                          maps(&b->list[i], e.va),
                      "of the same page and space there is one");
    cr_assert_lt(b->count, (unsigned)LISTED);
    b->list[b->count++] = e;
}

static void flush(struct bench *b, uint64_t *seed) {
    const bool all = one_in(seed, 4), any_asid = one_in(seed, 3);
    const uint16_t asid = (uint16_t)draw_below(seed, SPACES);
    const uint64_t va = draw_va(seed, draw_below(seed, SV39_LEVELS));
    tlb_flush(&b->tlb, all, va, any_asid, asid);
    for (unsigned i = 0; i < b->count;) {
        const struct listed *e = &b->list[i];
        const bool meant =
            (all || maps(e, va)) && (any_asid || (e->asid == asid && !(e->pte & PTE_G)));
        if (meant) {
            drop(b, i);
        } else {
            i++;
        }
    }
}

static void look(struct bench *b, uint64_t *seed) {
    const uint16_t asid = (uint16_t)draw_below(seed, SPACES);
    const uint64_t va = draw_va(seed, draw_below(seed, SV39_LEVELS));
    const struct tlb_entry *e = tlb_find(&b->tlb, va, asid);
    bool expected = false, right = !e;
    for (unsigned i = 0; i < b->count; i++) {
        if (!maps(&b->list[i], va) || !serves(&b->list[i], asid)) continue;
        expected = true;
        right = right || (e->pte == b->list[i].pte && e->level == b->list[i].level);
    }
    cr_assert_eq(e != NULL, expected, "0x%lx in space %u", (long)va, asid);
    cr_assert(right, "it is one of those that map the address");
}

static void check_population(const struct bench *b) {
    unsigned count[SV39_LEVELS] = {0};
    for (unsigned i = 0; i < b->count; i++) count[b->list[i].level]++;
    for (unsigned level = 0; level < SV39_LEVELS; level++)
        cr_assert_eq(b->tlb.population[level], count[level]);
}

Test(tlb, holds_what_was_put_in) {
    struct bench *b = start();
    uint64_t seed = 1;
    for (unsigned i = 0; i < STEPS; i++) {
        const unsigned what = draw_below(&seed, 40);
        if (what == 0) {
            flush(b, &seed);
        } else if (what < 20) {
            fill(b, &seed);
        } else {
            look(b, &seed);
        }
        check_population(b);
    }
    cr_expect_gt(b->count, 50);
    tlb_reset(&b->tlb);
    b->count = 0;
    check_population(b);
    for (unsigned i = 0; i < 100; i++) look(b, &seed);
    free(b);
}

// Whatever the size of the only page in it.
Test(tlb, a_fence_for_all_takes_a_lone_entry) {
    struct bench *b = start();
    struct tlb_entry evicted;
    for (unsigned level = 0; level < SV39_LEVELS; level++) {
        tlb_fill(&b->tlb, UINT64_C(1) << 30, 1, PTE_V, 0, level, &evicted);
        cr_expect_not_null(tlb_find(&b->tlb, UINT64_C(1) << 30, 1));
        tlb_flush(&b->tlb, true, 0, true, 0);
        cr_expect_null(tlb_find(&b->tlb, UINT64_C(1) << 30, 1), "level %u", level);
    }
    free(b);
}

// What a fence has freed is used before anything has to go.
Test(tlb, a_free_way_is_taken_first) {
    for (unsigned freed = 0; freed < TLB_WAYS; freed++) {
        struct bench *b = start();
        struct tlb_entry evicted;
        // The same set: every TLB_SETS * 512 pages, whatever the hash folds.
        const uint64_t apart = PAGE_SIZE * TLB_SETS * 512;
        for (unsigned way = 0; way < TLB_WAYS; way++)
            tlb_fill(&b->tlb, way * apart, 1, PTE_V, 0, 0, &evicted);
        tlb_flush(&b->tlb, false, freed * apart, true, 0);
        tlb_fill(&b->tlb, TLB_WAYS * apart, 1, PTE_V, 0, 0, &evicted);
        cr_expect_not(evicted.pte & PTE_V, "way %u is free", freed);
        for (unsigned way = 0; way < TLB_WAYS; way++)
            cr_expect_eq(tlb_find(&b->tlb, way * apart, 1) == NULL, way == freed);
        free(b);
    }
}

// All sets and ways are used, and an entry is given up only when its set is full: after many pages
// the TLB is full, and the last page of each set is still there.
Test(tlb, all_of_it_is_used) {
    struct bench *b = start();
    struct tlb_entry evicted;
    const unsigned room = TLB_SETS * TLB_WAYS;
    unsigned gone = 0;
    for (unsigned i = 0; i < 4 * room; i++) {
        tlb_fill(&b->tlb, i * PAGE_SIZE, 1, PTE_V, 0, 0, &evicted);
        gone += evicted.pte & PTE_V;
        cr_assert_eq(b->tlb.population[0] + gone, i + 1);
        cr_assert_not_null(tlb_find(&b->tlb, i * PAGE_SIZE, 1));
    }
    cr_expect_eq(b->tlb.population[0], room);
    // First in, first out: the newest pages, as many as there is room for, are all there.
    for (unsigned i = 3 * room; i < 4 * room; i++)
        cr_expect_not_null(tlb_find(&b->tlb, i * PAGE_SIZE, 1), "page %u", i);
    free(b);
}
