// SPDX-License-Identifier: MIT
// Loads, stores, atomics, fetches and cache blocks through random page tables, to memory, ROM,
// devices and nowhere, against a plain account of the rules, with tables of pages and of lines.
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "mmu/mmu.h"
#include "testsuite/unit/random.h"

#define RAM    UINT64_C(0x80000000)
#define ROM    UINT64_C(0x1000)
#define DEVICE UINT64_C(0x10000000)
#define HOLE   UINT64_C(0x40000000)
enum { RAM_PAGES = 32, TABLES = 24, PAGES = 12, STEPS = 30000, LINE_SHIFT = 6 };

struct mapping {
    uint64_t pa;
    bool valid, writable;
};

struct bench {
    struct mmu m;
    struct phys phys;
    uint8_t ram[RAM_PAGES * PAGE_SIZE], rom[PAGE_SIZE], expected[RAM_PAGES * PAGE_SIZE];
    struct mapping page[PAGES];
    struct {
        uint64_t offset, value;
        unsigned size, writes;
    } device;
};

static uint64_t masked(uint64_t value, unsigned size) {
    return size == 8 ? value : value & ((UINT64_C(1) << 8 * size) - 1);
}

static uint64_t device_value(uint64_t offset, unsigned size) {
    return masked(UINT64_C(0x9e3779b97f4a7c15) * (offset + 1), size);
}
static bool device_read(void *device, uint64_t offset, unsigned size, uint64_t *value) {
    (void)device;
    *value = device_value(offset, size);
    return true;
}
static bool device_write(void *device, uint64_t offset, unsigned size, uint64_t value) {
    struct bench *b = device;
    b->device.offset = offset, b->device.size = size, b->device.value = masked(value, size);
    b->device.writes++;
    return true;
}

static void put_pte(struct bench *b, unsigned table, uint64_t index, uint64_t pa, uint64_t flags) {
    const uint64_t pte = pa >> PAGE_SHIFT << PTE_PPN_SHIFT | flags;
    memcpy(b->ram + table * PAGE_SIZE + index * 8, &pte, sizeof pte);
    memcpy(b->expected + table * PAGE_SIZE + index * 8, &pte, sizeof pte);
}

static void map(struct bench *b, unsigned page, struct mapping to) {
    b->page[page] = to;
    put_pte(b, TABLES + 2, page, to.pa,
            !to.valid ? 0 : PTE_V | PTE_R | PTE_X | PTE_A | PTE_D | (to.writable ? PTE_W : 0));
}

static void allow_all(struct bench *b) {
    pmp_write_addr(&b->m.pmp, 0, UINT64_MAX >> 10);
    pmp_write_cfg(&b->m.pmp, 0, 0x1f);
}

static struct bench *start(unsigned shift) {
    struct bench *b = calloc(1, sizeof *b);
    cr_assert_not_null(b);
    phys_init(&b->phys);
    cr_assert(phys_add_memory(&b->phys, (struct range){RAM, sizeof b->ram}, b->ram, true));
    cr_assert(phys_add_memory(&b->phys, (struct range){ROM, sizeof b->rom}, b->rom, false));
    cr_assert(phys_add_device(&b->phys, (struct phys_device){.range = {DEVICE, PAGE_SIZE},
                                                             .read = device_read,
                                                             .write = device_write,
                                                             .device = b}));
    for (unsigned i = 0; i < PAGE_SIZE; i++) b->rom[i] = (uint8_t)(i * 7 + (i >> 8));
    for (unsigned i = 0; i < TABLES * PAGE_SIZE; i++)
        b->ram[i] = b->expected[i] = (uint8_t)(i * 13 + (i >> 8));
    mmu_init(&b->m, &b->phys);
    if (shift != PAGE_SHIFT) mmu_set_granule(&b->m, shift);
    allow_all(b);
    put_pte(b, TABLES, 0, RAM + (TABLES + 1) * PAGE_SIZE, PTE_V);
    put_pte(b, TABLES + 1, 0, RAM + (TABLES + 2) * PAGE_SIZE, PTE_V);
    for (unsigned i = 0; i < PAGES; i++)
        map(b, i, (struct mapping){RAM + (PAGES - i) * PAGE_SIZE, true, true});
    mmu_set_context(&b->m, &(struct mmu_context){.satp = (uint64_t)SATP_SV39 << 60 |
                                                         ((RAM >> PAGE_SHIFT) + TABLES),
                                                 .fetch_privilege = PRIV_S,
                                                 .data_privilege = PRIV_S});
    return b;
}

