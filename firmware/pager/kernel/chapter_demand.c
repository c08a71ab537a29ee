// SPDX-License-Identifier: MIT
//
// Chapter 4, demand loading. The program `sparse` has 16 pages of constants, 8 of variables and 4
// of heap, and touches them a few at a time.
#include "kernel/area.h"
#include "kernel/chapter.h"
#include "kernel/kernel.h"
#include "kernel/lab.h"
#include "kernel/report.h"

struct stage {
    const char *what;
    uint64_t minor, major, frames;
};

// Lets the program go on to its next stop, and compares what that cost with what it should.
static void check_stage(struct kernel *kernel, struct process *process, const struct stage *stage) {
    struct counts before = process->counts;
    uint32_t used = kernel->frames.pageable;
    lab_go(kernel, process);
    say(kernel, "\nIt %s:\n", stage->what);
    expect_equal(kernel, "minor faults", process->counts.minor - before.minor, stage->minor);
    expect_equal(kernel, "major faults", process->counts.major - before.major, stage->major);
    expect_equal(kernel, "frames taken", kernel->frames.pageable - used, stage->frames);
}

// Has all of the program's code in RAM, so that only data is counted.
static void load_code(struct kernel *kernel, struct process *process) {
    const struct area *code = area_of_kind(process, AREA_CODE);
    for (uint64_t at = code->start; at < code->end; at += PAGE_BYTES)
        fault_serve(kernel, process, at, ACCESS_FETCH);
}

static void run_stages(struct kernel *kernel, const struct stage *stages, size_t count,
                       bool first_time) {
    struct process *process = lab_start(kernel, "sparse");
    if (!process) return;
    load_code(kernel, process);
    const struct area *constants = area_of_kind(process, AREA_CONSTANTS);
    struct usage start = usage_of_area(kernel, process, constants);
    for (size_t n = 0; n < count; n++) check_stage(kernel, process, &stages[n]);
    struct usage end = usage_of_area(kernel, process, constants);
    if (first_time) {
        say(kernel,
            "\nIts constants: %lu pages, of which it used %lu; the others were never loaded.\n",
            end.virtual, end.resident);
        report_pages(kernel, process, constants);
        expect_equal(kernel, "pages of constants loaded since the first stop",
                     end.resident - start.resident, 4);
    }
    while (process->state == PROCESS_STOPPED) lab_go(kernel, process);
    expect_equal(kernel, "its status", (uint64_t)process->status, 0);
    process_forget(kernel, process);
}

void chapter_demand(struct kernel *kernel) {
    static const struct stage cold[] = {
        {"reads 5 pages of constants, one of which it has already", 0, 4, 4},
        {"reads the same 5 pages again", 0, 0, 0},
        {"writes 8 pages of variables that begin as zeros, one of which it has read", 8, 0, 8},
        {"reads 4 pages of fresh heap: all are the one page of zeros", 4, 0, 0},
        {"writes those 4 pages", 4, 0, 4},
    };
    static const struct stage warm[] = {
        {"reads the 5 pages of constants: they are still in RAM, no disk is needed", 4, 0, 0},
    };
    run_stages(kernel, cold, sizeof cold / sizeof *cold, true);
    say(kernel, "\nThe program is started a second time:\n");
    run_stages(kernel, warm, sizeof warm / sizeof *warm, false);
}
