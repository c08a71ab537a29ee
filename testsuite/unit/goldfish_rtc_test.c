// SPDX-License-Identifier: MIT
// The real-time clock: virtual time from a start date, and the alarm.
#include "devices/goldfish_rtc.h"
#include "testsuite/unit/wires.h"

enum { TIME_LOW, TIME_HIGH = 4, ALARM_LOW = 8, ALARM_HIGH = 12, IRQ_ENABLED = 16 };
enum { CLEAR_ALARM = 20, ALARM_STATUS = 24, CLEAR_INTERRUPT = 28 };

#define START        UINT64_C(1700000000000000000)
#define NS_PER_CYCLE (100 / CYCLES_PER_TICK)

struct bench {
    struct test_clock clock;
    struct wire irq;
    struct device *rtc;
};

static void start(struct bench *b) {
    *b = (struct bench){.rtc = NULL};
    test_clock_start(&b->clock);
    b->rtc = goldfish_rtc_create(&(struct device_place){.base = 0x101000,
                                                        .irq = wire_line(&b->irq, 0),
                                                        .schedule = &b->clock.schedule},
                                 START);
    cr_assert_not_null(b->rtc);
}

static uint64_t time_of(struct bench *b) {
    const uint64_t low = get(b->rtc, TIME_LOW, 4);
    return low | get(b->rtc, TIME_HIGH, 4) << 32;
}

static void set_alarm(struct bench *b, uint64_t ns) {
    put(b->rtc, ALARM_HIGH, 4, ns >> 32);
    put(b->rtc, ALARM_LOW, 4, (uint32_t)ns);
}

Test(goldfish_rtc, time_starts_at_the_date_and_moves_with_virtual_time) {
    struct bench b;
    start(&b);
    cr_assert_eq(time_of(&b), START);
    test_clock_go(&b.clock, 12345);
    cr_assert_eq(time_of(&b), START + 12345 * NS_PER_CYCLE);
    device_destroy(b.rtc);
}

Test(goldfish_rtc, low_half_latches_the_high_half) {
    struct bench b;
    start(&b);
    const uint64_t carry = ((START >> 32) + 1) << 32;
    test_clock_go(&b.clock, (carry - START) / NS_PER_CYCLE - 1);
    const uint64_t low = get(b.rtc, TIME_LOW, 4);
    test_clock_go(&b.clock, b.clock.now + 10); // the high half changes in between
    cr_assert_eq(get(b.rtc, TIME_HIGH, 4), START >> 32);
    cr_assert_gt(low, UINT32_MAX - 1000);
    device_destroy(b.rtc);
}

Test(goldfish_rtc, time_can_be_set) {
    struct bench b;
    start(&b);
    const uint64_t date = UINT64_C(0x1122334455667700);
    put(b.rtc, TIME_HIGH, 4, date >> 32);
    put(b.rtc, TIME_LOW, 4, (uint32_t)date);
    cr_assert_eq(time_of(&b), date);
    test_clock_go(&b.clock, 100);
    cr_assert_eq(time_of(&b), date + 100 * NS_PER_CYCLE);
    device_reset(b.rtc);
    cr_assert_eq(time_of(&b), date + 100 * NS_PER_CYCLE, "the battery keeps it");
    device_destroy(b.rtc);
}

Test(goldfish_rtc, alarm_rings_once_at_its_time) {
    struct bench b;
    start(&b);
    put(b.rtc, IRQ_ENABLED, 4, 1);
    set_alarm(&b, START + 1000 * NS_PER_CYCLE);
    cr_assert_eq(get(b.rtc, ALARM_STATUS, 4), 1);
    test_clock_go(&b.clock, 999);
    cr_assert(!b.irq.level);
    test_clock_go(&b.clock, 1000 + CYCLES_PER_TICK);
    cr_assert(b.irq.level);
    cr_assert_eq(get(b.rtc, ALARM_STATUS, 4), 0);
    put(b.rtc, CLEAR_INTERRUPT, 4, 1);
    cr_assert(!b.irq.level);
    test_clock_go(&b.clock, 1000000);
    cr_assert_eq(b.irq.rises, 1);
    device_destroy(b.rtc);
}

Test(goldfish_rtc, alarm_in_the_past_rings_at_once_and_waits_for_its_enable) {
    struct bench b;
    start(&b);
    set_alarm(&b, START - 1);
    cr_assert(!b.irq.level);
    put(b.rtc, IRQ_ENABLED, 4, 1);
    cr_assert(b.irq.level);
    put(b.rtc, IRQ_ENABLED, 4, 0);
    cr_assert(!b.irq.level);
    device_destroy(b.rtc);
}

Test(goldfish_rtc, cleared_alarm_does_not_ring) {
    struct bench b;
    start(&b);
    put(b.rtc, IRQ_ENABLED, 4, 1);
    set_alarm(&b, START + 1000);
    put(b.rtc, CLEAR_ALARM, 4, 1);
    cr_assert_eq(b.clock.schedule.next, NEVER);
    set_alarm(&b, UINT64_MAX); // so far ahead that it never comes
    test_clock_go(&b.clock, 1000000);
    cr_assert_eq(b.irq.rises, 0);
    device_destroy(b.rtc);
}

Test(goldfish_rtc, setting_the_time_moves_the_alarm) {
    struct bench b;
    start(&b);
    put(b.rtc, IRQ_ENABLED, 4, 1);
    set_alarm(&b, START + (UINT64_C(1) << 32));
    put(b.rtc, TIME_HIGH, 4, (START >> 32) + 2);
    cr_assert(b.irq.level);
    device_destroy(b.rtc);
}

Test(goldfish_rtc, other_sizes_are_refused) {
    struct bench b;
    start(&b);
    uint64_t value;
    cr_assert_not(b.rtc->type->read(b.rtc, TIME_LOW, 8, &value));
    cr_assert_not(b.rtc->type->write(b.rtc, TIME_LOW, 1, 0));
    for (uint64_t at = 0; at < GOLDFISH_RTC_BYTES; at += 4) {
        get(b.rtc, at, 4);
        put(b.rtc, at, 4, 0xffffffff);
    }
    device_destroy(b.rtc);
}
