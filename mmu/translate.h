// SPDX-License-Identifier: MIT
// Between mmu/mmu.c and mmu/access.c: a virtual address becomes a physical one. Nobody else
// includes it.
#ifndef TABLEWALK_MMU_TRANSLATE_H
#define TABLEWALK_MMU_TRANSLATE_H

#include "mmu/mmu.h"

struct translation {
    uint64_t pa;
    unsigned level;           // size of the page it came from
    enum privilege privilege; // with which the access is made
};

// Translates va for access in the current context: TLB, then walk. false: m->fault. PMP and memory
// map are not looked at for the access itself.
bool mmu_translate(struct mmu *m, uint64_t va, enum access access,
                   struct translation *t) MUST_CHECK;

// Notes why an access fails. Returns false.
bool mmu_fail(struct mmu *m, uint64_t va, enum access access, enum walk_reason reason);

#endif
