// SPDX-License-Identifier: MIT
//
// Chapter 1, before paging. Programs run with satp = 0: an address is an address in RAM, for all of
// them. They are loaded as a whole, into one piece of memory each.
#include "kernel/chapter.h"
#include "kernel/kernel.h"
#include "kernel/lab.h"

#define ARENA_PAGES 24u
#define LINKED_AT                                                                                  \
    0x50000ull // `before-50000` is made for this address, `before-60000` for the other
#define LINKED_AT_2 0x60000ull
#define SUM_OF_ROWS 255u // 1 + 2 + 4 + ... + 128

// A piece of memory in the arena; pages == 0: not used.
struct partition {
    uint32_t first, pages;
};

// What the chapter works with.
struct past {
    uint64_t arena; // physical address of ARENA_PAGES contiguous frames
    const uint64_t *image, *other_image;
    uint64_t bytes;
};

// Takes a frame with a known number off the free list.
static void take_this_frame(struct frames *frames, uint32_t number) {
    uint32_t *link = &frames->free_list;
    while (*link != number) link = &frames->table[*link].next;
    *link = frames->table[number].next;
    frames->table[number] = (struct frame){.use = FRAME_KERNEL};
    frames->free--;
}

// Contiguous frames: paging makes do without them, so nothing else in this kernel asks for any.
static uint64_t take_arena(struct kernel *kernel) {
    struct frames *frames = &kernel->frames;
    uint32_t run = 0;
    for (uint32_t n = 0; n < frames->count; n++) {
        run = frames->table[n].use == FRAME_FREE ? run + 1 : 0;
        if (run < ARENA_PAGES) continue;
        for (uint32_t k = 0; k < ARENA_PAGES; k++) take_this_frame(frames, n - k);
        return frame_address(frames, n + 1 - ARENA_PAGES);
    }
    return 0;
}

static const uint64_t *load_image(struct kernel *kernel, const char *name, uint64_t *bytes) {
    bool read;
    const char *why;
    struct file *file = file_find(kernel, name);
    uint32_t number = file ? file_page(kernel, file, 0, &read, &why) : NO_FRAME;
    if (number == NO_FRAME) return NULL;
    kernel->frames.table[number].pinned = true;
    *bytes = file->bytes;
    return frame_data(&kernel->frames, number);
}

// Copies the program to `base`; its addresses are adjusted when `relocate`. How many there were.
static uint64_t place(const struct past *past, uint64_t base, bool relocate) {
    uint64_t *to = (uint64_t *)base, count = 0;
    for (uint64_t n = 0; n < (past->bytes + 7) / 8; n++) {
        bool is_address = past->other_image[n] - past->image[n] == LINKED_AT_2 - LINKED_AT;
        to[n] = past->image[n] + (is_address && relocate ? base - LINKED_AT : 0);
        count += is_address;
    }
    code_written();
    return count;
}

// A process without a page table, whose program begins at `base` and has a stack after that.
static struct process *start_at(struct kernel *kernel, uint64_t base, uint64_t mode,
                                uint64_t address) {
    for (unsigned n = 0; n < MAX_PROCESSES; n++) {
        struct process *process = &kernel->process[n];
        if (process->state != PROCESS_UNUSED) continue;
        *process = (struct process){.pid = ++kernel->last_pid, .state = PROCESS_READY};
        text_copy(process->name, "before", sizeof process->name);
        process->stepped = true;
        process->registers.pc = base;
        process->registers.x[1] = base + 2 * PAGE_BYTES;
        ARGUMENT(process, 0) = mode;
        ARGUMENT(process, 1) = address;
        run_process(kernel, process);
        return process;
    }
    return NULL;
}

static void relocation(struct kernel *kernel, const struct past *past) {
    say(kernel, "Relocation. A program made for address 0x%lx is copied to 0x%lx as it is:\n",
        (uint64_t)LINKED_AT, past->arena);
    place(past, past->arena, false);
    struct process *process = start_at(kernel, past->arena, 0, 0);
    expect(kernel, "it uses an address it was made for, where there is no memory",
           process->ended_by == RULE_UNPROTECTED && process->fault_address >= LINKED_AT &&
               process->fault_address < LINKED_AT + past->bytes);
    uint64_t count = place(past, past->arena, true);
    process = start_at(kernel, past->arena, 0, 0);
    say(kernel, "With the %lu addresses in it adjusted:\n", count);
    expect_equal(kernel, "addresses found by linking it twice and comparing", count, 8);
    expect_equal(kernel, "the sum it computes", process->stop_value, SUM_OF_ROWS);
}

