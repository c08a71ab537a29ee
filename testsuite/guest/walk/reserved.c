// SPDX-License-Identifier: MIT
// Steps 3, 4 and 6: PTEs that are invalid, reserved, too deep or misaligned superpages are page
// faults; bits that software owns are not looked at. One row a rule; each holds for loads, stores
// and fetches.
//
// QEMU 7.2 takes no notice of the reserved bits 54 to 59. Spike agrees with every row.
#include "vm.h"

#define LEAF (PTE_V | PTE_RWX | PTE_AD)

struct row {
    const char *name;
    int level;           // of the leaf
    int slot_level;      // of the PTE that is changed: the leaf's, or one above
    uint64_t clear, set; // in that PTE
    uint64_t menvcfg;
    const char *ok; // accesses that succeed
};

#define ALL KINDS
static const struct row rows[] = {
    {"a clean page is fine", 0, 0, 0, 0, 0, ALL},
    {"a clean megapage is fine", 1, 1, 0, 0, 0, ALL},
    {"a clean gigapage is fine", 2, 2, 0, 0, 0, ALL},
    {"V clear in a page", 0, 0, PTE_V, 0, 0, ""},
    {"V clear in a megapage", 1, 1, PTE_V, 0, 0, ""},
    {"V clear in a gigapage", 2, 2, PTE_V, 0, 0, ""},
    {"V clear in a level 1 pointer", 0, 1, PTE_V, 0, 0, ""},
    {"V clear in the root's pointer", 0, 2, PTE_V, 0, 0, ""},
    {"all other bits set do not help without V", 0, 0, PTE_V, PTE_U | PTE_G | PTE_RSW, 0, ""},
    {"a pointer at level 0 leads nowhere", 0, 0, PTE_RWX | PTE_AD, 0, 0, ""},
    {"W alone in the root is no pointer", 0, 2, 0, PTE_W, 0, ""},
    {"W alone at level 1 is no pointer", 0, 1, 0, PTE_W, 0, ""},
    {"A in the root's pointer", 0, 2, 0, PTE_A, 0, ""},
    {"D in the root's pointer", 0, 2, 0, PTE_D, 0, ""},
    {"U in the root's pointer", 0, 2, 0, PTE_U, 0, ""},
    {"A in a level 1 pointer", 0, 1, 0, PTE_A, 0, ""},
    {"D in a level 1 pointer", 0, 1, 0, PTE_D, 0, ""},
    {"U in a level 1 pointer", 0, 1, 0, PTE_U, 0, ""},
    {"G in pointers is allowed", 0, 1, 0, PTE_G, 0, ALL},
    {"RSW in a leaf is software's", 0, 0, 0, PTE_RSW, 0, ALL},
    {"RSW in a pointer is software's", 0, 2, 0, PTE_RSW, 0, ALL},
    {"reserved bit 54 in a leaf", 0, 0, 0, BIT(54), 0, ""},
    {"reserved bit 55 in a leaf", 0, 0, 0, BIT(55), 0, ""},
    {"reserved bit 56 in a leaf", 0, 0, 0, BIT(56), 0, ""},
    {"reserved bit 57 in a leaf", 0, 0, 0, BIT(57), 0, ""},
    {"reserved bit 58 in a leaf", 0, 0, 0, BIT(58), 0, ""},
    {"reserved bit 59 in a leaf", 0, 0, 0, BIT(59), 0, ""},
    {"reserved bit 60 in a leaf", 0, 0, 0, BIT(60), 0, ""},
    {"reserved bit 54 in a gigapage", 2, 2, 0, BIT(54), 0, ""},
    {"reserved bit 54 in a pointer", 0, 1, 0, BIT(54), 0, ""},
    {"reserved bit 60 in the root's pointer", 0, 2, 0, BIT(60), 0, ""},
    {"N in a pointer", 0, 1, 0, PTE_N, 0, ""},
    {"N in a megapage", 1, 1, 0, PTE_N, 0, ""},
    {"N in a gigapage", 2, 2, 0, PTE_N, 0, ""},
    {"PBMT in the root's pointer", 0, 2, 0, PTE_PBMT(1), MENVCFG_PBMTE, ""},
    {"PBMT in a level 1 pointer", 0, 1, 0, PTE_PBMT(2), MENVCFG_PBMTE, ""},
    {"PBMT 1 without PBMTE", 0, 0, 0, PTE_PBMT(1), 0, ""},
    {"PBMT 2 without PBMTE", 0, 0, 0, PTE_PBMT(2), 0, ""},
    {"PBMT 1 is non-cacheable memory", 0, 0, 0, PTE_PBMT(1), MENVCFG_PBMTE, ALL},
    {"PBMT 2 is input and output", 0, 0, 0, PTE_PBMT(2), MENVCFG_PBMTE, ALL},
    {"PBMT 1 in a gigapage", 2, 2, 0, PTE_PBMT(1), MENVCFG_PBMTE, ALL},
    {"PBMT 3 is reserved", 0, 0, 0, PTE_PBMT(3), MENVCFG_PBMTE, ""},
    {"PBMT 3 without PBMTE", 0, 0, 0, PTE_PBMT(3), 0, ""},
    {"megapage misaligned by a page", 1, 1, 0, pte_ppn(0x1000), 0, ""},
    {"megapage misaligned by a megabyte", 1, 1, 0, pte_ppn(0x100000), 0, ""},
    {"gigapage misaligned by a page", 2, 2, 0, pte_ppn(0x1000), 0, ""},
    {"gigapage misaligned by 256 KiB", 2, 2, 0, pte_ppn(0x40000), 0, ""},
    {"gigapage misaligned by a megapage", 2, 2, 0, pte_ppn(0x200000), 0, ""},
    {"gigapage misaligned by 512 MiB", 2, 2, 0, pte_ppn(0x20000000), 0, ""},
};

static void check_row(const void *v) {
    const struct row *row = v;
    csr_set(CSR_MENVCFG, row->menvcfg);
    struct mapping m = vm_simple(row->level, LEAF);
    if (row->slot_level == row->level) {
        m.pte = (m.pte & ~row->clear) | row->set;
    } else {
        const uint64_t *root = (const uint64_t *)(csr_read("satp") << 12);
        uint64_t *upper = vm_slot((uint64_t *)root, m.va, row->slot_level);
        *upper = (*upper & ~row->clear) | row->set;
    }
    vm_expect_kinds(who_name[BY_S], &m, BY_S, 0, row->ok);
    vm_expect_kinds(who_name[BY_MPRV_S], &m, BY_MPRV_S, 0, row->ok);
}
CASE_ROWS(rows, check_row);
