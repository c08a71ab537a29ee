// SPDX-License-Identifier: MIT
// Event counters (see counter.h).
#include "cpu/counter.h"

#include "cpu/event.h"
#include "cpu/timing.h"

#define TOP_BIT (UINT64_C(1) << 63)

// Counters that are further from their overflow are no matter of this run.
static const uint64_t NEAR = UINT64_C(1) << 32;

enum { SELECT_CYCLES = 1, SELECT_INSTRUCTIONS = 2 };

static unsigned selector_of(const struct hpm_counter *c) {
    return (unsigned)(c->event & HPM_SELECTOR);
}

// The instruction under way counts as a cycle and as an instruction, but not yet in the hart's own
// counts.
static uint64_t count_of(const struct hart *h, const struct hpm_counter *c, bool under_way) {
    const unsigned selector = selector_of(c);
    const bool counts_itself = selector == SELECT_CYCLES || selector == SELECT_INSTRUCTIONS;
    return event_count(h, selector) + (under_way && counts_itself);
}

static uint64_t value_of(const struct hart *h, const struct hpm_counter *c) {
    return c->runs ? c->base + count_of(h, c, false) : c->base;
}

static bool may_run(const struct hart *h, const struct hpm_counter *c) {
    static const uint64_t inhibit[] = {
        [PRIV_U] = HPM_UINH, [PRIV_S] = HPM_SINH, [PRIV_M] = HPM_MINH};
    const unsigned n = HPM_FIRST + (unsigned)(c - h->csr.hpm);
    return selector_of(c) && !(c->event & inhibit[h->privilege]) &&
           !(h->csr.mcountinhibit >> n & 1);
}

// Without Sscofpmf OF is read-only zero, and nothing is told of an overflow. A value far below 2^63
// never comes to one.
static void arm(struct hart *h, struct hpm_counter *c, bool under_way) {
    const uint32_t bit = UINT32_C(1) << (c - h->csr.hpm);
    const bool told = h->extensions & EXT_BIT(EXT_sscofpmf) && !(c->event & HPM_OF);
    c->armed = c->runs && told && (c->base + count_of(h, c, under_way)) & TOP_BIT;
    h->csr.hpm_armed = c->armed ? h->csr.hpm_armed | bit : h->csr.hpm_armed & ~bit;
    if (c->armed) h->attention = true; // the run is cut anew: counters_patience
}

// The counter starts or stops, if it has to.
static void settle(struct hart *h, struct hpm_counter *c, bool under_way) {
    const bool runs = may_run(h, c);
    if (runs == c->runs) return;
    const uint64_t count = count_of(h, c, under_way);
    c->base = runs ? c->base - count : c->base + count;
    c->runs = runs;
    arm(h, c, under_way);
}

static struct hpm_counter *counter(struct hart *h, unsigned n) {
    return &h->csr.hpm[n - HPM_FIRST];
}

uint64_t counter_read(const struct hart *h, unsigned n) {
    return value_of(h, &h->csr.hpm[n - HPM_FIRST]);
}

void counter_write(struct hart *h, unsigned n, uint64_t value) {
    struct hpm_counter *c = counter(h, n);
    c->base = c->runs ? value - count_of(h, c, true) : value;
    arm(h, c, true);
}

// An event that this hart does not count is none.
void counter_select(struct hart *h, unsigned n, uint64_t event) {
    struct hpm_counter *c = counter(h, n);
    const uint32_t bit = UINT32_C(1) << (n - HPM_FIRST);
    const uint64_t selector = event & ~HPM_FLAGS;
    const struct event_row *row =
        selector <= HPM_SELECTOR ? event_find(h, (unsigned)selector) : NULL;
    const uint64_t kept = h->extensions & EXT_BIT(EXT_sscofpmf) ? HPM_OF | HPM_INHIBIT : 0;
    if (c->runs) c->base += count_of(h, c, true);
    c->runs = false;
    c->event = (event & kept) | (row ? selector : 0);
    c->noticed = row && (row->noticed == NOTICED_BY_TRAPS ||
                         (row->noticed == NOTICED_BY_TIMING && h->timing));
    h->csr.hpm_filtered =
        row && event & kept & HPM_INHIBIT ? h->csr.hpm_filtered | bit : h->csr.hpm_filtered & ~bit;
    settle(h, c, true);
    arm(h, c, true);
}

void counters_inhibited(struct hart *h) {
    for (unsigned i = 0; i < HPM_COUNTERS; i++) settle(h, &h->csr.hpm[i], true);
}

void counters_mode_changed(struct hart *h, bool returning) {
    for (unsigned i = 0; i < HPM_COUNTERS; i++) {
        if (h->csr.hpm_filtered >> i & 1) settle(h, &h->csr.hpm[i], returning);
    }
}

uint64_t counters_overflowed(const struct hart *h) {
    uint64_t overflowed = 0;
    for (unsigned i = 0; i < HPM_COUNTERS; i++) {
        if (h->csr.hpm[i].event & HPM_OF) overflowed |= UINT64_C(1) << (HPM_FIRST + i);
    }
    return overflowed;
}

// --- Overflows

// Does a cycle bring at most one of these?
static bool is_bounded(const struct hpm_counter *c) {
    return selector_of(c) <= SELECT_INSTRUCTIONS;
}

static bool has_wrapped(const struct hart *h, const struct hpm_counter *c) {
    return c->armed && !(value_of(h, c) & TOP_BIT);
}

uint64_t counters_patience(struct hart *h, uint64_t cycles) {
    const uint64_t now = hart_cycles(h);
    bool watched = false;
    for (unsigned i = 0; i < HPM_COUNTERS; i++) {
        const struct hpm_counter *c = &h->csr.hpm[i];
        const uint64_t distance = 0 - value_of(h, c);
        if (!c->armed || (distance > NEAR && !has_wrapped(h, c))) continue;
        watched |= c->noticed;
        uint64_t until = LOOK_INTERVAL - now % LOOK_INTERVAL;
        if (is_bounded(c)) until = distance;
        if (!c->noticed && until < cycles) cycles = until;
    }
    h->csr.hpm_look = now + LOOK_INTERVAL - now % LOOK_INTERVAL;
    if (h->timing) h->timing->watched = watched;
    return cycles;
}

bool counters_wrapped(const struct hart *h) {
    bool wrapped = false;
    for (unsigned i = 0; i < HPM_COUNTERS; i++) wrapped |= has_wrapped(h, &h->csr.hpm[i]);
    return wrapped;
}

void counters_look(struct hart *h) {
    for (unsigned i = 0; i < HPM_COUNTERS; i++) {
        struct hpm_counter *c = &h->csr.hpm[i];
        const bool now = c->noticed || is_bounded(c) || hart_cycles(h) >= h->csr.hpm_look;
        if (!now || !has_wrapped(h, c)) continue;
        c->event |= HPM_OF;
        arm(h, c, false);
        h->csr.mip |= UINT64_C(1) << IRQ_LCOFI;
        h->attention = true;
    }
}
