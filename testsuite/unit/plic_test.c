// SPDX-License-Identifier: MIT
// The PLIC, corner case by corner case: gateways, priorities, thresholds, claims and completions.
#include "devices/plic.h"
#include "testsuite/unit/wires.h"

enum { HARTS = 2, PENDING = 0x1000, ENABLE = 0x2000, CONTEXT = 0x200000 };
enum { M0, S0, M1, S1, CONTEXTS };

struct bench {
    struct wire irq[CONTEXTS];
    struct device *plic;
};

static void start(struct bench *b) {
    *b = (struct bench){.plic = NULL};
    const struct plic_wires wires[HARTS] = {{wire_line(b->irq, M0), wire_line(b->irq, S0)},
                                            {wire_line(b->irq, M1), wire_line(b->irq, S1)}};
    b->plic = plic_create(&(struct device_place){.base = 0xc000000}, HARTS, wires);
    cr_assert_not_null(b->plic);
}

static void drive(struct bench *b, unsigned source, bool level) {
    const struct irq_line line = plic_line(b->plic, source);
    irq_set(&line, level);
}

static void set_priority(struct bench *b, unsigned source, unsigned priority) {
    put(b->plic, source * 4, 4, priority);
}

static void enable(struct bench *b, unsigned context, unsigned source) {
    const uint64_t at = ENABLE + context * 0x80 + source / 32 * 4;
    put(b->plic, at, 4, get(b->plic, at, 4) | UINT64_C(1) << source % 32);
}

static void set_threshold(struct bench *b, unsigned context, unsigned threshold) {
    put(b->plic, CONTEXT + context * 0x1000, 4, threshold);
}

static uint64_t claim(struct bench *b, unsigned context) {
    return get(b->plic, CONTEXT + context * 0x1000 + 4, 4);
}

static void complete(struct bench *b, unsigned context, unsigned source) {
    put(b->plic, CONTEXT + context * 0x1000 + 4, 4, source);
}

static bool pending(struct bench *b, unsigned source) {
    return get(b->plic, PENDING + source / 32 * 4, 4) >> source % 32 & 1;
}

Test(plic, an_interrupt_from_wire_to_completion) {
    struct bench b;
    start(&b);
    set_priority(&b, 10, 1);
    enable(&b, S0, 10);
    drive(&b, 10, true);
    cr_assert(b.irq[S0].level && !b.irq[M0].level && !b.irq[M1].level && !b.irq[S1].level);
    cr_assert(pending(&b, 10));
    cr_assert_eq(claim(&b, S0), 10);
    cr_assert(!b.irq[S0].level && !pending(&b, 10));
    drive(&b, 10, false);
    complete(&b, S0, 10);
    cr_assert(!b.irq[S0].level);
    cr_assert_eq(b.irq[S0].rises, 1);
    cr_assert_eq(plic_counters(b.plic)->claims[10], 1);
    device_destroy(b.plic);
}

Test(plic, a_level_that_is_still_high_after_completion_pends_again) {
    struct bench b;
    start(&b);
    set_priority(&b, 3, 1);
    enable(&b, M0, 3);
    drive(&b, 3, true);
    cr_assert_eq(claim(&b, M0), 3);
    cr_assert(!pending(&b, 3), "not before the completion");
    complete(&b, M0, 3);
    cr_assert(pending(&b, 3) && b.irq[M0].level);
    cr_assert_eq(claim(&b, M0), 3);
    device_destroy(b.plic);
}

Test(plic, a_claimed_source_is_not_claimed_twice) {
    struct bench b;
    start(&b);
    set_priority(&b, 3, 1);
    enable(&b, M0, 3), enable(&b, S1, 3);
    drive(&b, 3, true);
    cr_assert(b.irq[M0].level && b.irq[S1].level);
    cr_assert_eq(claim(&b, M0), 3);
    cr_assert(!b.irq[M0].level && !b.irq[S1].level);
    drive(&b, 3, false), drive(&b, 3, true); // the gateway holds it back
    cr_assert_eq(claim(&b, S1), 0);
    cr_assert_eq(claim(&b, M0), 0);
    complete(&b, M0, 3);
    cr_assert_eq(claim(&b, S1), 3);
    device_destroy(b.plic);
}

Test(plic, a_request_stays_when_its_level_falls) {
    struct bench b;
    start(&b);
    set_priority(&b, 3, 1);
    enable(&b, M0, 3);
    drive(&b, 3, true), drive(&b, 3, false);
    cr_assert(pending(&b, 3) && b.irq[M0].level);
    cr_assert_eq(claim(&b, M0), 3);
    complete(&b, M0, 3);
    cr_assert(!pending(&b, 3) && !b.irq[M0].level);
    device_destroy(b.plic);
}

