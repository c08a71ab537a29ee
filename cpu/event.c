// SPDX-License-Identifier: MIT
// The events' table and their counts (see event.h): nothing is counted here, the counts that the
// MMU, the traps and the timing model keep anyway are looked up.
#include "cpu/event.h"

#include "cpu/timing.h"

#define NONE           0
#define HARDWARE(name) HARDWARE_##name
#define CACHE(id, operation, result)                                                               \
    (CACHE_EVENT_TYPE | CACHE_##id << CACHE_ID_SHIFT |                                             \
     CACHE_##operation << CACHE_OPERATION_SHIFT | CACHE_##result)

static const struct event_row rows[] = {
#define ALWAYS(selector_, name_, count_, sbi_, cache_, text_)                                      \
    {.name = #name_, .text = (text_), .selector = (selector_), .sbi = (sbi_), .cache = (cache_)},
#define TRAPS(selector_, name_, count_, text_)                                                     \
    {.name = #name_, .text = (text_), .selector = (selector_), .noticed = NOTICED_BY_TRAPS},
#define CORE(selector_, name_, count_, sbi_, cache_, text_)                                        \
    {.name = #name_,                                                                               \
     .text = (text_),                                                                              \
     .selector = (selector_),                                                                      \
     .sbi = (sbi_),                                                                                \
     .cache = (cache_),                                                                            \
     .with_core = true,                                                                            \
     .noticed = NOTICED_BY_TIMING},
#define MODEL(selector_, name_, sbi_, cache_, text_) CORE(selector_, name_, 0, sbi_, cache_, text_)
#define BOTH(selector_, name_, plain_, sbi_, cache_, text_)                                        \
    {.name = #name_, .text = (text_), .selector = (selector_), .noticed = NOTICED_BY_TIMING},
#define STALL(selector_, name_, side_, sbi_, text_)                                                \
    {.name = #name_, .text = (text_), .selector = (selector_), .sbi = (sbi_), .with_core = true},
#include "cpu/event.def"
#define ROW(name_, side_, text_)                                                                   \
    {.name = "stall_" #name_,                                                                      \
     .text = "cycles: " text_,                                                                     \
     .selector = STALL_SELECTOR + STALL_##name_,                                                   \
     .with_core = true},
#include "cpu/stall.def"
#undef ROW
};
enum { ROWS = sizeof rows / sizeof *rows };

const struct event_row *event_at(unsigned index) { return index < ROWS ? &rows[index] : NULL; }

const struct event_row *event_find(const struct hart *h, unsigned selector) {
    for (unsigned i = 0; i < ROWS; i++) {
        if (rows[i].selector != selector) continue;
        return h->timing || !rows[i].with_core ? &rows[i] : NULL;
    }
    return NULL;
}

// --- What the rows name

static uint64_t sum(const uint64_t *counts, unsigned length) {
    uint64_t total = 0;
    for (unsigned i = 0; i < length; i++) total += counts[i];
    return total;
}

static uint64_t page_faults(const struct hart *h) {
    const uint64_t *e = h->stats.exceptions;
    return e[CAUSE_FETCH_PAGE] + e[CAUSE_LOAD_PAGE] + e[CAUSE_STORE_PAGE];
}

// Without a core, those of the TLB that this emulator has for itself.
static uint64_t tlb_misses(const struct hart *h) {
    const struct timing *t = h->timing;
    return t ? t->event[EVENT_itlb_miss] + t->event[EVENT_dtlb_load_miss] +
                   t->event[EVENT_dtlb_store_miss]
             : h->mmu.stats.tlb_misses;
}

enum side { FRONT, BACK };
static uint64_t stalls(const struct timing *t, enum side side) {
    static const uint8_t side_of[] = {
#define ROW(name, side, text) side,
#include "cpu/stall.def"
#undef ROW
    };
    uint64_t total = 0;
    for (unsigned i = 0; i < STALLS; i++) total += side_of[i] == side ? t->stall[i] : 0;
    return total;
}

// --- Counts

static uint64_t count_with_core(const struct timing *t, unsigned selector) {
    switch (selector) {
#define MODEL(selector, name, ...)                                                                 \
    case selector: return t->event[EVENT_##name];
#define BOTH MODEL
#define CORE(selector, name, count, ...)                                                           \
    case selector: return count;
#define STALL(selector, name, side, ...)                                                           \
    case selector: return stalls(t, side);
#include "cpu/event.def"
    default: break;
    }
    const unsigned stall = selector - STALL_SELECTOR;
    return stall < STALLS ? t->stall[stall] : 0;
}

uint64_t event_count(const struct hart *h, unsigned selector) {
    switch (selector) {
#define ALWAYS(selector, name, count, ...)                                                         \
    case selector: return count;
#define TRAPS ALWAYS
#include "cpu/event.def"
    default: break;
    }
    if (h->timing) return count_with_core(h->timing, selector);
    switch (selector) {
#define BOTH(selector, name, plain, ...)                                                           \
    case selector: return plain;
#include "cpu/event.def"
    default: return 0;
    }
}
