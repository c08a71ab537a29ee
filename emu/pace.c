// SPDX-License-Identifier: MIT
// Keeping pace with the host's clock (see pace.h).
#include "emu/pace.h"

#include <time.h>

enum { NANOSECONDS = 1000000000, LEAST_WAIT = 1000000, MOST_LAG = 100000000 };

static uint64_t host_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NANOSECONDS + (uint64_t)now.tv_nsec;
}

uint64_t pace_ahead(struct pace *p, uint64_t guest_now) {
    const uint64_t host = host_now();
    if (!p->began) *p = (struct pace){true, host, guest_now};
    const uint64_t due = p->host + (guest_now - p->guest); // on the host's clock
    if (due + MOST_LAG < host) *p = (struct pace){true, host, guest_now};
    return due > host + LEAST_WAIT ? due - host : 0;
}
