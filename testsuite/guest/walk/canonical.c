// SPDX-License-Identifier: MIT
// An Sv39 address has bits 63..39 equal to bit 38; any other is a page fault before a PTE is read,
// with the whole address in tval. The rows below are tried on tables where every root entry maps
// RAM, so that an emulator that cuts the upper bits off is found out.
#include "vm.h"

#define LEAF (PTE_V | PTE_RWX | PTE_AD)

struct row {
    const char *name;
    uint64_t upper; // bits 63..30; the rest is the offset in the gigapage
    const char *ok;
};

static const struct row rows[] = {
    {"the lowest gigapage", 0, KINDS},
    {"the highest positive gigapage", UINT64_C(0x3fc0000000), KINDS},
    {"the lowest negative gigapage", UINT64_C(0xffffffc000000000), KINDS},
    {"the highest gigapage", UINT64_C(0xffffffffc0000000), KINDS},
    {"bit 38 set and nothing above", UINT64_C(0x4000000000), ""},
    {"bits 38 and 39 set", UINT64_C(0xc000000000), ""},
    {"bit 39 alone", UINT64_C(0x8000000000), ""},
    {"bit 62 alone", UINT64_C(0x4000000000000000), ""},
    {"bit 63 alone", UINT64_C(0x8000000000000000), ""},
    {"all but bit 38", UINT64_C(0xffffff8000000000), ""},
    {"all but bit 39", UINT64_C(0xffffff7fc0000000), ""},
    {"all but bit 63", UINT64_C(0x7fffffffc0000000), ""},
    {"bit 47 sign-extended, as Sv48 has it", UINT64_C(0xffff800000000000), ""},
};

static void check_row(const void *v) {
    const struct row *row = v;
    uint64_t *root = vm_root();
    uint64_t pa = (uint64_t)pages[1];
    for (int i = 0; i < 512; i++) {
        if (i != 2) root[i] = vm_leaf(2, pa) | LEAF;
    }
    uint64_t va = row->upper | (pa & (level_size(2) - 1));
    struct mapping m = {vm_slot(root, va & 0x7fffffffff, 2), vm_leaf(2, pa) | LEAF, va, pa};
    vm_use(root, 0);
    vm_expect_kinds(row->name, &m, BY_S, 0, row->ok);
    vm_expect_kinds(row->name, &m, BY_MPRV_S, 0, row->ok);
}
CASE_ROWS(rows, check_row);
