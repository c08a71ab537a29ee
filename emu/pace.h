// SPDX-License-Identifier: MIT
// --realtime: virtual time against the host's clock. The guest sees nothing of it.
#ifndef TABLEWALK_EMU_PACE_H
#define TABLEWALK_EMU_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
    bool began;
    uint64_t host, guest; // nanoseconds of either's time, when they were last brought together
};

// How many nanoseconds the guest's time is ahead of the host's; 0 where it is not, or by less than
// is worth waiting for. Where the host has fallen behind by much (it is too slow, or the machine
// was stopped in the debug console) the two are brought together anew: nothing is caught up on.
uint64_t pace_ahead(struct pace *p, uint64_t guest_now);

#endif
