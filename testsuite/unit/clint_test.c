// SPDX-License-Identifier: MIT
// The CLINT: software interrupts, and timers that follow mtime wherever it is set.
#include "devices/clint.h"
#include "testsuite/unit/wires.h"

enum { HARTS = 3, MTIMECMP = 0x4000, MTIME = 0xbff8 };

struct bench {
    struct test_clock clock;
    struct wire msip[HARTS], mtip[HARTS];
    unsigned written;
    struct device *clint;
};

static void mtime_written(void *listener) { ++*(unsigned *)listener; }

static void start(struct bench *b) {
    *b = (struct bench){.written = 0};
    test_clock_start(&b->clock);
    struct clint_wires wires[HARTS];
    for (unsigned i = 0; i < HARTS; i++) {
        wires[i] = (struct clint_wires){wire_line(b->msip, i), wire_line(b->mtip, i)};
    }
    b->clint =
        clint_create(&(struct device_place){.base = 0x2000000, .schedule = &b->clock.schedule},
                     &(struct clint_config){HARTS, wires, mtime_written, &b->written});
    cr_assert_not_null(b->clint);
}

Test(clint, msip_of_each_hart) {
    struct bench b;
    start(&b);
    put(b.clint, 4, 4, 0xffffffff);
    cr_assert(!b.msip[0].level && b.msip[1].level && !b.msip[2].level);
    cr_assert_eq(get(b.clint, 4, 4), 1, "one bit is writable");
    put(b.clint, 4, 4, 0xfffffffe);
    cr_assert(!b.msip[1].level);
    put(b.clint, 0, 8, UINT64_C(0x100000001)); // two harts at once
    cr_assert(b.msip[0].level && b.msip[1].level && !b.msip[2].level);
    cr_assert_eq(get(b.clint, 0, 8), UINT64_C(0x100000001));
    put(b.clint, 8, 8, UINT64_C(0x100000001)); // hart 3 is not there
    cr_assert_eq(get(b.clint, 8, 8), 1);
    device_destroy(b.clint);
}

Test(clint, timer_rises_at_its_tick_and_falls_when_set_ahead) {
    struct bench b;
    start(&b);
    put(b.clint, MTIMECMP + 8, 8, 100);
    test_clock_go(&b.clock, 100 * CYCLES_PER_TICK - 1);
    cr_assert(!b.mtip[1].level);
    test_clock_go(&b.clock, 100 * CYCLES_PER_TICK);
    cr_assert(b.mtip[1].level && !b.mtip[0].level && !b.mtip[2].level);
    put(b.clint, MTIMECMP + 8, 8, 101);
    cr_assert(!b.mtip[1].level);
    put(b.clint, MTIMECMP + 8, 8, 0);
    cr_assert(b.mtip[1].level, "a time that has passed counts at once");
    put(b.clint, MTIMECMP + 8, 8, UINT64_MAX);
    cr_assert(!b.mtip[1].level);
    cr_assert_eq(b.mtip[1].rises, 2);
    device_destroy(b.clint);
}

Test(clint, halves_of_mtimecmp) {
    struct bench b;
    start(&b);
    cr_assert_eq(get(b.clint, MTIMECMP, 8), UINT64_MAX, "no timer after power-on");
    put(b.clint, MTIMECMP + 4, 4, 1);
    cr_assert_eq(get(b.clint, MTIMECMP, 8), UINT64_C(0x1ffffffff));
    put(b.clint, MTIMECMP, 4, 5);
    cr_assert_eq(get(b.clint, MTIMECMP, 8), UINT64_C(0x100000005));
    cr_assert_eq(get(b.clint, MTIMECMP + 4, 4), 1);
    put(b.clint, MTIMECMP + 4, 4, 0);
    test_clock_go(&b.clock, 5 * CYCLES_PER_TICK);
    cr_assert(b.mtip[0].level);
    device_destroy(b.clint);
}

