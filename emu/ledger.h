// SPDX-License-Identifier: MIT
// Where the cycles of a run went, by mode and address space: for --stats. The ledger is written
// when a hart changes mode or space, so the engines know nothing of it.
#ifndef TABLEWALK_EMU_LEDGER_H
#define TABLEWALK_EMU_LEDGER_H

#include "cpu/timing.h"
#include "emu/machine.h"

enum {
    LEDGER_PAGES = 512, // of modes and spaces; what comes later shares the last one
    LEDGER_NAME_BYTES = 32,
};

#define LEDGER_NO_SPACE UINT64_MAX

// What a hart did. Without a timing core all stalls are 0.
struct ledger_sums {
    uint64_t cycles, instructions, traps; // traps: out of this mode
    uint64_t tlb_misses, walks, pte_reads;
    uint64_t stall[STALLS];
};

// In one mode, and in one address space where addresses are translated.
struct ledger_page {
    enum privilege mode;
    uint64_t root; // physical address of the root table, or LEDGER_NO_SPACE
    char name[LEDGER_NAME_BYTES];
    struct ledger_sums sums;
};

struct ledger;

// Tells what runs in an address space now, while h executes in it or has just done so; "" where
// nobody knows. The text lives until the next call.
struct run_names {
    void *context;
    const char *(*space)(void *context, const struct hart *h, uint64_t root);
};

// Is written from now on. NULL: out of host memory.
struct ledger *ledger_create(struct machine *m, const struct run_names *names);
void ledger_destroy(struct ledger *l); // NULL does nothing

// Up to now. The pages with the most cycles come first.
const struct ledger_page *ledger_pages(struct ledger *l, unsigned *count);

#endif