static void end(struct bench *b) {
    phys_free(&b->phys);
    free(b);
}

// --- The rules -----------------------------------------------------------------------------------

struct verdict {
    enum walk_reason reason;
    uint64_t tval, value;
};

static uint64_t pa_of(const struct bench *b, uint64_t va) {
    return b->page[va >> PAGE_SHIFT].pa | (va & PAGE_MASK);
}

static bool in_ram(uint64_t pa) { return pa - RAM < RAM_PAGES * PAGE_SIZE; }
static bool in_rom(uint64_t pa) { return pa - ROM < PAGE_SIZE; }
static bool in_device(uint64_t pa, unsigned size) {
    return pa - DEVICE < PAGE_SIZE && (size & (size - 1)) == 0 && pa % size == 0;
}

static enum walk_reason walk_rule(const struct bench *b, uint64_t va, enum access access) {
    const struct mapping *p = &b->page[va >> PAGE_SHIFT];
    if (!p->valid) return WALK_INVALID;
    return access == ACCESS_STORE && !p->writable ? WALK_NO_WRITE : WALK_OK;
}

// A piece within a page. store: only whether it may be made.
static enum walk_reason piece_rule(const struct bench *b, uint64_t va, unsigned size,
                                   enum access access, bool whole, uint64_t *value) {
    const uint64_t pa = pa_of(b, va);
    *value = 0;
    if (access == ACCESS_LOAD && (in_ram(pa) || in_rom(pa))) {
        memcpy(value, in_ram(pa) ? b->expected + (pa - RAM) : b->rom + (pa - ROM), size);
        return WALK_OK;
    }
    if (access == ACCESS_STORE && in_ram(pa)) return WALK_OK;
    if (!in_device(pa, size) || !whole) return WALK_OUTSIDE_MEMORY;
    *value = device_value(pa - DEVICE, size);
    return WALK_OK;
}

// Both pieces are translated before either is accessed, and a store is made as a whole or not.
static struct verdict rule(const struct bench *b, uint64_t va, unsigned size, enum access access) {
    if (b->m.misaligned_trap && va % size) return (struct verdict){WALK_MISALIGNED_ACCESS, va, 0};
    const uint64_t room = PAGE_SIZE - (va & PAGE_MASK);
    const unsigned first = room < size ? (unsigned)room : size, rest = size - first;
    const uint64_t second = va + first;
    struct verdict v = {walk_rule(b, va, access), va, 0};
    if (v.reason == WALK_OK && rest) v = (struct verdict){walk_rule(b, second, access), second, 0};
    if (v.reason != WALK_OK) return v;
    uint64_t low, high = 0;
    const bool whole = access == ACCESS_LOAD || !rest;
    v = (struct verdict){piece_rule(b, va, first, access, whole, &low), va, 0};
    if (v.reason == WALK_OK && rest)
        v = (struct verdict){piece_rule(b, second, rest, access, whole, &high), second, 0};
    v.value = rest ? low | high << 8 * first : low;
    return v;
}

static void expect_verdict(const struct bench *b, bool done, const struct verdict *v, uint64_t va,
                           unsigned size) {
    cr_assert_eq(done, v->reason == WALK_OK, "%u at 0x%lx: %s", size, (long)va,
                 walk_reason_row(v->reason)->name);
    if (done) return;
    cr_assert_eq(b->m.fault.reason, v->reason, "%u at 0x%lx: %s for %s", size, (long)va,
                 walk_reason_row(b->m.fault.reason)->name, walk_reason_row(v->reason)->name);
    cr_assert_eq(b->m.fault.tval, v->tval);
}

static void try_load(struct bench *b, uint64_t va, unsigned size) {
    uint64_t value = 0;
    const struct verdict v = rule(b, va, size, ACCESS_LOAD);
    const bool done = mmu_load(&b->m, va, size, &value);
    expect_verdict(b, done, &v, va, size);
    if (done) cr_assert_eq(value, v.value, "%u at 0x%lx: 0x%lx", size, (long)va, (long)value);
}

