// SPDX-License-Identifier: MIT
// Whoever wants to see the access path at work hangs an observer into it: the console, the trace,
// the memory view. Calls come only from the slow path (a walk, a fault, a flush), so a run that
// nobody watches pays nothing. Every function may be NULL. An observer changes nothing.
#ifndef TABLEWALK_MMU_OBSERVE_H
#define TABLEWALK_MMU_OBSERVE_H

#include "mmu/tlb.h"
#include "mmu/walk.h"

struct mmu_fault;

struct observer {
    void (*walk)(void *context, const struct walk_request *request,
                 const struct walk_result *result);
    void (*tlb_filled)(void *context, const struct tlb_entry *entry);
    void (*tlb_evicted)(void *context, const struct tlb_entry *entry);
    void (*fenced)(void *context, bool all, uint64_t va, bool any_asid, uint16_t asid);
    void (*fault)(void *context, uint64_t va, const struct mmu_fault *fault);
    void *context;
};

#endif
