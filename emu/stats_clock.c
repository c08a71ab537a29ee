// SPDX-License-Identifier: MIT
// The clock's part of --stats: where the cycles went, and what the timing model counted (see
// stats.h). Without a timing core there is nothing to print.
#include "cpu/timing.h"
#include "emu/stats.h"

#include <inttypes.h>

struct row {
    const char *name, *text;
};
static const struct row stalls[STALLS] = {
#define ROW(name, side, text) {#name, text},
#include "cpu/stall.def"
#undef ROW
};
static const struct row events[EVENTS] = {
#define MODEL(selector, name, sbi, cache, text)       {#name, text},
#define BOTH(selector, name, plain, sbi, cache, text) {#name, text},
#include "cpu/event.def"
};

// Sums over all harts. Cycles that are no stall are the instructions' own.
struct clock_totals {
    uint64_t cycles, issue, stall[STALLS], event[EVENTS];
};

static struct clock_totals add_up(const struct machine *m) {
    struct clock_totals s = {0};
    for (unsigned i = 0; i < m->config.harts; i++) {
        const struct timing *t = m->hart[i]->timing;
        s.cycles += hart_cycles(m->hart[i]);
        for (unsigned k = 0; k < STALLS; k++) s.stall[k] += t->stall[k];
        for (unsigned k = 0; k < EVENTS; k++) s.event[k] += t->event[k];
    }
    s.issue = s.cycles;
    for (unsigned k = 0; k < STALLS; k++) s.issue -= s.stall[k];
    return s;
}

static double percent(uint64_t part, uint64_t whole) {
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void print_text(FILE *to, const struct clock_totals *s) {
    fprintf(to, "%16" PRIu64 "  cycles of the harts, of which\n", s->cycles);
    fprintf(to, "%16" PRIu64 " %5.1f %%  issuing instructions\n", s->issue,
            percent(s->issue, s->cycles));
    for (unsigned k = 0; k < STALLS; k++) {
        if (!s->stall[k]) continue;
        fprintf(to, "%16" PRIu64 " %5.1f %%  %s\n", s->stall[k], percent(s->stall[k], s->cycles),
                stalls[k].text);
    }
    for (unsigned k = 0; k < EVENTS; k++) {
        fprintf(to, "%16" PRIu64 "  %s\n", s->event[k], events[k].text);
    }
}

static void print_json(FILE *to, const struct clock_totals *s) {
    fprintf(to, "  \"cycle_stack\": {\n    \"issue\": %" PRIu64, s->issue);
    for (unsigned k = 0; k < STALLS; k++) {
        fprintf(to, ",\n    \"%s\": %" PRIu64, stalls[k].name, s->stall[k]);
    }
    fputs("\n  },\n  \"events\": {", to);
    for (unsigned k = 0; k < EVENTS; k++) {
        fprintf(to, "%s\n    \"%s\": %" PRIu64, k ? "," : "", events[k].name, s->event[k]);
    }
    fputs("\n  },\n", to);
}

void stats_print_clock(FILE *to, const struct machine *m, bool json) {
    if (!m->config.core) return;
    const struct clock_totals s = add_up(m);
    if (json) {
        print_json(to, &s);
    } else {
        print_text(to, &s);
    }
}
