// SPDX-License-Identifier: MIT
// Step 7: A and D. With menvcfg.ADUE the walker sets them (A by any access, D by a store), and only
// when the access succeeds; without it their absence is a page fault. vm_expect() checks after
// every access in all of these tests that the PTE gained just that, or nothing.
//
// QEMU 7.2 knows no ADUE and always sets the bits: the rows of "without ADUE" fail there.
#include "vm.h"

struct row {
    const char *name;
    uint64_t flags;                       // of the leaf, besides V
    const char *with_adue, *without_adue; // kinds of access that succeed
};

static const struct row rows[] = {
    {"A and D clear", PTE_RWX, "lsf", ""},
    {"A set, D clear", PTE_RWX | PTE_A, "lsf", "lf"},
    {"A clear, D set", PTE_RWX | PTE_D, "lsf", ""},
    {"A and D set", PTE_RWX | PTE_AD, "lsf", "lsf"},
    {"a read-only page is not made dirty", PTE_R, "l", ""},
    {"a page one can only execute is not made dirty", PTE_X, "f", ""},
    {"a user page that S may not touch keeps its bits", PTE_RWX | PTE_U, "", ""},
    {"a reserved combination keeps its bits", PTE_W, "", ""},
    {"a reserved bit keeps the others", PTE_RWX | BIT(57), "", ""},
};

static void check_row(const void *v) {
    const struct row *row = v;
    for (int level = 0; level <= 2; level++) {
        struct mapping m = vm_simple(level, row->flags | PTE_V);
        vm_expect_kinds("with ADUE", &m, BY_S, 0, row->with_adue);
        vm_expect_kinds("with ADUE", &m, BY_MPRV_S, 0, row->with_adue);
        csr_clear(CSR_MENVCFG, MENVCFG_ADUE);
        sfence_vma();
        vm_expect_kinds("without ADUE", &m, BY_S, 0, row->without_adue);
        vm_expect_kinds("without ADUE", &m, BY_MPRV_S, 0, row->without_adue);
        csr_set(CSR_MENVCFG, MENVCFG_ADUE);
    }
}
CASE_ROWS(rows, check_row);

CASE(misaligned_superpages_keep_their_bits) {
    for (int level = 1; level <= 2; level++) {
        struct mapping m = vm_simple(level, PTE_V | PTE_RWX | pte_ppn(0x1000));
        vm_expect_kinds("misaligned", &m, BY_S, 0, "");
    }
}

// The table is read-only for S: a walk that has nothing to set passes, one that must set A or D
// ends in an access fault of the access's own type, and the PTE stays as it was.
CASE(update_needs_a_writable_table) {
    struct mapping m = vm_simple(0, PTE_V | PTE_RWX | PTE_AD);
    uint64_t table = (uint64_t)m.slot & ~UINT64_C(0xfff);
    pmp_set(0, PMP_R | PMP_NAPOT, pmp_napot(table, PAGE));
    for (const char *kind = KINDS; *kind; kind++) {
        m.pte |= PTE_AD;
        vm_expect("nothing to set", &m, BY_S, 0, *kind, NO_TRAP);
        m.pte &= ~(uint64_t)PTE_AD;
        vm_expect("A to set", &m, BY_S, 0, *kind, access_fault_of(*kind));
    }
    m.pte |= PTE_A;
    vm_expect("D to set", &m, BY_S, 0, 's', STORE_ACCESS);
    vm_expect("D not needed", &m, BY_S, 0, 'l', NO_TRAP);
}

// A translation that a load brought in must not let a later store skip D.
CASE(store_after_load_sets_dirty) {
    struct mapping m = vm_simple(0, PTE_V | PTE_RWX);
    vm_access(BY_S, 0, 'l', m.va);
    CHECK_EQ(*m.slot, m.pte | PTE_A);
    vm_access(BY_S, 0, 's', m.va);
    CHECK_EQ(*m.slot, m.pte | PTE_AD);
}

SNIPPET(amo, "amoadd.d a0, a1, (a0)");
SNIPPET(lr, "lr.d a0, (a0)");
SNIPPET(lr_sc, "lr.d t0, (a0)\n sc.d a0, a1, (a0)");
SNIPPET(float_load, "fld fa0, 0(a0)");
SNIPPET(float_store, "fsd fa0, 0(a0)");
SNIPPET(block_zero, "cbo.zero (a0)");

static const struct kind_row {
    const char *name;
    const char *code;
    uint64_t gained;
} kind_rows[] = {
    {"amoadd sets A and D", amo, PTE_AD},      {"lr sets A alone", lr, PTE_A},
    {"lr and sc set A and D", lr_sc, PTE_AD},  {"fld sets A alone", float_load, PTE_A},
    {"fsd sets A and D", float_store, PTE_AD}, {"cbo.zero sets A and D", block_zero, PTE_AD},
};

static void check_kind(const void *v) {
    const struct kind_row *row = v;
    struct mapping m = vm_simple(0, PTE_V | PTE_RW);
    csr_set(CSR_MENVCFG, MENVCFG_CBZE);
    struct outcome o = run(S, row->code, m.va, 1);
    CHECK_TRAP(row->name, o, NO_TRAP, 0);
    CHECK_EQ(*m.slot, m.pte | row->gained);
}
CASE_ROWS(kind_rows, check_kind);
