// SPDX-License-Identifier: MIT
// Accesses through the TLB and the access tables against the manual's process over drawn page
// tables in RAM: whether each passes, where it leads, which cause it has, and the A and D bits it
// leaves behind. Contexts change without a fence, as SUM, MXR, the mode and the ASID may; tables
// change with one.
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mmu/mmu.h"
#include "testsuite/unit/manual_walk.h"
#include "testsuite/unit/random.h"

enum {
    ACCESSES = 1000000,
    BATCH = 1000, // accesses to the same tables
    PLACES = 48,  // addresses that a batch goes to
    SPACES = 3,   // root tables, an ASID each; then those of level 1
    LEAVES = 8,   // the first table of level 0
    TABLES = 16,
    ENTRIES = 512,
    RAM_PAGES = 64,
    DATA = RAM_PAGES - TABLES + 2, // pages, the last of which are not there
};
#define RAM UINT64_C(0x80000000)

struct bench {
    struct phys phys;
    struct mmu *mmu;
    uint8_t *ram;
    uint64_t state;
    uint64_t place[PLACES];
    struct mmu_context context;
};

static void set_up(struct bench *b, uint64_t seed) {
    const struct range ram = {RAM, (uint64_t)RAM_PAGES << PAGE_SHIFT};
    *b = (struct bench){.state = seed};
    phys_init(&b->phys);
    b->ram = aligned_alloc(PAGE_SIZE, ram.size);
    b->mmu = calloc(1, sizeof *b->mmu);
    cr_assert(b->ram && b->mmu && phys_add_memory(&b->phys, ram, b->ram, true));
    mmu_init(b->mmu, &b->phys);
    pmp_write_addr(&b->mmu->pmp, 0, UINT64_MAX >> 10);
    pmp_write_cfg(&b->mmu->pmp, 0, 0x1f);
}

static void take_down(struct bench *b) {
    phys_free(&b->phys);
    free(b->mmu);
    free(b->ram);
}

// G is left out: a global page that is another one in another space is the guest's mistake, and
// what then happens is open.
static uint64_t draw_pte(struct bench *b, unsigned table) {
    const bool last = table >= LEAVES;
    const unsigned first = table < SPACES ? SPACES : LEAVES, end = table < SPACES ? LEAVES : TABLES;
    uint64_t page = first + draw_below(&b->state, end - first); // a table of the next level
    if (last || one_in(&b->state, 8)) page = TABLES + draw_below(&b->state, DATA);
    if (!last && one_in(&b->state, 6)) page = 0; // could be a superpage
    uint64_t pte = ((RAM >> PAGE_SHIFT) + page) << PTE_PPN_SHIFT | PTE_V;
    if (one_in(&b->state, 20)) return pte & ~PTE_V;
    if (one_in(&b->state, 40)) pte |= draw(&b->state) & (PTE_RESERVED | PTE_PBMT);
    if (last && one_in(&b->state, 8)) {
        pte = (pte & ~(UINT64_C(15) << PTE_PPN_SHIFT)) | PTE_N | UINT64_C(8) << PTE_PPN_SHIFT;
    }
    if (!last && page) return pte;
    pte |= draw(&b->state) & (PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D);
    return one_in(&b->state, 8) ? pte : pte | PTE_R | PTE_A;
}

// The first tables are mostly of pointers, the later ones of leaves; the pages behind them are
// data.
static void draw_tables(struct bench *b) {
    for (unsigned t = 0; t < TABLES; t++) {
        for (unsigned i = 0; i < ENTRIES; i++) {
            const uint64_t pte = draw_pte(b, t);
            memcpy(b->ram + t * PAGE_SIZE + 8 * i, &pte, sizeof pte);
        }
    }
    for (size_t at = TABLES * PAGE_SIZE; at < (size_t)RAM_PAGES << PAGE_SHIFT; at += 8) {
        const uint64_t data = draw(&b->state) & ~PTE_G; // some pointers lead there
        memcpy(b->ram + at, &data, sizeof data);
    }
    for (unsigned i = 0; i < PLACES; i++) {
        const uint64_t va = draw(&b->state) & ~UINT64_C(7);
        b->place[i] = one_in(&b->state, 30) ? va : (uint64_t)((int64_t)(va << 25) >> 25);
    }
    mmu_fence(b->mmu, true, 0, true, 0);
}

static void draw_context(struct bench *b) {
    const uint64_t space = draw_below(&b->state, SPACES);
    const uint64_t root = (RAM >> PAGE_SHIFT) + space;
    b->context.satp = (uint64_t)SATP_SV39 << 60 | (space + 1) << 44 | root;
    b->context.fetch_privilege = one_in(&b->state, 2) ? PRIV_S : PRIV_U;
    b->context.data_privilege = b->context.fetch_privilege;
    b->context.sum = one_in(&b->state, 2);
    b->context.mxr = one_in(&b->state, 2);
    mmu_set_context(b->mmu, &b->context);
}

// ADUE and PBMTE, and that a hart has Svnapot, change what stands in a TLB: with a fence.
static void draw_machine(struct bench *b) {
    b->context.update_ad = one_in(&b->state, 2);
    b->context.pbmt = one_in(&b->state, 2);
    b->context.napot = true;
    mmu_set_context(b->mmu, &b->context);
    mmu_fence(b->mmu, true, 0, true, 0);
}