static void try_store(struct bench *b, uint64_t va, unsigned size, uint64_t value) {
    const struct verdict v = rule(b, va, size, ACCESS_STORE);
    const unsigned writes = b->device.writes;
    const bool done = mmu_store(&b->m, va, size, value);
    expect_verdict(b, done, &v, va, size);
    const bool to_device = done && !in_ram(pa_of(b, va));
    cr_assert_eq(b->device.writes, writes + to_device);
    if (to_device) {
        cr_assert(b->device.offset == pa_of(b, va) - DEVICE && b->device.size == size);
        cr_assert_eq(b->device.value, masked(value, size));
    }
    for (unsigned i = 0; done && !to_device && i < size; i++)
        b->expected[pa_of(b, va + i) - RAM] = (uint8_t)(value >> 8 * i);
}

static void try_atomic(struct bench *b, uint64_t va, unsigned size, enum access access) {
    uint64_t pa = 0;
    struct verdict v = {walk_rule(b, va, access), va, 0};
    if (va % size) v.reason = WALK_MISALIGNED_ATOMIC;
    const uint64_t place = v.reason == WALK_OK ? pa_of(b, va) : 0;
    const bool memory = in_ram(place) || (in_rom(place) && access == ACCESS_LOAD);
    if (v.reason == WALK_OK && !memory) v.reason = WALK_OUTSIDE_MEMORY;
    const uint8_t *host = mmu_atomic(&b->m, va, size, access, &pa);
    expect_verdict(b, host != NULL, &v, va, size);
    if (!host) return;
    cr_assert_eq(pa, place);
    cr_assert_eq(host, in_ram(pa) ? b->ram + (pa - RAM) : b->rom + (pa - ROM));
}

static void remap(struct bench *b, uint64_t *seed) {
    static const uint64_t elsewhere[] = {ROM, DEVICE, HOLE};
    const unsigned page = draw_below(seed, PAGES);
    struct mapping to = {RAM + draw_below(seed, TABLES) * PAGE_SIZE, !one_in(seed, 8),
                         !one_in(seed, 4)};
    if (one_in(seed, 3)) to.pa = elsewhere[draw_below(seed, 3)];
    map(b, page, to);
    mmu_fence(&b->m, false, page * PAGE_SIZE, true, 0);
}

// Near the edges of pages and lines, most of the time.
static uint64_t draw_place(uint64_t *seed, unsigned size) {
    uint64_t va = draw_below(seed, (PAGES - 1) * PAGE_SIZE);
    if (one_in(seed, 2)) va = (va | PAGE_MASK) + 1 - draw_below(seed, 10);
    return one_in(seed, 3) ? va & ~(uint64_t)(size - 1) : va;
}

static void compare_with_the_rules(unsigned shift, bool misaligned_trap) {
    struct bench *b = start(shift);
    uint64_t seed = shift + misaligned_trap;
    b->m.misaligned_trap = misaligned_trap;
    for (unsigned i = 0; i < STEPS; i++) {
        const unsigned size = 1u << draw_below(&seed, 4);
        const uint64_t va = draw_place(&seed, size);
        if (one_in(&seed, 40)) remap(b, &seed);
        switch (draw_below(&seed, 5)) {
        case 0:
        case 1: try_load(b, va, size); break;
        case 2:
        case 3: try_store(b, va, size, draw(&seed)); break;
        default:
            try_atomic(b, va, size < 4 ? 4 : size, one_in(&seed, 2) ? ACCESS_LOAD : ACCESS_STORE);
        }
    }
    cr_expect_eq(memcmp(b->ram, b->expected, sizeof b->ram), 0);
    end(b);
}

Test(access, pages) { compare_with_the_rules(PAGE_SHIFT, false); }
Test(access, lines) { compare_with_the_rules(LINE_SHIFT, false); }
Test(access, misaligned_accesses_may_trap) {
    compare_with_the_rules(PAGE_SHIFT, true);
    compare_with_the_rules(LINE_SHIFT, true);
}

// --- What the tables serve -----------------------------------------------------------------------

