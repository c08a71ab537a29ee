// SPDX-License-Identifier: MIT
// Virtual time and what is due in it. Time is counted in cycles since reset and moves only when the
// run loop says so; a device that wants something to happen later (a timer, a disk's completion, a
// FIFO time-out) arms an event. Events that are due at the same cycle fire in the order of their
// ids, so a run is the same on every host.
#ifndef TABLEWALK_DEVICES_SCHEDULE_H
#define TABLEWALK_DEVICES_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#define NEVER UINT64_MAX

enum { SCHEDULE_MAX_EVENTS = 64 };

struct event {
    uint64_t when; // cycles; NEVER: not armed
    void (*fire)(void *device);
    void *device;
};

struct schedule {
    // The present, in cycles. Asked, not stored: inside a hart's run the hart knows it best.
    uint64_t (*now)(void *machine);
    // An event was armed earlier than the run loop knows: it must look again.
    void (*sooner)(void *machine);
    void *machine;
    uint64_t cycles_per_tick; // one tick of mtime (10 MHz) is this many cycles
    uint64_t next;            // cycles: the earliest armed event, or NEVER
    struct event event[SCHEDULE_MAX_EVENTS];
    unsigned events;
};

void schedule_init(struct schedule *s, uint64_t cycles_per_tick);

// Takes an event slot for a device, not armed. The id is >= 0 and stays valid; -1: no slot is left.
int schedule_add(struct schedule *s, void (*fire)(void *device), void *device);

// Arms event id for the absolute cycle `when` (replacing what was armed), or takes it off with
// NEVER. A `when` that has passed fires at the next look.
void schedule_arm(struct schedule *s, int id, uint64_t when);

// Fires, in order, every event with when <= now. An event may arm itself again; one that arms
// itself for the present fires in the same call at most once.
void schedule_run(struct schedule *s, uint64_t now);

// The present in cycles, and in ticks of mtime.
uint64_t schedule_now(const struct schedule *s);
uint64_t schedule_ticks(const struct schedule *s);

#endif
