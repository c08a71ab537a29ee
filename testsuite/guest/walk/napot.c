// SPDX-License-Identifier: MIT
// Svnapot: a level 0 PTE with N set and ppn[3:0] = 8 maps 64 KiB, and no other encoding is defined.
#include "vm.h"

#define LEAF (PTE_V | PTE_RWX | PTE_AD | PTE_N)

// pages[0] is 64 KiB aligned, and so is va.
static const uint64_t va = UINT64_C(4) << 30 | 0x40000;

static struct mapping map_64k(uint64_t flags) {
    uint64_t *root = vm_root();
    struct mapping m = {vm_slot(root, va, 0), 0, va, (uint64_t)pages[0]};
    m.pte = pte_ppn(m.pa) | pte_ppn(0x8000) | flags;
    for (int i = 0; i < 16; i++) m.slot[i] = m.pte;
    vm_use(root, 0);
    return m;
}

struct row {
    const char *name;
    uint64_t low_ppn; // ppn[3:0]
};

static const struct row rows[] = {
    {"N with ppn[3:0] = 0", 0}, {"N with ppn[3:0] = 1", 1},   {"N with ppn[3:0] = 2", 2},
    {"N with ppn[3:0] = 4", 4}, {"N with ppn[3:0] = 12", 12}, {"N with ppn[3:0] = 15", 15},
};

static void reserved(const void *v) {
    const struct row *row = v;
    struct mapping m = map_64k(LEAF);
    m.pte = (m.pte & ~pte_ppn(0xf000)) | pte_ppn(row->low_ppn << 12);
    vm_expect_kinds("reserved size", &m, BY_S, 0, "");
}
CASE_ROWS(rows, reserved);

// Every page of the range goes to its own page: the low four bits come from the address.
CASE(napot_maps_sixteen_pages) {
    struct mapping m = map_64k(LEAF);
    for (unsigned i = 0; i < 16; i++) {
        struct mapping page = {m.slot + i, m.pte, m.va + i * PAGE, m.pa + i * PAGE};
        vm_expect_kinds("a page of the 64 KiB", &page, BY_S, 0, KINDS);
    }
}

CASE(napot_permissions) {
    struct mapping m = map_64k((LEAF & ~(uint64_t)PTE_W) | PTE_U);
    vm_expect_kinds("as U", &m, BY_U, 0, "lf");
    vm_expect_kinds("as S", &m, BY_S, 0, "");
    vm_expect_kinds("as S with SUM", &m, BY_S, MSTATUS_SUM, "l");
}

// A of the PTE that was used is set. (The others of the range may follow or not.)
CASE(napot_accessed_and_dirty) {
    struct mapping m = map_64k(LEAF & ~(uint64_t)PTE_AD);
    vm_expect("load", &m, BY_S, 0, 'l', NO_TRAP);
    vm_expect("store", &m, BY_S, 0, 's', NO_TRAP);
}

// A fence for any address of the range covers the range.
CASE(napot_fence_covers_the_range) {
    struct mapping m = map_64k(LEAF);
    vm_access(BY_S, 0, 'l', m.va);
    for (int i = 0; i < 16; i++) m.slot[i] = pte_ppn((uint64_t)pages[32]) | (LEAF & ~PTE_N);
    __asm__ volatile("sfence.vma %0, zero" ::"r"(m.va + 7 * PAGE) : "memory");
    __asm__ volatile("sfence.vma %0, zero" ::"r"(m.va) : "memory");
    *(uint64_t *)pages[32] = 42;
    struct outcome o = vm_access(BY_S, 0, 'l', m.va);
    CHECK_EQ(o.a[0], 42);
}