static void overwriting(struct kernel *kernel, const struct past *past) {
    uint64_t first = past->arena, second = past->arena + 4 * PAGE_BYTES;
    place(past, first, true);
    place(past, second, true);
    struct process *victim = start_at(kernel, first, 0, 0);
    uint64_t target = round_up(past->bytes, 8) - 128; // its table, before the eight pointers
    say(kernel,
        "\nNo protection. Program A at 0x%lx computes %lu. Program B at 0x%lx writes 64 bytes "
        "to 0x%lx:\n",
        first, victim->stop_value, second, first + target);
    struct process *other = start_at(kernel, second, 1, first + target);
    expect(kernel, "nothing stops B", other->state == PROCESS_STOPPED);
    expect_equal(kernel, "and A now computes", lab_go(kernel, victim), 0);
}

// First fit: the lowest hole that is large enough; false when there is none.
static bool first_fit(const struct partition *used, unsigned count, uint32_t pages,
                      struct partition *place_found) {
    for (uint32_t at = 0; at + pages <= ARENA_PAGES; at++) {
        bool free = true;
        for (unsigned n = 0; n < count; n++)
            free &= at >= used[n].first + used[n].pages || used[n].first >= at + pages;
        if (!free) continue;
        *place_found = (struct partition){at, pages};
        return true;
    }
    return false;
}

static void draw_arena(struct kernel *kernel, const struct partition *used, unsigned count) {
    char map[ARENA_PAGES + 1];
    memset(map, '.', ARENA_PAGES);
    map[ARENA_PAGES] = 0;
    for (unsigned n = 0; n < count; n++) memset(map + used[n].first, 'A' + (int)n, used[n].pages);
    say(kernel, "    |%s|\n", map);
}

static void fragmentation(struct kernel *kernel, const struct past *past) {
    static const uint32_t sizes[] = {6, 5, 8};
    struct partition used[4] = {0};
    say(kernel, "\nFragmentation. %u pages; A takes 6, B 5, C 8; B ends; D wants 8:\n",
        ARENA_PAGES);
    for (unsigned n = 0; n < 3; n++) first_fit(used, n, sizes[n], &used[n]);
    draw_arena(kernel, used, 3);
    used[1].pages = 0;
    draw_arena(kernel, used, 3);
    expect_equal(kernel, "pages free in all", ARENA_PAGES - used[0].pages - used[2].pages, 10);
    expect(kernel, "and yet 8 pages in one piece are not to be had",
           !first_fit(used, 3, 8, &used[3]));
    used[2].first = 6;
    place(past, past->arena + used[2].first * PAGE_BYTES, true);
    expect(kernel, "with C moved down and relocated again, they are",
           first_fit(used, 3, 8, &used[3]));
    draw_arena(kernel, used, 4);
    struct process *moved = start_at(kernel, past->arena + used[2].first * PAGE_BYTES, 0, 0);
    expect_equal(kernel, "C computes at its new place", moved->stop_value, SUM_OF_ROWS);
    say(kernel,
        "(C had not begun. Once it runs, registers and stack hold addresses too, and nobody "
        "knows which.)\n");
}

void chapter_before(struct kernel *kernel) {
    struct past past = {.arena = take_arena(kernel)};
    uint64_t bytes = 0;
    past.image = load_image(kernel, "before-50000", &past.bytes);
    past.other_image = load_image(kernel, "before-60000", &bytes);
    bool ready = past.arena && past.image && past.other_image && past.bytes == bytes;
    if (!ready) expect(kernel, "the programs and 24 contiguous frames are there", false);
    if (ready) {
        relocation(kernel, &past);
        overwriting(kernel, &past);
        fragmentation(kernel, &past);
    }
    uint32_t first = frame_number(&kernel->frames, past.arena);
    for (uint32_t n = 0; past.arena && n < ARENA_PAGES; n++) frame_give(kernel, first + n);
}
