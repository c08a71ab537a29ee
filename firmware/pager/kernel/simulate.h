// SPDX-License-Identifier: MIT
//
// Page replacement on paper: the same policies as in policy.c, written down a second time for a
// list of page numbers, and the optimum, which no kernel can have because it knows the future.
#ifndef TABLEWALK_PAGER_SIMULATE_H
#define TABLEWALK_PAGER_SIMULATE_H

#include "kernel/lib.h"

#define SIMULATED_FRAMES 32

// How many faults `count` references to `page` cause with that many frames (at most
// SIMULATED_FRAMES), all of them empty at first.
typedef uint32_t simulate_fn(const uint8_t *page, uint32_t count, uint32_t frames);
simulate_fn simulate_fifo, simulate_clock, simulate_lru, simulate_optimal;

#endif
