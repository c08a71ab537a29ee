// SPDX-License-Identifier: MIT
//
// Chapter 11, copy-on-write. A program of 32 pages forks; the copy writes 8 of them.
#include "kernel/area.h"
#include "kernel/chapter.h"
#include "kernel/kernel.h"
#include "kernel/lab.h"
#include "kernel/report.h"

#define PAGES  32u
#define WRITES 8u

static struct process *child_of(struct kernel *kernel, const struct process *parent) {
    for (unsigned n = 0; n < MAX_PROCESSES; n++)
        if (kernel->process[n].state != PROCESS_UNUSED && kernel->process[n].parent == parent->pid)
            return &kernel->process[n];
    return NULL;
}

static uint64_t shared_heap(struct kernel *kernel, struct process *process) {
    return usage_of_area(kernel, process, area_of_kind(process, AREA_HEAP)).shared;
}

static void child_writes(struct kernel *kernel, struct process *parent, struct process *child) {
    run_process(kernel, child); // to its first stop: its stack is its own by now
    uint32_t used = kernel->frames.pageable;
    struct counts before = child->counts;
    say(kernel, "\nThe child writes %u pages:\n", WRITES);
    lab_go(kernel, child);
    expect_equal(kernel, "page faults", child->counts.minor - before.minor, WRITES);
    expect_equal(kernel, "pages copied", child->counts.copied - before.copied, WRITES);
    expect_equal(kernel, "frames taken", kernel->frames.pageable - used, WRITES);
    expect_equal(kernel, "heap pages still shared", shared_heap(kernel, parent), PAGES - WRITES);
    lab_go(kernel, child);
    expect_equal(kernel, "the child sees its 8 writes and 24 old pages: status",
                 (uint64_t)child->status, 0);
}

void chapter_cow(struct kernel *kernel) {
    struct process *parent = lab_start(kernel, "forker 32 8");
    if (!parent) return;
    uint32_t anonymous = frame_count_use(&kernel->frames, FRAME_ANON);
    uint64_t tables = frame_count_use(&kernel->frames, FRAME_TABLE);
    say(kernel, "A program has written %u pages. It forks:\n", PAGES);
    lab_go(kernel, parent);
    struct process *child = child_of(kernel, parent);
    if (!child) {
        expect(kernel, "there is a child", false);
        return;
    }
    expect_equal(kernel, "heap pages shared", shared_heap(kernel, parent), PAGES);
    expect_at_most(kernel, "frames taken for pages: none, or one for the parent's stack",
                   frame_count_use(&kernel->frames, FRAME_ANON) - anonymous, 1);
    expect_equal(kernel, "frames taken for the child's page table: root, middle, two at the bottom",
                 frame_count_use(&kernel->frames, FRAME_TABLE) - tables, 4);
    child_writes(kernel, parent, child);
    say(kernel, "\nThe child has ended; the parent looks and then writes all %u pages:\n", PAGES);
    expect_equal(kernel, "heap pages shared", shared_heap(kernel, parent), 0);
    lab_go(kernel, parent);
    struct counts before = parent->counts;
    lab_go(kernel, parent);
    expect_equal(kernel, "page faults: W was taken away for sharing and comes back by fault",
                 parent->counts.minor - before.minor, PAGES);
    expect_equal(kernel, "pages copied: it is the only owner",
                 parent->counts.copied - before.copied, 0);
    lab_go(kernel, parent);
    expect_equal(kernel, "the parent never saw the child's writes: status",
                 (uint64_t)parent->status, 0);
}
