// SPDX-License-Identifier: MIT
// An MMU with a little RAM and two spaces of eight pages each, for the tests that look at what it
// remembers.
#ifndef TABLEWALK_TESTSUITE_UNIT_MMU_BENCH_H
#define TABLEWALK_TESTSUITE_UNIT_MMU_BENCH_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "mmu/mmu.h"

#define RAM  UINT64_C(0x80000000)
#define SV39 (UINT64_C(8) << 60)
enum { RAM_BYTES = 64 * 4096, ROOT = 0, MIDDLE = 1, LAST = 2, OTHER = 3, DATA = 16 };
enum { ALL = PTE_V | PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D };

struct bench {
    struct mmu m;
    struct phys phys;
    uint8_t ram[RAM_BYTES];
};

static inline uint64_t page_at(unsigned page) { return RAM + page * PAGE_SIZE; }

static inline void put(struct bench *b, unsigned table, unsigned index, unsigned page,
                       uint64_t flags) {
    const uint64_t pte = page_at(page) >> PAGE_SHIFT << PTE_PPN_SHIFT | flags;
    memcpy(b->ram + table * PAGE_SIZE + index * 8, &pte, sizeof pte);
}

static inline struct mmu_context context(unsigned root) {
    return (struct mmu_context){.satp = SV39 | page_at(root) >> PAGE_SHIFT,
                                .fetch_privilege = PRIV_U,
                                .data_privilege = PRIV_U,
                                .update_ad = true,
                                .napot = true};
}

// Virtual page n of two spaces is a page of data each.
static inline struct bench *start(void) {
    struct bench *b = calloc(1, sizeof *b);
    cr_assert_not_null(b);
    phys_init(&b->phys);
    cr_assert(phys_add_memory(&b->phys, (struct range){RAM, RAM_BYTES}, b->ram, true));
    mmu_init(&b->m, &b->phys);
    mmu_reset(&b->m);
    pmp_write_addr(&b->m.pmp, 0, UINT64_MAX >> 10);
    pmp_write_cfg(&b->m.pmp, 0, 0x1f);
    put(b, ROOT, 0, MIDDLE, PTE_V);
    put(b, MIDDLE, 0, LAST, PTE_V);
    for (unsigned i = 0; i < 8; i++) put(b, LAST, i, DATA + i, ALL);
    put(b, OTHER, 0, OTHER + 1, PTE_V);
    put(b, OTHER + 1, 0, OTHER + 2, PTE_V);
    for (unsigned i = 0; i < 8; i++) put(b, OTHER + 2, i, DATA + 8 + i, ALL);
    for (unsigned i = 0; i < 16; i++) memset(b->ram + (DATA + i) * PAGE_SIZE, (int)i + 1, 8);
    const struct mmu_context c = context(ROOT);
    mmu_set_context(&b->m, &c);
    return b;
}

static inline void end(struct bench *b) {
    phys_free(&b->phys);
    free(b);
}

// The first byte of a virtual page, or 0 where it can't be read.
static inline unsigned byte_of(struct bench *b, uint64_t va) {
    uint64_t value = 0;
    return mmu_load(&b->m, va, 1, &value) ? (unsigned)value : 0;
}

#endif
