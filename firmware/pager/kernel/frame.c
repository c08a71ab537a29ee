// SPDX-License-Identifier: MIT
//
// The frame table and the free list, see frame.h.
#include "kernel/frame.h"

#include "kernel/kernel.h"

#define SHUFFLE_SEED 0x7ab1e3a1c0ffee11ull

// Puts the frames [first, count) on the free list in a shuffled order (Fisher and Yates); `next`
// serves as the array that is shuffled.
static void shuffle_free(struct frames *frames, uint32_t first) {
    uint64_t state = SHUFFLE_SEED;
    struct frame *table = frames->table;
    for (uint32_t n = first; n < frames->count; n++) table[n].previous = n;
    for (uint32_t n = frames->count - 1; n > first; n--) {
        uint32_t other = first + (uint32_t)(random_next(&state) % (n - first + 1));
        uint32_t swap = table[n].previous;
        table[n].previous = table[other].previous;
        table[other].previous = swap;
    }
    frames->free_list = NO_FRAME;
    for (uint32_t n = first; n < frames->count; n++) {
        uint32_t number = table[n].previous;
        table[number].next = frames->free_list;
        frames->free_list = number;
    }
}

void frame_start(struct frames *frames, uint64_t base, uint64_t first_free, uint64_t end) {
    frames->base = base;
    frames->count = (uint32_t)((end - base) / PAGE_BYTES);
    frames->table = (struct frame *)first_free;
    uint64_t bytes = frames->count * sizeof(struct frame);
    memset(frames->table, 0, bytes);
    uint32_t first = frame_number(frames, round_up(first_free + bytes, PAGE_BYTES));
    for (uint32_t n = 0; n < first; n++) frames->table[n].use = FRAME_KERNEL;
    frames->free = frames->count - first;
    frames->limit = frames->count;
    frames->random = SHUFFLE_SEED;
    shuffle_free(frames, first);
}

void *frame_data(const struct frames *frames, uint32_t number) {
    return (void *)frame_address(frames, number);
}

void frame_queue(struct frames *frames, uint32_t number) {
    struct frame *frame = &frames->table[number];
    frame->next = NO_FRAME;
    frame->previous = frames->newest;
    if (frames->newest)
        frames->table[frames->newest].next = number;
    else
        frames->oldest = number;
    frames->newest = number;
    frames->pageable++;
}

void frame_unqueue(struct frames *frames, uint32_t number) {
    struct frame *frame = &frames->table[number];
    if (frame->previous)
        frames->table[frame->previous].next = frame->next;
    else
        frames->oldest = frame->next;
    if (frame->next)
        frames->table[frame->next].previous = frame->previous;
    else
        frames->newest = frame->previous;
    frames->pageable--;
}

// One of the first few free frames, so that frames given back in a row are not taken in a row.
static uint32_t take_free(struct frames *frames) {
    uint32_t *link = &frames->free_list;
    for (uint64_t hops = random_next(&frames->random) % 16; hops > 0; hops--)
        if (frames->table[*link].next != NO_FRAME) link = &frames->table[*link].next;
    uint32_t number = *link;
    *link = frames->table[number].next;
    frames->free--;
    return number;
}

static bool is_pageable(enum frame_use use) { return use == FRAME_ANON || use == FRAME_FILE; }

uint32_t frame_take(struct kernel *kernel, enum frame_use use) {
    struct frames *frames = &kernel->frames;
    while (frames->free == 0 || (is_pageable(use) && frames->pageable >= frames->limit))
        if (!reclaim_one(kernel) && !out_of_memory(kernel)) return NO_FRAME;
    uint32_t number = take_free(frames);
    struct frame *frame = &frames->table[number];
    *frame = (struct frame){.use = (uint8_t)use, .age = 1ull << 63};
    memset(frame_data(frames, number), 0, PAGE_BYTES);
    if (is_pageable(use)) frame_queue(frames, number);
    return number;
}

void frame_give(struct kernel *kernel, uint32_t number) {
    struct frames *frames = &kernel->frames;
    struct frame *frame = &frames->table[number];
    if (frame->use == FRAME_FREE || frame->mappings)
        kernel_panic(kernel, "a frame in use is freed");
    if (is_pageable(frame->use)) frame_unqueue(frames, number);
    if (frame->use == FRAME_ANON && frame->slot) swap_release(&kernel->swap, frame->slot);
    *frame = (struct frame){.use = FRAME_FREE, .next = frames->free_list};
    frames->free_list = number;
    frames->free++;
}

uint32_t frame_of_entry(const struct frames *frames, uint64_t entry) {
    uint64_t address = pte_address(entry);
    if (address < frames->base || address - frames->base >= frames->count * PAGE_BYTES)
        return NO_FRAME;
    uint32_t number = frame_number(frames, address);
    return number == frames->zero ? NO_FRAME : number;
}

uint32_t frame_count_use(const struct frames *frames, enum frame_use use) {
    uint32_t count = 0;
    for (uint32_t n = 0; n < frames->count; n++) count += frames->table[n].use == use;
    return count;
}