Test(clint, mtime_can_be_written) {
    struct bench b;
    start(&b);
    test_clock_go(&b.clock, 50 * CYCLES_PER_TICK);
    cr_assert_eq(clint_mtime(b.clint), 50);
    put(b.clint, MTIMECMP, 8, 1000);
    put(b.clint, MTIME, 8, 990);
    cr_assert_eq(b.written, 1);
    cr_assert_eq(get(b.clint, MTIME, 8), 990);
    cr_assert_eq(clint_cycle_of(b.clint, 1000), 60 * CYCLES_PER_TICK);
    test_clock_go(&b.clock, 60 * CYCLES_PER_TICK - 1);
    cr_assert(!b.mtip[0].level);
    test_clock_go(&b.clock, 60 * CYCLES_PER_TICK);
    cr_assert(b.mtip[0].level);
    put(b.clint, MTIME, 8, 999); // back again
    cr_assert(!b.mtip[0].level);
    put(b.clint, MTIME + 4, 4, 1);
    cr_assert_eq(get(b.clint, MTIME, 8), (UINT64_C(1) << 32) + 999);
    cr_assert(b.mtip[0].level);
    cr_assert_eq(b.written, 3);
    device_destroy(b.clint);
}

Test(clint, mtime_wraps) {
    struct bench b;
    start(&b);
    put(b.clint, MTIMECMP, 8, 5);
    put(b.clint, MTIME, 8, UINT64_MAX - 1);
    cr_assert(b.mtip[0].level);
    test_clock_go(&b.clock, 2 * CYCLES_PER_TICK);
    cr_assert_eq(clint_mtime(b.clint), 0);
    cr_assert(!b.mtip[0].level, "mtime is small again");
    test_clock_go(&b.clock, 7 * CYCLES_PER_TICK);
    cr_assert(b.mtip[0].level);
    device_destroy(b.clint);
}

Test(clint, cycle_of_a_time_that_never_comes) {
    struct bench b;
    start(&b);
    cr_assert_eq(clint_cycle_of(b.clint, UINT64_MAX), NEVER);
    test_clock_go(&b.clock, 77);
    cr_assert_eq(clint_cycle_of(b.clint, 3), 77, "has passed: the present");
    put(b.clint, MTIMECMP, 8, UINT64_MAX - 1); // must not fire by an overflow
    test_clock_go(&b.clock, 1000000);
    cr_assert(!b.mtip[0].level);
    device_destroy(b.clint);
}

Test(clint, reset_clears_what_was_set) {
    struct bench b;
    start(&b);
    put(b.clint, 0, 4, 1);
    put(b.clint, MTIMECMP, 8, 0);
    put(b.clint, MTIME, 8, 12345);
    device_reset(b.clint);
    cr_assert(!b.msip[0].level && !b.mtip[0].level);
    cr_assert_eq(clint_mtime(b.clint), 0);
    cr_assert_eq(get(b.clint, MTIMECMP, 8), UINT64_MAX);
    device_destroy(b.clint);
}

Test(clint, every_access_is_defined) {
    struct bench b;
    start(&b);
    for (unsigned size = 1; size <= 8; size *= 2) {
        for (uint64_t at = 0; at + size <= CLINT_BYTES; at += size) {
            put(b.clint, at, size, 0);
            get(b.clint, at, size);
        }
    }
    cr_assert_eq(get(b.clint, MTIMECMP + HARTS * 8, 8), 0);
    cr_assert_eq(get(b.clint, CLINT_BYTES - 8, 8), 0);
    device_destroy(b.clint);
}

Test(clint, says_when_there_is_no_event_left) {
    struct bench b;
    start(&b);
    while (schedule_add(&b.clock.schedule, mtime_written, &b) >= 0) continue;
    struct clint_wires wires = {.msip = {.set = NULL}};
    cr_assert_null(
        clint_create(&(struct device_place){.base = 0x2000000, .schedule = &b.clock.schedule},
                     &(struct clint_config){.harts = 1, .wires = &wires}));
    device_destroy(b.clint);
}
