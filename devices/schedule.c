// SPDX-License-Identifier: MIT
// Virtual time and what is due in it (see schedule.h). A machine has a dozen events, so the
// earliest one is found by looking at all of them.
#include "devices/schedule.h"

#include <string.h>

_Static_assert(SCHEDULE_MAX_EVENTS <= 64, "schedule_run keeps a bit an event");

void schedule_init(struct schedule *s, uint64_t cycles_per_tick) {
    memset(s, 0, sizeof *s);
    s->cycles_per_tick = cycles_per_tick;
    s->next = NEVER;
}

int schedule_add(struct schedule *s, void (*fire)(void *device), void *device) {
    if (s->events == SCHEDULE_MAX_EVENTS) return -1;
    s->event[s->events] = (struct event){.when = NEVER, .fire = fire, .device = device};
    return (int)s->events++;
}

static uint64_t earliest(const struct schedule *s) {
    uint64_t when = NEVER;
    for (unsigned i = 0; i < s->events; i++) {
        if (s->event[i].when < when) when = s->event[i].when;
    }
    return when;
}

void schedule_arm(struct schedule *s, int id, uint64_t when) {
    const uint64_t known = s->next;
    s->event[id].when = when;
    s->next = earliest(s);
    if (s->next < known && s->sooner) s->sooner(s->machine);
}

// The earliest event that is due and has not fired in this call; the lowest id of several. NULL:
// none.
static struct event *due(struct schedule *s, uint64_t now, uint64_t fired) {
    struct event *first = NULL;
    for (unsigned i = 0; i < s->events; i++) {
        struct event *e = &s->event[i];
        if (e->when == NEVER || e->when > now || fired >> i & 1) continue;
        if (!first || e->when < first->when) first = e;
    }
    return first;
}

void schedule_run(struct schedule *s, uint64_t now) {
    uint64_t fired = 0;
    for (struct event *e; s->next <= now && (e = due(s, now, fired));) {
        fired |= UINT64_C(1) << (e - s->event);
        e->when = NEVER;
        e->fire(e->device);
    }
    s->next = earliest(s);
}

uint64_t schedule_now(const struct schedule *s) { return s->now(s->machine); }

uint64_t schedule_ticks(const struct schedule *s) { return schedule_now(s) / s->cycles_per_tick; }
