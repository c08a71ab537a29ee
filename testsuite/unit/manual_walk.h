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

#endif
