// SPDX-License-Identifier: MIT
//
// The policies on paper, see simulate.h.
#include "kernel/simulate.h"

struct memory {
    uint8_t page[SIMULATED_FRAMES];
    bool referenced[SIMULATED_FRAMES];
    uint32_t used[SIMULATED_FRAMES]; // index of the last reference
    uint32_t filled;
};

// The frame that holds the page, or `filled`.
static uint32_t find(const struct memory *memory, uint8_t page) {
    uint32_t n = 0;
    while (n < memory->filled && memory->page[n] != page) n++;
    return n;
}

// Which frame to use for reference `now`, with all frames filled.
typedef uint32_t victim_fn(struct memory *memory, uint32_t *hand, const uint8_t *page,
                           uint32_t count, uint32_t now);

static uint32_t simulate(const uint8_t *page, uint32_t count, uint32_t frames, victim_fn *victim) {
    struct memory memory = {.filled = 0};
    uint32_t faults = 0, hand = 0;
    for (uint32_t now = 0; now < count; now++) {
        uint32_t n = find(&memory, page[now]);
        if (n == memory.filled) {
            faults++;
            if (memory.filled < frames)
                memory.filled++;
            else
                n = victim(&memory, &hand, page, count, now);
            memory.page[n] = page[now];
        }
        memory.referenced[n] = true;
        memory.used[n] = now;
    }
    return faults;
}

static uint32_t next_at_hand(const struct memory *memory, uint32_t *hand) {
    uint32_t n = *hand;
    *hand = (*hand + 1) % memory->filled;
    return n;
}

static uint32_t victim_fifo(struct memory *memory, uint32_t *hand, const uint8_t *page,
                            uint32_t count, uint32_t now) {
    (void)page;
    (void)count;
    (void)now;
    return next_at_hand(memory, hand);
}

static uint32_t victim_clock(struct memory *memory, uint32_t *hand, const uint8_t *page,
                             uint32_t count, uint32_t now) {
    (void)page;
    (void)count;
    (void)now;
    for (;;) {
        uint32_t n = next_at_hand(memory, hand);
        if (!memory->referenced[n]) return n;
        memory->referenced[n] = false;
    }
}

static uint32_t victim_lru(struct memory *memory, uint32_t *hand, const uint8_t *page,
                           uint32_t count, uint32_t now) {
    (void)hand;
    (void)page;
    (void)count;
    (void)now;
    uint32_t oldest = 0;
    for (uint32_t n = 1; n < memory->filled; n++)
        if (memory->used[n] < memory->used[oldest]) oldest = n;
    return oldest;
}

// The page whose next use is furthest away (Belady 1966).
static uint32_t victim_optimal(struct memory *memory, uint32_t *hand, const uint8_t *page,
                               uint32_t count, uint32_t now) {
    (void)hand;
    uint32_t best = 0, furthest = 0;
    for (uint32_t n = 0; n < memory->filled; n++) {
        uint32_t next = now + 1;
        while (next < count && page[next] != memory->page[n]) next++;
        if (next <= furthest) continue;
        furthest = next;
        best = n;
    }
    return best;
}

uint32_t simulate_fifo(const uint8_t *page, uint32_t count, uint32_t frames) {
    return simulate(page, count, frames, victim_fifo);
}
uint32_t simulate_clock(const uint8_t *page, uint32_t count, uint32_t frames) {
    return simulate(page, count, frames, victim_clock);
}
uint32_t simulate_lru(const uint8_t *page, uint32_t count, uint32_t frames) {
    return simulate(page, count, frames, victim_lru);
}
uint32_t simulate_optimal(const uint8_t *page, uint32_t count, uint32_t frames) {
    return simulate(page, count, frames, victim_optimal);
}
