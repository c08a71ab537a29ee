// SPDX-License-Identifier: MIT
// What a walk would cost (timing_probe_walk), against what the clock then takes for it: over pages
// that fill the TLBs, the walker's cache and the data cache in random order.
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cpu/csr.h"
#include "cpu/hart.h"
#include "cpu/timing.h"
#include "testsuite/unit/random.h"

enum {
    RAM_BYTES = 8 << 20,
    BASE = 0x80000000,
    TABLES = 64, // of 4 KiB pages, one a gigabyte apart in turn
    PAGES = 8,   // mapped in each
    ACCESSES = 20000,
};

static struct core core;
static uint8_t ram[RAM_BYTES];

static const char *no_other(const char *name, size_t *size) { return (void)name, (void)size, NULL; }

static void load_core(void) {
    static char text[1 << 16];
    char message[256];
    FILE *file = fopen("cpu/cores/rocket.core", "r");
    cr_assert_not_null(file);
    const size_t bytes = fread(text, 1, sizeof text, file);
    fclose(file);
    cr_assert(core_parse(&core, "rocket", text, bytes, no_other, message, sizeof message), "%s",
              message);
}

static void put_pte(uint64_t table, unsigned index, uint64_t pa, uint64_t flags) {
    const uint64_t pte = pa >> PAGE_SHIFT << PTE_PPN_SHIFT | flags;
    memcpy(ram + (table - BASE) + 8 * index, &pte, sizeof pte);
}

static uint64_t address(unsigned table, unsigned page) {
    return ((uint64_t)table << 21) + ((uint64_t)(page * 61 % 512) << PAGE_SHIFT);
}

// One root, one middle table, TABLES of pages: each page its own frame.
static void make_tables(void) {
    const uint64_t root = BASE, middle = root + PAGE_SIZE, leaves = middle + PAGE_SIZE;
    const uint64_t frames = leaves + TABLES * PAGE_SIZE;
    put_pte(root, 0, middle, PTE_V);
    for (unsigned t = 0; t < TABLES; t++) {
        put_pte(middle, t, leaves + t * PAGE_SIZE, PTE_V);
        for (unsigned p = 0; p < PAGES; p++) {
            const uint64_t frame = frames + (t * PAGES + p) * PAGE_SIZE;
            put_pte(leaves + t * PAGE_SIZE, (address(t, p) >> PAGE_SHIFT) % 512, frame,
                    PTE_V | PTE_R | PTE_W | PTE_A | PTE_D);
        }
    }
}

static uint64_t waited(const struct hart *h) {
    return h->timing->stall[STALL_dtlb] + h->timing->stall[STALL_walk];
}

static void write_csr(struct hart *h, unsigned number, uint64_t value) {
    uint64_t old;
    cr_assert(csr_access(h, number, CSR_WRITE, true, value, &old));
}

static struct hart *make_hart(struct phys *phys) {
    load_core();
    phys_init(phys);
    cr_assert(phys_add_memory(phys, (struct range){BASE, RAM_BYTES}, ram, true));
    const struct hart_config config = {.extensions = EXT_BIT(EXTENSIONS) - 1, .core = &core};
    struct hart *h = hart_create(&config, phys);
    cr_assert_not_null(h);
    make_tables();
    write_csr(h, CSR_pmpaddr0, UINT64_MAX);
    write_csr(h, CSR_pmpcfg0, 0x1f);
    write_csr(h, CSR_satp, (uint64_t)SATP_SV39 << 60 | BASE >> PAGE_SHIFT);
    h->privilege = PRIV_S;
    hart_context_changed(h);
    return h;
}

// Accesses va. The price that was asked for before, and *took: what the clock took.
static struct walk_cost access_at(struct hart *h, uint64_t va, bool store, uint64_t *took) {
    const enum access access = store ? ACCESS_STORE : ACCESS_LOAD;
    const struct walk_result walk = mmu_probe_access(&h->mmu, va, access);
    const uint64_t before = waited(h);
    struct walk_cost cost;
    uint64_t value = va;
    timing_probe_walk(h, va, mmu_asid(&h->mmu), access, &walk, &cost);
    cr_assert_eq(waited(h), before, "asking changes nothing");
    const bool good = store ? mmu_store(&h->mmu, va, 8, va) : mmu_load(&h->mmu, va, 8, &value);
    cr_assert(good);
    (void)timing_access(h, va, store);
    *took = waited(h) - before;
    return cost;
}

Test(walk_cost, is_what_the_clock_takes) {
    struct phys phys;
    struct hart *h = make_hart(&phys);
    uint64_t state = 1, took;
    unsigned walks = 0, second = 0, hits = 0, off = 0;
    for (unsigned i = 0; i < ACCESSES; i++) {
        const uint64_t page = address(draw_below(&state, TABLES), draw_below(&state, PAGES));
        const uint64_t va = page + 8 * draw_below(&state, 512);
        if (one_in(&state, 500)) timing_fence(h, true, 0);
        const struct walk_cost cost = access_at(h, va, one_in(&state, 2), &took);
        // A read that misses may displace what the next one needs: that is not foreseen.
        const bool displaces = cost.pte[0] > core.walk_read || cost.pte[1] > core.walk_read;
        off += cost.now != took;
        cr_assert(cost.now == took || displaces, "access %u: %llu cycles, not %llu", i,
                  (unsigned long long)took, (unsigned long long)cost.now);
        hits += cost.in_tlb;
        second += !cost.in_tlb && cost.in_l2tlb;
        walks += !cost.in_tlb && !cost.in_l2tlb;
    }
    cr_expect(off * 100 < walks, "%u of %u walks cost something else", off, walks);
    cr_expect(walks > 100 && second > 100 && hits > 100, "%u %u %u", walks, second, hits);
    hart_destroy(h);
    phys_free(&phys);
}
