// SPDX-License-Identifier: MIT
// What a device test needs of a machine: a clock that the test moves, wires that it looks at, and
// the bus seen from the guest's side.
#ifndef TABLEWALK_TESTSUITE_UNIT_WIRES_H
#define TABLEWALK_TESTSUITE_UNIT_WIRES_H

#include "devices/device.h"

#include <criterion/criterion.h>

enum { CYCLES_PER_TICK = 10 };

struct test_clock {
    struct schedule schedule;
    uint64_t now;    // cycles
    unsigned sooner; // times that the run loop was told to look again
};

static inline uint64_t test_clock_now(void *clock) { return ((struct test_clock *)clock)->now; }
static inline void test_clock_sooner(void *clock) { ((struct test_clock *)clock)->sooner++; }

static inline void test_clock_start(struct test_clock *c) {
    *c = (struct test_clock){.now = 0};
    schedule_init(&c->schedule, CYCLES_PER_TICK);
    c->schedule.now = test_clock_now;
    c->schedule.sooner = test_clock_sooner;
    c->schedule.machine = c;
}

// Lets time pass until the given cycle; every event fires at its own time.
static inline void test_clock_go(struct test_clock *c, uint64_t to) {
    for (unsigned looks = 0; c->schedule.next <= to; looks++) {
        cr_assert_lt(looks, 100000, "events without end");
        if (c->now < c->schedule.next) c->now = c->schedule.next;
        schedule_run(&c->schedule, c->now);
    }
    c->now = to;
}

// The other end of an interrupt line.
struct wire {
    bool level;
    unsigned rises; // times that it went high
};

static inline void wire_set(void *listener, unsigned line, bool level) {
    struct wire *w = (struct wire *)listener + line;
    w->rises += level && !w->level;
    w->level = level;
}

// The line to wire[n].
static inline struct irq_line wire_line(struct wire *wire, unsigned n) {
    return (struct irq_line){.set = wire_set, .listener = wire, .line = n};
}

// Register accesses that must not be refused.
static inline uint64_t get(struct device *d, uint64_t offset, unsigned size) {
    uint64_t value = UINT64_MAX;
    cr_assert(d->type->read(d, offset, size, &value), "read at %lx refused", (long)offset);
    return value;
}

static inline void put(struct device *d, uint64_t offset, unsigned size, uint64_t value) {
    cr_assert(d->type->write(d, offset, size, value), "write at %lx refused", (long)offset);
}

#endif
