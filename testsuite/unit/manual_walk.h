// SPDX-License-Identifier: MIT
// The address translation of the privileged manual a second time, for comparison with mmu/walk.c.
#ifndef TABLEWALK_TESTSUITE_UNIT_MANUAL_WALK_H
#define TABLEWALK_TESTSUITE_UNIT_MANUAL_WALK_H

#include "mmu/walk.h"

struct manual_result {
    enum walk_reason reason;
    uint64_t pa;    // when reason is WALK_OK
    uint64_t pte;   // the leaf as the process leaves it in memory, when reason is WALK_OK
    unsigned reads; // of PTEs
    int i;          // as the manual's
};

struct manual_result manual_walk(const struct walk_request *request, walk_read_fn read,
                                 void *context);

// A page that a table leads to, whatever the manual says of its reserved bits and its alignment.
struct manual_leaf {
    uint64_t va, pa, pte;
    uint64_t bytes;
    int i; // as the manual's
};

// Every such page, by address: 512 times 512 times 512 VPNs, of which those below an invalid PTE or
// a leaf are left out. `found` may be called with the same memory more than once.
void manual_leaves(uint64_t root, walk_read_fn read, void *context,
                   void (*found)(void *context, const struct manual_leaf *leaf));

#endif