Test(plic, the_threshold_masks_the_notification_and_not_the_claim) {
    struct bench b;
    start(&b);
    set_priority(&b, 5, 3);
    enable(&b, S0, 5);
    set_threshold(&b, S0, 3);
    drive(&b, 5, true);
    cr_assert(!b.irq[S0].level, "3 is not above 3");
    cr_assert(pending(&b, 5));
    set_threshold(&b, S0, 2);
    cr_assert(b.irq[S0].level, "a write to the threshold counts at once");
    set_threshold(&b, S0, 7);
    cr_assert(!b.irq[S0].level);
    cr_assert_eq(claim(&b, S0), 5);
    device_destroy(b.plic);
}

Test(plic, writes_to_enable_and_priority_count_at_once) {
    struct bench b;
    start(&b);
    drive(&b, 40, true);
    set_priority(&b, 40, 1);
    cr_assert(!b.irq[S0].level);
    enable(&b, S0, 40);
    cr_assert(b.irq[S0].level);
    set_priority(&b, 40, 0);
    cr_assert(!b.irq[S0].level, "priority 0 is never");
    cr_assert_eq(claim(&b, S0), 0);
    cr_assert(pending(&b, 40));
    set_priority(&b, 40, 7);
    cr_assert(b.irq[S0].level);
    put(b.plic, ENABLE + S0 * 0x80 + 4, 4, 0);
    cr_assert(!b.irq[S0].level);
    cr_assert(pending(&b, 40), "pending does not need the enable");
    device_destroy(b.plic);
}

Test(plic, highest_priority_first_then_lowest_number) {
    struct bench b;
    start(&b);
    const unsigned sources[] = {1, 31, 32, 63, 64, 95};
    for (unsigned i = 0; i < 6; i++) {
        set_priority(&b, sources[i], sources[i] == 64 ? 2 : 1);
        enable(&b, M1, sources[i]);
        drive(&b, sources[i], true);
    }
    const unsigned order[] = {64, 1, 31, 32, 63, 95, 0};
    for (unsigned i = 0; i < 7; i++) cr_assert_eq(claim(&b, M1), order[i]);
    device_destroy(b.plic);
}

Test(plic, completion_of_a_source_that_is_not_enabled_is_ignored) {
    struct bench b;
    start(&b);
    set_priority(&b, 9, 1);
    enable(&b, M0, 9);
    drive(&b, 9, true);
    cr_assert_eq(claim(&b, M0), 9);
    complete(&b, S0, 9);
    cr_assert(!pending(&b, 9));
    complete(&b, M0, 0);
    complete(&b, M0, 96);
    complete(&b, M0, 0xffffffff);
    cr_assert(!pending(&b, 9));
    complete(&b, M0, 9);
    cr_assert(pending(&b, 9));
    device_destroy(b.plic);
}

Test(plic, registers_keep_what_they_can) {
    struct bench b;
    start(&b);
    set_priority(&b, 1, 0xffffffff);
    cr_assert_eq(get(b.plic, 4, 4), 7);
    put(b.plic, 0, 4, 7);
    cr_assert_eq(get(b.plic, 0, 4), 0, "source 0 is none");
    set_threshold(&b, S1, 0xffffffff);
    cr_assert_eq(get(b.plic, CONTEXT + S1 * 0x1000, 4), 7);
    put(b.plic, ENABLE, 4, 0xffffffff);
    cr_assert_eq(get(b.plic, ENABLE, 4), 0xfffffffe);
    put(b.plic, PENDING, 4, 0xffffffff);
    cr_assert_eq(get(b.plic, PENDING, 4), 0, "pending is read-only");
    put(b.plic, ENABLE + 12, 4, 0xffffffff);
    cr_assert_eq(get(b.plic, ENABLE + 12, 4), 0, "sources end at 95");
    cr_assert_eq(get(b.plic, 96 * 4, 4), 0);
    put(b.plic, ENABLE + CONTEXTS * 0x80, 4, 2);
    cr_assert_eq(get(b.plic, ENABLE + CONTEXTS * 0x80, 4), 0, "contexts end at S1");
    device_destroy(b.plic);
}

Test(plic, other_sizes_are_refused_and_every_word_is_defined) {
    struct bench b;
    start(&b);
    uint64_t value;
    cr_assert_not(b.plic->type->read(b.plic, 4, 8, &value));
    cr_assert_not(b.plic->type->read(b.plic, 4, 1, &value));
    cr_assert_not(b.plic->type->write(b.plic, 8, 8, 1));
    for (uint64_t at = 0; at < PLIC_BYTES; at += 4) {
        put(b.plic, at, 4, 0xffffffff);
        get(b.plic, at, 4);
    }
    device_destroy(b.plic);
}

Test(plic, reset_forgets_all_but_the_wires) {
    struct bench b;
    start(&b);
    set_priority(&b, 10, 1);
    enable(&b, S0, 10);
    drive(&b, 10, true);
    cr_assert_eq(claim(&b, S0), 10);
    device_reset(b.plic);
    cr_assert_eq(get(b.plic, 40, 4), 0);
    cr_assert_eq(get(b.plic, ENABLE + S0 * 0x80, 4), 0);
    cr_assert(pending(&b, 10), "the line is still high");
    cr_assert(!b.irq[S0].level);
    device_destroy(b.plic);
}