static uint64_t misses_of(struct bench *b, uint64_t va, bool store) {
    const uint64_t before = b->m.stats.table_misses;
    uint64_t value = 0;
    cr_assert(store ? mmu_store(&b->m, va, 8, 5) : mmu_load(&b->m, va, 8, &value));
    return b->m.stats.table_misses - before;
}

Test(access, what_was_used_is_known) {
    for (unsigned shift = LINE_SHIFT; shift <= PAGE_SHIFT; shift += PAGE_SHIFT - LINE_SHIFT)
        for (unsigned store = 0; store < 2; store++) {
            struct bench *b = start(shift);
            cr_expect_eq(misses_of(b, 0x1000, store), 1);
            cr_expect_eq(misses_of(b, 0x1000, store), 0);
            cr_expect_eq(misses_of(b, 0x1ff8, store), 0, "its page is known");
            cr_expect_eq(misses_of(b, 0x1ffc, store), 1, "a part of it is elsewhere");
            cr_expect_eq(misses_of(b, 0x1008, !store), 1, "loads and stores apart");
            mmu_fence(&b->m, true, 0, true, 0);
            cr_expect_eq(misses_of(b, 0x1000, store), 1);
            map(b, 5, (struct mapping){DEVICE, true, true});
            mmu_fence(&b->m, true, 0, true, 0);
            cr_expect_eq(misses_of(b, 0x5000, store), 1);
            cr_expect_eq(misses_of(b, 0x5000, store), 1, "a device is asked each time");
            end(b);
        }
}

Test(access, an_atomic_makes_its_page_known) {
    struct bench *b = start(PAGE_SHIFT);
    uint64_t pa;
    cr_assert_not_null(mmu_atomic(&b->m, 0x1000, 8, ACCESS_STORE, &pa));
    cr_expect_eq(misses_of(b, 0x1000, true), 0);
    end(b);
}

// Stores to a page with code go the long way, so that they are noticed; those to others do not.
Test(access, code_is_protected) {
    for (unsigned shift = LINE_SHIFT; shift <= PAGE_SHIFT; shift += PAGE_SHIFT - LINE_SHIFT) {
        struct bench *b = start(shift);
        (void)misses_of(b, 0x1000, true);
        (void)misses_of(b, 0x2000, true);
        phys_mark_code(&b->phys, pa_of(b, 0x1000) + 64, 4);
        mmu_protect_code(&b->m, pa_of(b, 0x1000) + 64);
        cr_expect_eq(misses_of(b, 0x2000, true), 0);
        cr_expect_eq(misses_of(b, 0x1000, true), 1);
        cr_expect_eq(misses_of(b, 0x1000, true), 1, "for as long as there is code");
        cr_expect_eq(misses_of(b, 0x1000, false) + misses_of(b, 0x1000, false), 1);
        (void)misses_of(b, 0, true);
        phys_mark_code(&b->phys, pa_of(b, 0), 4);
        mmu_protect_code(&b->m, pa_of(b, 0));
        cr_expect_eq(misses_of(b, 0, true), 1, "the tables' first entry, too");
        end(b);
    }
}

// --- PMP, fetches, cache blocks ------------------------------------------------------------------

static void deny_from(struct bench *b, uint64_t pa, unsigned allowed) {
    pmp_reset(&b->m.pmp);
    pmp_write_addr(&b->m.pmp, 0, pa >> 2);
    pmp_write_addr(&b->m.pmp, 1, (pa + PAGE_SIZE) >> 2);
    pmp_write_addr(&b->m.pmp, 2, UINT64_MAX >> 10);
    pmp_write_cfg(&b->m.pmp, 0, UINT64_C(0x1f000f) | (uint64_t)(8 | allowed) << 8);
    mmu_forget(&b->m);
}

Test(access, pmp_counts_by_the_byte) {
    struct bench *b = start(PAGE_SHIFT);
    uint64_t value, pa;
    const uint64_t at = pa_of(b, 0x1800);
    deny_from(b, at, 0);
    cr_expect(mmu_load(&b->m, 0x17f8, 8, &value) && mmu_load(&b->m, 0x1000, 8, &value));
    cr_expect_not(mmu_load(&b->m, 0x1800, 1, &value));
    cr_expect_eq(b->m.fault.reason, WALK_PMP_DENIED);
    cr_expect(mmu_store(&b->m, 0x17ff, 1, 0));
    cr_expect_not(mmu_store(&b->m, 0x17ff, 2, 0));
    // An AMO reads and writes, and is refused as a store.
    deny_from(b, at, 1);
    cr_expect_null(mmu_atomic(&b->m, 0x1800, 8, ACCESS_STORE, &pa));
    cr_expect(b->m.fault.cause == CAUSE_STORE_ACCESS && b->m.fault.reason == WALK_PMP_DENIED);
    cr_expect_not_null(mmu_atomic(&b->m, 0x1800, 8, ACCESS_LOAD, &pa));
    end(b);
}

