// SPDX-License-Identifier: MIT
// Sv39: a virtual address is cut into three indices of 9 bits and an offset of 12. Each index picks
// one of the 512 entries (PTEs) of a table; the entry names the next table, or, as a leaf, the
// page. A leaf at level 2 maps a whole gigabyte at once.
#include "firmware/demo/demo.h"
#include "firmware/lib/riscv.h"

enum { LEVELS = 3, INDEX_BITS = 9, OFFSET_BITS = 12, PTE_PPN_SHIFT = 10 };

#define SATP_SV39 (UINT64_C(8) << 60)
#define GIGABYTE  (UINT64_C(1) << 30)

static unsigned index_of(uint64_t va, unsigned level) {
    return (unsigned)(va >> (OFFSET_BITS + INDEX_BITS * level)) & 0x1ff;
}

static pte_t make_pte(uint64_t pa, pte_t bits) { return pa >> OFFSET_BITS << PTE_PPN_SHIFT | bits; }

static uint64_t pte_address(pte_t pte) {
    return (pte >> PTE_PPN_SHIFT & ((UINT64_C(1) << 44) - 1)) << OFFSET_BITS;
}

// Where a valid PTE has its PPN.
pte_t pte_on_disk(uint64_t sector) { return sector << PTE_PPN_SHIFT; }

uint64_t pte_sector(pte_t pte) { return pte >> PTE_PPN_SHIFT; }

// A and D start as 0: whoever uses the page sets them.
pte_t pte_for_frame(const void *frame) { return make_pte((uint64_t)frame, PTE_V | PTE_R | PTE_W); }

pte_t *paging_entry(struct paging *paging, unsigned n) {
    return &paging->leaf.entry[index_of(WINDOW, 0) + n];
}

void paging_build(struct paging *p) {
    const pte_t used = PTE_V | PTE_R | PTE_W | PTE_G | PTE_A | PTE_D;
    p->root.entry[0] = make_pte(0, used);                                            // devices
    p->root.entry[index_of(2 * GIGABYTE, 2)] = make_pte(2 * GIGABYTE, used | PTE_X); // RAM
    p->root.entry[index_of(WINDOW, 2)] = make_pte((uint64_t)&p->middle, PTE_V);
    p->middle.entry[index_of(WINDOW, 1)] = make_pte((uint64_t)&p->leaf, PTE_V);
    for (unsigned n = 0; n < WINDOW_PAGES; n++)
        *paging_entry(p, n) = pte_on_disk(n * SECTORS_PER_PAGE);
}

void paging_turn_on(const struct paging *p) {
    sfence_vma_all(); // the tables are complete before the first walk reads them
    csr_write(satp, SATP_SV39 | (uint64_t)&p->root >> OFFSET_BITS);
    sfence_vma_all();
}

static void say_bits(pte_t pte) {
    static const char letters[] = "DAGUXWRV"; // from bit 7 down
    for (unsigned i = 0; i < 8; i++) say("%c", pte >> (7 - i) & 1 ? letters[i] : '-');
}

// Prints one step. true: the walk goes on in *table.
static bool explain_step(uint64_t va, unsigned level, uint64_t *table) {
    const pte_t *entry = (const pte_t *)*table + index_of(va, level);
    pte_t pte = *entry;
    say("      level %u   PTE at 0x%lx = 0x%016lx  ", level, (uint64_t)entry, pte);
    say_bits(pte);
    *table = pte_address(pte);
    if (!(pte & PTE_V)) {
        say("  V=0: no page\n");
        return false;
    }
    if (pte & (PTE_R | PTE_X)) {
        uint64_t in_page = va & ((UINT64_C(1) << (OFFSET_BITS + INDEX_BITS * level)) - 1);
        say("  -> address 0x%lx\n", *table + in_page);
        return false;
    }
    say("  -> table 0x%lx\n", *table);
    return true;
}

void paging_explain(const struct paging *p, uint64_t va) {
    uint64_t table = (uint64_t)&p->root;
    unsigned level = LEVELS - 1;
    say("      address 0x%lx = index %u | index %u | index %u | offset 0x%lx\n", va,
        index_of(va, 2), index_of(va, 1), index_of(va, 0), va % PAGE_SIZE);
    say("      satp      root table at 0x%lx\n", table);
    while (explain_step(va, level, &table) && level > 0) level--;
}
