// SPDX-License-Identifier: MIT
// The event counters mhpmcounter3 and up with their mhpmevent (privileged manual, "Hardware
// Performance Monitor", and the Sscofpmf chapter: filters by mode, overflow interrupts).
//
// Nothing counts for them: a counter that runs is the count of its event (cpu/event.h) at a
// distance that is settled when it starts, so it is exact whenever it is read, and no instruction
// is slower.
//
// An overflow is noticed
//   - of cycles and instructions: before the next instruction, since hart_run stops there;
//   - of an event of the timing model: before the next instruction where a load, store, branch or
//     jump brought it about; where fetching did, at the end of the block at the latest;
//   - of exceptions, interrupts and page faults: before the handler's first instruction;
//   - of all others: when the hart's cycles come to a multiple of LOOK_INTERVAL.
#ifndef TABLEWALK_CPU_COUNTER_H
#define TABLEWALK_CPU_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

struct hart;

enum { HPM_FIRST = 3, HPM_COUNTERS = 8, LOOK_INTERVAL = 1024 };
// Bits of mcountinhibit and its like.
#define HPM_MASK (((UINT32_C(1) << HPM_COUNTERS) - 1) << HPM_FIRST)

// Fields of mhpmevent.
#define HPM_OF       (UINT64_C(1) << 63) // has overflowed
#define HPM_MINH     (UINT64_C(1) << 62) // does not count in M-mode,
#define HPM_SINH     (UINT64_C(1) << 61) // S-mode,
#define HPM_UINH     (UINT64_C(1) << 60) // U-mode
#define HPM_INHIBIT  (HPM_MINH | HPM_SINH | HPM_UINH)
#define HPM_FLAGS    (UINT64_C(0x3f) << 58) // with those of a hypervisor, which there is not
#define HPM_SELECTOR UINT64_C(0xff)

struct hpm_counter {
    uint64_t event; // mhpmevent
    uint64_t base;  // of one that runs: what to add to the event's count; else its value
    bool runs;
    bool armed;   // it runs, and will overflow for the first time within 2^63 events
    bool noticed; // when it wraps, somebody asks for counters_look at once
};

// n: HPM_FIRST to HPM_FIRST + HPM_COUNTERS - 1. The writes are those of a CSR instruction that does
// not count yet in hart_retired.
uint64_t counter_read(const struct hart *h, unsigned n);
void counter_write(struct hart *h, unsigned n, uint64_t value);
void counter_select(struct hart *h, unsigned n, uint64_t event); // mhpmevent
// mcountinhibit was written.
void counters_inhibited(struct hart *h);
// The mode has changed. returning: by an instruction that does not count yet in hart_retired.
void counters_mode_changed(struct hart *h, bool returning);
// scountovf: bit n, has counter n overflowed?
uint64_t counters_overflowed(const struct hart *h);

// For hart_run. How many cycles may go by, at most `cycles`, before counters are to be looked at.
uint64_t counters_patience(struct hart *h, uint64_t cycles);
// Those that have overflowed since: OF, and the interrupt pends.
void counters_look(struct hart *h);
// Is there something to see for counters_look?
bool counters_wrapped(const struct hart *h);

#endif