static enum walk_reason read_ram(void *context, uint64_t pa, uint64_t *pte) {
    struct bench *b = context;
    const uint8_t *host = phys_host(&b->phys, pa, 8);
    if (!host) return WALK_TABLE_OUTSIDE_MEMORY;
    memcpy(pte, host, 8);
    return WALK_OK;
}

// What the manual says about an access in the present context.
static struct manual_result manual(struct bench *b, uint64_t va, enum access access) {
    const bool fetch = access == ACCESS_FETCH;
    const struct walk_request request = {
        .va = va,
        .access = access,
        .privilege = fetch ? b->context.fetch_privilege : b->context.data_privilege,
        .root = (b->context.satp & ((UINT64_C(1) << 44) - 1)) << PAGE_SHIFT,
        .sum = b->context.sum,
        .mxr = b->context.mxr,
        .update_ad = b->context.update_ad,
        .pbmt = b->context.pbmt,
        .napot = b->context.napot};
    struct manual_result result = manual_walk(&request, read_ram, b);
    if (result.reason == WALK_OK && !phys_host(&b->phys, result.pa, 8)) {
        result.reason = WALK_OUTSIDE_MEMORY;
    }
    return result;
}

// Loads, fetches, or stores what stands there already. *pa: where a fetch went. false: a fault.
static bool make_access(struct bench *b, uint64_t va, enum access access, uint64_t there,
                        uint64_t *value, uint64_t *pa) {
    bool whole;
    *value = there;
    switch (access) {
    case ACCESS_LOAD: return mmu_load(b->mmu, va, 8, value);
    case ACCESS_STORE: return mmu_store(b->mmu, va, 8, there);
    case ACCESS_FETCH: break;
    }
    return mmu_fetch(b->mmu, va, pa, &whole);
}

static const char *const access_names[] = {
    [ACCESS_FETCH] = "fetch", [ACCESS_LOAD] = "load", [ACCESS_STORE] = "store"};

static void compare_access(struct bench *b, uint64_t va, enum access access, unsigned *passed) {
    const struct manual_result wanted = manual(b, va, access);
    const bool passes = wanted.reason == WALK_OK;
    uint64_t there = 0, value, pa = wanted.pa, peeked = 0;
    if (passes) memcpy(&there, phys_host(&b->phys, wanted.pa, 8), 8);
    const bool good = make_access(b, va, access, there, &value, &pa);
    cr_assert_eq(good, passes, "%s 0x%" PRIx64 " should be %s, is %s", access_names[access], va,
                 walk_reason_row(wanted.reason)->name, walk_reason_row(b->mmu->fault.reason)->name);
    if (!passes) {
        cr_assert_eq(b->mmu->fault.cause, walk_cause(wanted.reason, access),
                     "%s 0x%" PRIx64 " should be %s, is %s", access_names[access], va,
                     walk_reason_row(wanted.reason)->name,
                     walk_reason_row(b->mmu->fault.reason)->name);
        return;
    }
    ++*passed;
    cr_assert_eq(pa, wanted.pa, "0x%" PRIx64, va);
    cr_assert(mmu_peek(b->mmu, va, access, &peeked) && peeked == wanted.pa, "0x%" PRIx64, va);
    // The PTE stands in memory as the manual leaves it. A load may have read a PTE that its own
    // walk has just changed, as tables map themselves here.
    const struct manual_result after = manual(b, va, access);
    cr_assert(after.reason == WALK_OK && after.pte == wanted.pte, "0x%" PRIx64, va);
    const uint64_t bits = access == ACCESS_STORE ? PTE_A | PTE_D : PTE_A;
    cr_assert_eq(after.pte & bits, bits, "0x%" PRIx64, va);
    if (access == ACCESS_LOAD) {
        cr_assert_eq((value ^ there) & ~(PTE_A | PTE_D), 0, "0x%" PRIx64, va);
    }
}

Test(translation, through_the_tlb_as_the_manual_has_it, .timeout = 600) {
    struct bench b;
    unsigned passed = 0;
    set_up(&b, 77);
    for (unsigned i = 0; i < ACCESSES; i++) {
        if (i % BATCH == 0) draw_tables(&b);
        if (i % (BATCH / 2) == 0) draw_machine(&b);
        if (i % 8 == 0) draw_context(&b);
        const uint64_t va = b.place[draw_below(&b.state, PLACES)];
        compare_access(&b, va, (enum access)draw_below(&b.state, 3), &passed);
    }
    // Worth something only if many pass, many of these by the TLB, and many fail.
    cr_expect_gt(passed, ACCESSES / 20);
    cr_expect_lt(passed, ACCESSES - ACCESSES / 20);
    cr_expect_gt(b.mmu->stats.tlb_hits, ACCESSES / 50);
    cr_expect_gt(b.mmu->stats.walks, ACCESSES / 50);
    cr_log_info("%u passed, %" PRIu64 " by the TLB, %" PRIu64 " walks", passed,
                b.mmu->stats.tlb_hits, b.mmu->stats.walks);
    take_down(&b);
}
