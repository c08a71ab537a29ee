// SPDX-License-Identifier: MIT
// SFENCE.VMA on the access path: what a fence names is asked of memory again, and what it does not
// name stays known, so that an operating system's fences stay cheap.
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "mmu/mmu.h"

enum { RAM = 0x80000000, RAM_BYTES = 1 << 20, ROOT = RAM + 0x1000, MIDDLE = RAM + 0x2000 };
enum { LEAVES = RAM + 0x3000, PAGES = 8, GLOBAL = 0, LOCAL = 1, ASID = 7, OTHER_ASID = 8 };
static const uint64_t VA = 0x40000000;

static uint8_t *ram;
static struct phys phys;
static struct mmu *mmu;

static void put(uint64_t pa, uint64_t value) { memcpy(ram + (pa - RAM), &value, sizeof value); }

static uint64_t page_at(unsigned number) { return RAM + 0x10000 + number * PAGE_SIZE; }
static uint64_t pte(uint64_t pa, uint64_t flags) {
    return pa >> PAGE_SHIFT << PTE_PPN_SHIFT | flags | PTE_V;
}
static void map(unsigned page, unsigned to) {
    uint64_t flags = PTE_R | PTE_W | PTE_X | PTE_A | PTE_D | (page == GLOBAL ? PTE_G : 0);
    put(LEAVES + 8 * page, pte(page_at(to), flags));
}

static void enter(uint64_t asid) {
    mmu_set_context(mmu, &(struct mmu_context){.satp = (uint64_t)SATP_SV39 << 60 |
                                                       asid << SATP_ASID_SHIFT | ROOT >> PAGE_SHIFT,
                                               .fetch_privilege = PRIV_S,
                                               .data_privilege = PRIV_S});
}

static void setup(void) {
    ram = calloc(1, RAM_BYTES);
    mmu = calloc(1, sizeof *mmu);
    phys_init(&phys);
    cr_assert(phys_add_memory(&phys, (struct range){RAM, RAM_BYTES}, ram, true));
    mmu_init(mmu, &phys);
    pmp_write_addr(&mmu->pmp, 0, UINT64_MAX);
    pmp_write_cfg(&mmu->pmp, 0, 0x1f);
    put(ROOT + 8 * (VA >> 30), pte(MIDDLE, 0));
    put(MIDDLE, pte(LEAVES, 0));
    for (unsigned i = 0; i < PAGES; i++) {
        map(i, i);
        put(page_at(i), i);
    }
    enter(ASID);
}

static void teardown(void) {
    phys_free(&phys);
    free(mmu);
    free(ram);
}
TestSuite(fence, .init = setup, .fini = teardown);

static uint64_t load(unsigned page) {
    uint64_t value;
    cr_assert(mmu_load(mmu, VA + page * PAGE_SIZE, 8, &value));
    return value;
}

static uint64_t fetched(unsigned page) {
    uint64_t pa;
    bool whole;
    cr_assert(mmu_fetch(mmu, VA + page * PAGE_SIZE, &pa, &whole) && whole);
    return pa;
}
static void fetch(unsigned page) { (void)fetched(page); }

Test(fence, everything) {
    cr_expect_eq(load(GLOBAL), GLOBAL);
    cr_expect_eq(fetched(LOCAL), page_at(LOCAL));
    map(GLOBAL, 5);
    map(LOCAL, 6);
    mmu_fence(mmu, true, 0, true, 0);
    cr_expect_eq(load(GLOBAL), 5);
    cr_expect_eq(load(LOCAL), 6);
    cr_expect_eq(fetched(LOCAL), page_at(6));
}

Test(fence, one_address) {
    load(LOCAL), load(2);
    fetch(LOCAL), fetch(2);
    map(LOCAL, 5);
    map(2, 6);
    mmu_fence(mmu, false, VA + LOCAL * PAGE_SIZE, true, 0);
    cr_expect_eq(load(LOCAL), 5);
    cr_expect_eq(fetched(LOCAL), page_at(5));
    cr_expect_eq(load(2), 2, "no fence named that page, and the hart still knew it");
}

Test(fence, one_space) {
    load(LOCAL);
    fetch(LOCAL);
    map(LOCAL, 5);
    mmu_fence(mmu, true, 0, false, OTHER_ASID);
    cr_expect_eq(load(LOCAL), LOCAL, "another space's fence");
    mmu_fence(mmu, true, 0, false, ASID);
    cr_expect_eq(load(LOCAL), 5);
    cr_expect_eq(fetched(LOCAL), page_at(5));
}

Test(fence, one_space_keeps_what_is_global) {
    load(GLOBAL);
    fetch(GLOBAL);
    uint64_t fetch_key = mmu->fetch_key, data_key = mmu->data_key;
    mmu_fence(mmu, true, 0, false, ASID);
    cr_expect_eq(mmu->fetch_key, fetch_key, "no code came from a page of that space alone");
    cr_expect_eq(mmu->data_key, data_key);
    fetch(LOCAL);
    load(LOCAL);
    mmu_fence(mmu, true, 0, false, ASID);
    cr_expect_neq(mmu->fetch_key, fetch_key);
    cr_expect_neq(mmu->data_key, data_key);
}

Test(fence, data_pages_do_not_concern_code) {
    fetch(GLOBAL);
    load(LOCAL);
    uint64_t fetch_key = mmu->fetch_key;
    mmu_fence(mmu, false, VA + LOCAL * PAGE_SIZE, true, 0);
    cr_expect_eq(mmu->fetch_key, fetch_key);
    mmu_fence(mmu, false, VA + GLOBAL * PAGE_SIZE, true, 0);
    cr_expect_neq(mmu->fetch_key, fetch_key);
}

// A superpage of code, as a kernel has it, and a user's page in another GiB.
Test(fence, superpages_elsewhere_do_not_matter) {
    const uint64_t kernel = UINT64_C(0xffffffff80000000), user = UINT64_C(0x3f80001000);
    put(ROOT + 8 * (kernel >> 30 & 511), pte(RAM & ~UINT64_C(0x3fffffff), PTE_X | PTE_A | PTE_G));
    uint64_t pa, fetch_key = mmu->fetch_key;
    bool whole;
    cr_assert(mmu_fetch(mmu, kernel + 0x10000, &pa, &whole));
    mmu_fence(mmu, false, user, true, 0);
    cr_expect_eq(mmu->fetch_key, fetch_key);
    mmu_fence(mmu, false, kernel + 0x5000000, true, 0);
    cr_expect_neq(mmu->fetch_key, fetch_key, "the same superpage");
}

// What was known in a space is known again when the space comes back.
Test(fence, switching_forgets_nothing) {
    load(LOCAL);
    fetch(LOCAL);
    uint64_t fetch_key = mmu->fetch_key, data_key = mmu->data_key;
    enter(OTHER_ASID);
    cr_expect_neq(mmu->fetch_key, fetch_key);
    enter(ASID);
    cr_expect_eq(mmu->fetch_key, fetch_key);
    cr_expect_eq(mmu->data_key, data_key);
    uint64_t walks = mmu->stats.walks;
    load(LOCAL);
    fetch(LOCAL);
    cr_expect_eq(mmu->stats.walks, walks);
}
