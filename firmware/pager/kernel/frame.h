// SPDX-License-Identifier: MIT
//
// Physical memory: RAM is cut into frames of 4096 bytes, and this table says what each is used
// for. Free frames are handed out in a shuffled order on purpose: pages that lie side by side in a
// program lie anywhere in RAM, and nothing must notice.
#ifndef TABLEWALK_PAGER_FRAME_H
#define TABLEWALK_PAGER_FRAME_H

#include "kernel/lib.h"

#define PAGE_BYTES 4096ul
#define PAGE_SHIFT 12
#define NO_FRAME   0u // frame numbers count from the kernel's own first frame, which is never free

struct kernel;
struct file;

enum frame_use {
    FRAME_FREE,
    FRAME_KERNEL, // the kernel's code and data, its tables, disk rings
    FRAME_TABLE,  // a page table of a process
    FRAME_ANON,   // a page that belongs to programs and to no file; its copy lives in swap
    FRAME_FILE,   // a page of a file; its copy lives in the file
};

struct frame {
    uint8_t use;
    bool pinned;             // never evicted (experiments keep code and stack in RAM with it)
    bool dirty;              // changed since it was last on disk, by a mapping that is gone by now
    uint16_t mappings;       // page-table entries that lead here
    uint32_t refused;        // the reclaim round in which this frame could not be written
    uint32_t slot;           // FRAME_ANON: swap slot with the same bytes, 0 when there is none
    uint32_t page;           // FRAME_ANON: virtual page number; FRAME_FILE: page number in the file
    uint32_t next, previous; // free list, or the queue of evictable frames, oldest load first
    uint64_t age;            // aging policy: one bit a period, newest on top
    struct file *file;       // FRAME_FILE
};

struct frames {
    struct frame *table;
    uint64_t base;  // physical address of frame 0
    uint32_t count; // frames in all
    uint32_t free_list, free;
    uint64_t random;         // keeps the choice of free frames scattered
    uint32_t oldest, newest; // the queue of evictable frames (ANON and FILE)
    uint32_t pageable;       // frames in that queue
    uint32_t limit;          // at most this many are used for pages: RAM for experiments
    uint32_t zero;           // one frame of zeros, shared by all
};

// Builds the table. Frames below `first_free` (a physical address) belong to the kernel; RAM ends
// at `end`. Returns the first address behind the table.
void frame_start(struct frames *frames, uint64_t base, uint64_t first_free, uint64_t end);

// Takes a frame for the given use, filled with zeros. Evicts a page when none is free, or when the
// limit on pages is reached, and in the last resort ends a program for it. NO_FRAME when the
// running program itself was chosen for that, or nothing helps.
uint32_t frame_take(struct kernel *kernel, enum frame_use use);

// Gives a frame back; nothing may map it any more.
void frame_give(struct kernel *kernel, uint32_t number);

// Takes a frame out of the queue of evictable frames, or puts it at its end.
void frame_unqueue(struct frames *frames, uint32_t number);
void frame_queue(struct frames *frames, uint32_t number);

// Physical address (which is also the kernel's) of a frame, and the frame of an address.
void *frame_data(const struct frames *frames, uint32_t number);
static inline uint64_t frame_address(const struct frames *frames, uint32_t number) {
    return frames->base + (uint64_t)number * PAGE_BYTES;
}
static inline uint32_t frame_number(const struct frames *frames, uint64_t address) {
    return (uint32_t)((address - frames->base) / PAGE_BYTES);
}

// The frame that a valid page-table entry leads to, if its mappings are counted: NO_FRAME for the
// page of zeros, which is never given back, and for the memory of a device, which is no frame.
uint32_t frame_of_entry(const struct frames *frames, uint64_t entry);

// How many frames serve the given use.
uint32_t frame_count_use(const struct frames *frames, enum frame_use use);

#endif
