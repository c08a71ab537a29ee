// SPDX-License-Identifier: MIT
// The events that a hart counts (cpu/event.def, and the stalls of cpu/stall.def), by their
// selectors: the numbers that software writes into mhpmevent.
#ifndef TABLEWALK_CPU_EVENT_H
#define TABLEWALK_CPU_EVENT_H

#include "cpu/hart.h"

enum { STALL_SELECTOR = 0x40, EVENT_SELECTOR_MAX = 0xff };

// General hardware events of SBI (SBI 2.0, 11.1), by their numbers, which perf uses too.
enum hardware_event {
    HARDWARE_CYCLES = 1,
    HARDWARE_INSTRUCTIONS = 2,
    HARDWARE_CACHE_REFERENCES = 3,
    HARDWARE_CACHE_MISSES = 4,
    HARDWARE_BRANCHES = 5,
    HARDWARE_BRANCH_MISSES = 6,
    HARDWARE_STALLED_FRONT = 8,
    HARDWARE_STALLED_BACK = 9,
};

// Hardware cache events (SBI 2.0, 11.2): type 1, which cache, which operation, with what result.
enum { CACHE_L1D, CACHE_L1I, CACHE_LL, CACHE_DTLB, CACHE_ITLB, CACHE_BPU };
enum { CACHE_READ, CACHE_WRITE };
enum { CACHE_ACCESS, CACHE_MISS };
enum { CACHE_EVENT_TYPE = 1 << 16, CACHE_ID_SHIFT = 3, CACHE_OPERATION_SHIFT = 1 };

struct event_row {
    const char *name, *text;
    uint16_t selector;
    uint32_t sbi, cache; // event indices of SBI PMU; 0: none
    bool with_core;      // only a hart with a timing core counts it
    enum { NOTICED_LATE, NOTICED_BY_TIMING, NOTICED_BY_TRAPS } noticed; // who sees it happen
};

// The rows, in the order of their selectors. NULL: index is past the last one.
const struct event_row *event_at(unsigned index);
// The row of a selector that this hart counts, or NULL.
const struct event_row *event_find(const struct hart *h, unsigned selector);
// The event's count since the hart was made; 0 where event_find says NULL.
uint64_t event_count(const struct hart *h, unsigned selector);

#endif