Test(access, fetches) {
    struct bench *b = start(PAGE_SHIFT);
    uint64_t pa = 0;
    bool whole = false;
    for (unsigned again = 0; again < 2; again++) {
        cr_assert(mmu_fetch(&b->m, 0x1ffe, &pa, &whole));
        cr_expect(whole && pa == pa_of(b, 0x1ffe));
        cr_assert(mmu_fetch(&b->m, 0x3002, &pa, &whole));
        cr_expect(whole && pa == pa_of(b, 0x3002));
    }
    map(b, 4, (struct mapping){RAM + (RAM_PAGES - 1) * PAGE_SIZE, true, true});
    mmu_fence(&b->m, false, 0x4000, true, 0);
    cr_expect(mmu_fetch(&b->m, 0x4ffe, &pa, &whole), "the last two bytes of memory");
    map(b, 3, (struct mapping){DEVICE, true, true});
    mmu_fence(&b->m, false, 0x3000, true, 0);
    cr_expect_not(mmu_fetch(&b->m, 0x3002, &pa, &whole));
    cr_expect(b->m.fault.reason == WALK_OUTSIDE_MEMORY && b->m.fault.tval == 0x3002);
    deny_from(b, pa_of(b, 0x1800), 0);
    for (unsigned again = 0; again < 2; again++) {
        cr_assert(mmu_fetch(&b->m, 0x1000, &pa, &whole));
        cr_expect_not(whole, "not all of it may be run");
        cr_expect_not(mmu_fetch(&b->m, 0x1800, &pa, &whole));
    }
    end(b);
}

Test(access, cache_blocks) {
    struct bench *b = start(PAGE_SHIFT);
    map(b, 1, (struct mapping){RAM + PAGE_SIZE, true, false});
    map(b, 2, (struct mapping){ROM, true, true});
    map(b, 3, (struct mapping){DEVICE, true, true});
    map(b, 4, (struct mapping){RAM, false, false});
    cr_assert(mmu_cache_block(&b->m, 0x5047, true));
    for (unsigned i = 0; i < 256; i++)
        cr_expect_eq(b->ram[pa_of(b, 0x5000) - RAM + i] == 0,
                     (i >= 64 && i < 128) || b->expected[pa_of(b, 0x5000) - RAM + i] == 0,
                     "byte %u", i);
    phys_mark_code(&b->phys, pa_of(b, 0x5040), 4);
    cr_expect(mmu_cache_block(&b->m, 0x5040, false) && phys_has_code(&b->phys, pa_of(b, 0x5000)));
    cr_expect(mmu_cache_block(&b->m, 0x5040, true));
    cr_expect_not(phys_has_code(&b->phys, pa_of(b, 0x5000)), "code that was cleared is gone");
    cr_expect(mmu_cache_block(&b->m, 0x1040, false), "a page to read can be managed");
    cr_expect_not(mmu_cache_block(&b->m, 0x1047, true));
    cr_expect(b->m.fault.reason == WALK_NO_WRITE && b->m.fault.tval == 0x1047);
    cr_expect(mmu_cache_block(&b->m, 0x2000, false) && !mmu_cache_block(&b->m, 0x2000, true));
    for (unsigned zero = 0; zero < 2; zero++) {
        cr_expect_not(mmu_cache_block(&b->m, 0x3008, zero));
        cr_expect(b->m.fault.reason == WALK_OUTSIDE_MEMORY && b->m.fault.tval == 0x3008);
        cr_expect_not(mmu_cache_block(&b->m, 0x4010, zero));
        cr_expect(b->m.fault.cause == CAUSE_STORE_PAGE && b->m.fault.tval == 0x4010);
    }
    end(b);
}
