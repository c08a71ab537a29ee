// SPDX-License-Identifier: MIT
// Virtual time: events fire at their time, in the order of their ids, and never twice in a look.
#include "testsuite/unit/wires.h"

struct log {
    struct test_clock clock;
    char text[64];
    unsigned length;
};

struct source {
    struct log *log;
    char name;
    int event;
    uint64_t again; // armed for this cycle when it fires; 0: not
};

static void fire(void *device) {
    struct source *s = device;
    s->log->text[s->log->length++] = s->name;
    if (s->again) schedule_arm(&s->log->clock.schedule, s->event, s->again);
}

static void add(struct log *log, struct source *s, char name) {
    *s = (struct source){.log = log, .name = name};
    s->event = schedule_add(&log->clock.schedule, fire, s);
    cr_assert_geq(s->event, 0);
}

Test(schedule, fires_in_order_of_time_then_id) {
    struct log log = {.length = 0};
    struct source a, b, c;
    test_clock_start(&log.clock);
    struct schedule *s = &log.clock.schedule;
    add(&log, &a, 'a'), add(&log, &b, 'b'), add(&log, &c, 'c');
    schedule_arm(s, c.event, 5);
    schedule_arm(s, b.event, 7);
    schedule_arm(s, a.event, 7);
    cr_assert_eq(s->next, 5);
    schedule_run(s, 4);
    cr_assert_str_eq(log.text, "");
    schedule_run(s, 10); // all are overdue: still in the order of their times
    cr_assert_str_eq(log.text, "cab");
    cr_assert_eq(s->next, NEVER);
}

Test(schedule, an_event_for_the_present_fires_once_a_look) {
    struct log log = {.length = 0};
    struct source a;
    test_clock_start(&log.clock);
    struct schedule *s = &log.clock.schedule;
    add(&log, &a, 'a');
    a.again = 3;
    schedule_arm(s, a.event, 3);
    schedule_run(s, 3);
    cr_assert_str_eq(log.text, "a");
    cr_assert_eq(s->next, 3, "it waits for the next look");
    a.again = 0;
    schedule_run(s, 3);
    cr_assert_str_eq(log.text, "aa");
}

Test(schedule, an_event_may_arm_another_for_the_present) {
    struct log log = {.length = 0};
    struct source a, b;
    test_clock_start(&log.clock);
    struct schedule *s = &log.clock.schedule;
    add(&log, &a, 'a'), add(&log, &b, 'b');
    b.again = 9;
    schedule_arm(s, b.event, 2);
    schedule_arm(s, a.event, 2);
    schedule_run(s, 2);
    cr_assert_str_eq(log.text, "ab");
    cr_assert_eq(s->next, 9);
}

Test(schedule, never_takes_off) {
    struct log log = {.length = 0};
    struct source a;
    test_clock_start(&log.clock);
    struct schedule *s = &log.clock.schedule;
    add(&log, &a, 'a');
    schedule_arm(s, a.event, 4);
    schedule_arm(s, a.event, NEVER);
    cr_assert_eq(s->next, NEVER);
    schedule_run(s, UINT64_MAX);
    cr_assert_str_eq(log.text, "");
}

Test(schedule, sooner_is_called_only_for_something_sooner) {
    struct log log = {.length = 0};
    struct source a, b;
    test_clock_start(&log.clock);
    struct schedule *s = &log.clock.schedule;
    add(&log, &a, 'a'), add(&log, &b, 'b');
    schedule_arm(s, a.event, 10);
    cr_assert_eq(log.clock.sooner, 1);
    schedule_arm(s, b.event, 20);
    schedule_arm(s, b.event, 11);
    schedule_arm(s, a.event, 12);
    cr_assert_eq(log.clock.sooner, 1);
    schedule_arm(s, b.event, 5);
    cr_assert_eq(log.clock.sooner, 2);
}

Test(schedule, slots_run_out_with_a_word) {
    struct log log = {.length = 0};
    struct source a;
    test_clock_start(&log.clock);
    for (int i = 0; i < SCHEDULE_MAX_EVENTS; i++) add(&log, &a, 'a');
    cr_assert_eq(schedule_add(&log.clock.schedule, fire, &a), -1);
}

Test(schedule, ticks_are_whole) {
    struct test_clock c;
    test_clock_start(&c);
    c.now = 2 * CYCLES_PER_TICK - 1;
    cr_assert_eq(schedule_ticks(&c.schedule), 1);
}
