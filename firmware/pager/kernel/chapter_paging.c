// SPDX-License-Identifier: MIT
//
// Chapter 5, paging. A program uses more pages than there are frames, and does not notice.
#include "kernel/area.h"
#include "kernel/chapter.h"
#include "kernel/kernel.h"
#include "kernel/lab.h"
#include "kernel/report.h"

#define PAGES  60u
#define FRAMES 24u

struct expectation {
    const char *what;
    uint64_t zeroed, in, out; // out: since the program's start
};

static void pass(struct kernel *kernel, struct process *process, const struct expectation *e) {
    struct counts before = process->counts;
    uint64_t wrong = lab_go(kernel, process);
    say(kernel, "%s:\n", e->what);
    report_pages(kernel, process, area_of_kind(process, AREA_HEAP));
    expect_equal(kernel, "pages filled with zeros", process->counts.minor - before.minor,
                 e->zeroed);
    expect_equal(kernel, "pages read from swap", process->counts.in - before.in, e->in);
    expect_equal(kernel, "pages written to swap so far", process->counts.out, e->out);
    expect_equal(kernel, "words that came back wrong", wrong, 0);
}

static struct process *start_scan(struct kernel *kernel, const char *command, uint32_t frames) {
    struct process *process = lab_start(kernel, command);
    if (!process) return NULL;
    lab_pin(kernel, process);
    lab_limit(kernel, frames);
    return process;
}

static void scan_with(struct kernel *kernel, const struct policy *policy) {
    // Going round more pages than there are frames, FIFO, clock and LRU each evict the very page
    // that is needed furthest in the past and soonest in the future: every page is a fault.
    bool random = !strcmp(policy->name, "random");
    const struct expectation write = {"It writes them all, for the first time", PAGES, 0,
                                      PAGES - FRAMES};
    const struct expectation read = {"It reads them all and compares", 0, PAGES, PAGES};
    say(kernel, "\nPolicy %s: %u pages in %u frames.\n", policy->name, PAGES, FRAMES);
    kernel->policy = policy;
    struct process *process = start_scan(kernel, "scan 60", FRAMES);
    if (!process) return;
    pass(kernel, process, &write);
    if (random) { // which pages were written out by when depends on chance
        uint64_t wrong = lab_go(kernel, process) + lab_go(kernel, process);
        expect_equal(kernel, "words that came back wrong in two rounds", wrong, 0);
        expect_at_least(kernel, "pages read from swap", process->counts.in, 2 * (PAGES - FRAMES));
        expect_at_most(kernel, "pages read from swap", process->counts.in, 2 * PAGES);
    } else {
        pass(kernel, process, &read);
        pass(kernel, process, &read);
    }
    lab_clear(kernel);
}

static void enough_ram(struct kernel *kernel) {
    say(kernel, "\n%u pages in %u frames:\n", PAGES, PAGES);
    struct process *process = start_scan(kernel, "scan 60", PAGES);
    if (!process) return;
    lab_go(kernel, process);
    lab_go(kernel, process);
    lab_go(kernel, process);
    expect_equal(kernel, "faults with the disk", process->counts.in, 0);
    expect_equal(kernel, "pages written to swap", process->counts.out, 0);
    lab_clear(kernel);
}

// Swapping moves a whole program; paging what it uses.
static void compare_with_swapping(struct kernel *kernel) {
    say(kernel, "\nSwapping a whole program of 20 pages, against paging it:\n");
    struct process *process = start_scan(kernel, "scan 20", FRAMES);
    if (!process) return;
    lab_go(kernel, process);
    uint64_t written = kernel->swap.written;
    expect_equal(kernel, "swapping out moves pages", swap_out_process(kernel, process), 20);
    expect_equal(kernel, "of which were written", kernel->swap.written - written, 20);
    expect_equal(kernel, "swapping in moves pages", swap_in_process(kernel, process), 20);
    written = kernel->swap.written;
    expect_equal(kernel, "swapping it out again, unchanged, moves",
                 swap_out_process(kernel, process), 20);
    expect_equal(kernel, "and writes", kernel->swap.written - written, 0);
    process->suspended = false; // let it page instead
    uint64_t before = process->counts.in, heap = area_of_kind(process, AREA_HEAP)->start;
    for (uint64_t n = 0; n < 3; n++)
        fault_user_byte(kernel, process, heap + n * PAGE_BYTES, ACCESS_LOAD);
    expect_equal(kernel, "a program that then uses 3 of them pages in", process->counts.in - before,
                 3);
    expect_equal(kernel, "words that came back wrong", lab_go(kernel, process), 0);
    lab_clear(kernel);
}

void chapter_paging(struct kernel *kernel) {
    for (unsigned n = 0; n < POLICY_COUNT; n++) scan_with(kernel, &POLICIES[n]);
    enough_ram(kernel);
    compare_with_swapping(kernel);
}
