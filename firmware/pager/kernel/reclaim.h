// SPDX-License-Identifier: MIT
//
// Getting frames back: from a frame to all page-table entries that lead to it, eviction of one
// page, swapping of whole programs, and what happens when nothing is left.
#ifndef TABLEWALK_PAGER_RECLAIM_H
#define TABLEWALK_PAGER_RECLAIM_H

#include "kernel/lib.h"

struct kernel;
struct process;

// Runs over the page-table entries that map a frame. Start with {0}; false at the end.
struct mapping {
    unsigned process_index, area;
    struct process *process;
    uint64_t address;
    uint64_t *entry;
};
bool mapping_next(struct kernel *kernel, uint32_t number, struct mapping *mapping);

// Was the page used since last asked? Clears the A bits.
bool frame_collect_referenced(struct kernel *kernel, uint32_t number);

// Does the page differ from its copy on disk? Clears the D bits; the frame's own mark keeps it.
bool frame_collect_dirty(struct kernel *kernel, uint32_t number);

// May the replacement policy choose this frame?
bool frame_evictable(const struct kernel *kernel, uint32_t number);

// Takes the page out of RAM, writing it to disk if it was changed. False when that fails; the page
// then stays, unharmed.
bool frame_evict(struct kernel *kernel, uint32_t number);

// Evicts the page that the policy chooses. False when no page can go.
bool reclaim_one(struct kernel *kernel);

// Nothing helps any more: ends the program with the most memory and says so. False when that is
// the running one (it ends a little later) or there is none.
bool out_of_memory(struct kernel *kernel);

// Whole-process swapping: writes out, or brings back, all of a program's own pages. Returns how
// many pages moved.
uint32_t swap_out_process(struct kernel *kernel, struct process *process);
uint32_t swap_in_process(struct kernel *kernel, struct process *process);

#endif
