// SPDX-License-Identifier: MIT
//
// Chapter 10, who uses what. Three programs whose use of memory is known in advance, and the tables
// that show it.
#include "kernel/area.h"
#include "kernel/chapter.h"
#include "kernel/kernel.h"
#include "kernel/lab.h"
#include "kernel/report.h"

#define PAGES  40u
#define FRAMES 30u

static void check_scan(struct kernel *kernel, struct process *process) {
    struct usage heap = usage_of_area(kernel, process, area_of_kind(process, AREA_HEAP));
    say(kernel, "\nThe heap of `scan`, which wrote %u pages in %u frames:\n", PAGES, FRAMES);
    expect_equal(kernel, "virtual", heap.virtual, PAGES);
    expect_equal(kernel, "resident", heap.resident, FRAMES);
    expect_equal(kernel, "swapped", heap.swapped, PAGES - FRAMES);
    expect_equal(kernel, "dirty: not yet on disk as they are", heap.dirty, FRAMES);
    expect_equal(kernel, "shared", heap.shared, 0);
    struct usage all = usage_of_process(kernel, process);
    struct usage code = usage_of_area(kernel, process, area_of_kind(process, AREA_CODE));
    expect_equal(kernel, "its code, shared with the other `scan`", code.shared, code.resident);
    expect_at_least(kernel, "all its areas together have more than the heap", all.virtual,
                    PAGES + 2);
}

static void check_sums(struct kernel *kernel) {
    const struct frames *frames = &kernel->frames;
    uint64_t sum = 0, slots = 0, swapped = 0;
    for (enum frame_use use = FRAME_FREE; use <= FRAME_FILE; use++)
        sum += frame_count_use(frames, use);
    say(kernel, "\nThe sums:\n");
    expect_equal(kernel, "frames, by use", sum, frames->count);
    expect_equal(kernel, "frames on the free list", frames->free,
                 frame_count_use(frames, FRAME_FREE));
    expect_equal(kernel, "frames in the replacement queue", frames->pageable,
                 frame_count_use(frames, FRAME_ANON) + frame_count_use(frames, FRAME_FILE));
    for (uint32_t slot = 1; slot < kernel->swap.count; slot++)
        slots += kernel->swap.slot[slot].references > 0;
    for (unsigned n = 0; n < MAX_PROCESSES; n++)
        if (kernel->process[n].root)
            swapped += usage_of_process(kernel, &kernel->process[n]).swapped;
    expect_equal(kernel, "swap slots used are pages swapped", slots, swapped);
}

void chapter_usage(struct kernel *kernel) {
    kernel->policy = policy_find("fifo");
    struct process *other = lab_start(kernel, "scan 4"), *scan = lab_start(kernel, "scan 40");
    if (!other || !scan) return;
    lab_pin(kernel, other);
    lab_pin(kernel, scan);
    lab_limit(kernel, FRAMES);
    lab_go(kernel, scan);
    say(kernel, "ps:\n");
    report_processes(kernel);
    say(kernel, "\nfree:\n");
    report_memory(kernel);
    say(kernel, "\nmaps %d:\n", scan->pid);
    report_areas(kernel, scan);
    check_scan(kernel, scan);
    check_sums(kernel);
    say(kernel,
        "\n`scan` reads all its pages; those it changed no more are clean when they come back:\n");
    lab_go(kernel, scan);
    struct usage heap = usage_of_area(kernel, scan, area_of_kind(scan, AREA_HEAP));
    expect_equal(kernel, "dirty", heap.dirty, 0);
    expect_equal(kernel, "resident", heap.resident, FRAMES);
    expect_equal(kernel, "swapped", heap.swapped, PAGES - FRAMES);
    uint32_t free = kernel->frames.free;
    process_end(kernel, scan, 0);
    say(kernel, "\n`scan` ends:\n");
    expect_at_least(kernel, "frames that came free", kernel->frames.free - free, FRAMES);
    expect_equal(kernel, "swap slots still used",
                 kernel->swap.count - 1 - kernel->swap.free - kernel->swap.bad, 0);
}
