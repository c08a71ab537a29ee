// SPDX-License-Identifier: MIT
// Page walks in words: what walk and explain share.
#ifndef TABLEWALK_EMU_CONSOLE_TRANSLATE_H
#define TABLEWALK_EMU_CONSOLE_TRANSLATE_H

#include "mmu/mmu.h"

// The least that must change so that a walk that failed passes.
struct remedy {
    enum walk_reason reason;             // what it is against
    const char *text;                    // in words
    uint64_t pte_addr, old_pte, new_pte; // equal PTEs: the change is elsewhere
};

enum { MAX_REMEDIES = 4 };

// How far the changes take the access: with all of them, does it pass, and where to?
struct cure {
    struct remedy remedy[MAX_REMEDIES];
    unsigned remedies;
    bool passes;
    uint64_t pa;
};

// Finds the changes one after the other: each takes the walk one rule further. `then`: a walk whose
// PTEs count as they were; NULL: memory as it is now.
void cure_find(struct mmu *m, struct walk_request request, const struct walk_result *then,
               struct cure *cure);

#endif
