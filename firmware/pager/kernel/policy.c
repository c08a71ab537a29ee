// SPDX-License-Identifier: MIT
//
// The four replacement policies, see policy.h. The queue of frames is in the order of loading.
#include "kernel/policy.h"

#include "kernel/kernel.h"

// First in, first out: the page that was loaded longest ago, however much it is used.
static uint32_t choose_fifo(struct kernel *kernel) {
    struct frames *frames = &kernel->frames;
    uint32_t n = frames->oldest;
    while (n != NO_FRAME && !frame_evictable(kernel, n)) n = frames->table[n].next;
    return n;
}

// Clock, or second chance: like FIFO, but a page used since the hand last passed stays, and goes to
// the end of the queue. After one whole round all A bits are clear, so two rounds always suffice.
static uint32_t choose_clock(struct kernel *kernel) {
    struct frames *frames = &kernel->frames;
    for (uint64_t looks = 2ull * frames->pageable; looks > 0; looks--) {
        uint32_t n = frames->oldest;
        if (frame_evictable(kernel, n) && !frame_collect_referenced(kernel, n)) return n;
        frame_unqueue(frames, n);
        frame_queue(frames, n);
    }
    return choose_fifo(kernel);
}

// Aging: each period shifts a page's history right by one and puts its A bit on top. Read as a
// number, a smaller history was used longer ago. With one sample for each reference this is exactly
// "least recently used".
static uint32_t choose_aging(struct kernel *kernel) {
    struct frames *frames = &kernel->frames;
    uint32_t best = NO_FRAME;
    for (uint32_t n = frames->oldest; n != NO_FRAME; n = frames->table[n].next)
        if (frame_evictable(kernel, n) &&
            (best == NO_FRAME || frames->table[n].age < frames->table[best].age))
            best = n;
    return best;
}

// Any page: no bookkeeping, and no reference string that is bad for it in particular. Drawn by its
// place in the queue, so that a run repeats whichever frames the pages are in.
static uint32_t choose_random(struct kernel *kernel) {
    struct frames *frames = &kernel->frames;
    uint32_t evictable = 0;
    for (uint32_t n = frames->oldest; n != NO_FRAME; n = frames->table[n].next)
        evictable += frame_evictable(kernel, n);
    if (evictable == 0) return NO_FRAME;
    uint64_t skip = random_next(&kernel->policy_random) % evictable;
    uint32_t n = frames->oldest;
    while (!frame_evictable(kernel, n) || skip-- > 0) n = frames->table[n].next;
    return n;
}

const struct policy POLICIES[POLICY_COUNT] = {
    {"fifo", "the page loaded longest ago", choose_fifo, false},
    {"clock", "second chance: FIFO, but a page used since the last round stays", choose_clock,
     false},
    {"aging", "the page not used for the longest time, as seen in samples of A", choose_aging,
     true},
    {"random", "any page", choose_random, false},
};

const struct policy *policy_find(const char *name) {
    for (unsigned n = 0; n < POLICY_COUNT; n++)
        if (!strcmp(POLICIES[n].name, name)) return &POLICIES[n];
    return NULL;
}

void policy_sample(struct kernel *kernel) {
    struct frames *frames = &kernel->frames;
    for (uint32_t n = frames->oldest; n != NO_FRAME; n = frames->table[n].next) {
        struct frame *frame = &frames->table[n];
        bool used = frame_collect_referenced(kernel, n);
        frame->age = frame->age >> 1 | (uint64_t)used << 63;
    }
}
