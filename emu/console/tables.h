// SPDX-License-Identifier: MIT
// Page tables as a whole: each PTE in order, and the ranges they map. A table is hostile: it may
// contain itself, so the tables that are read are counted and the visit ends after TABLES_MAX.
#ifndef TABLEWALK_EMU_CONSOLE_TABLES_H
#define TABLEWALK_EMU_CONSOLE_TABLES_H

#include "mmu/mmu.h"

enum { TABLES_MAX = 1 << 16, TABLE_ENTRIES = 512, SAVED_TABLES = 8, SAVED_NAME = 32 };

struct table_entry {
    uint64_t va; // of the first byte that it maps, sign-extended
    uint64_t pte, pte_addr;
    unsigned level;
    bool leaf; // R, W or X is set
};

// Where a space's table leads a fetch in S-mode: the address of a trap handler, which is the same
// in every living space. false: nowhere.
bool tables_lead(struct mmu *mmu, uint64_t root, uint64_t va, uint64_t *pa) MUST_CHECK;

// Entries with V, depth first, each pointer before what it leads to. false from the visitor ends
// the visit.
typedef bool (*table_visitor)(void *context, const struct table_entry *e);
// false: cut off after TABLES_MAX tables, or by the visitor.
bool tables_visit(struct phys *phys, uint64_t root, table_visitor visit, void *context);

// Pages that follow each other and have the same flags.
struct mapping {
    uint64_t va, pa, bytes;
    uint64_t flags; // of the PTE: bits 7-0, PBMT, N
    unsigned level; // of the first
};

struct mappings {
    struct mapping *list; // malloc'ed, in order of va as numbers from 0 up
    size_t count, room;
    bool failed; // out of host memory, or cut off
};

// ignore_ad: A and D make no difference between pages.
void mappings_of(struct phys *phys, uint64_t root, bool ignore_ad, struct mappings *m);
void mappings_free(struct mappings *m);

struct saved_tables {
    struct saved_table {
        char name[SAVED_NAME];
        struct mappings mappings;
    } table[SAVED_TABLES];
    unsigned count;
};

static inline uint64_t pte_address(uint64_t pte) {
    return (pte & PTE_PPN) >> PTE_PPN_SHIFT << PAGE_SHIFT;
}

#endif
