// SPDX-License-Identifier: MIT
//
// Chapter 2, address spaces. Two copies of a program use the same addresses at the same time.
#include "kernel/area.h"
#include "kernel/chapter.h"
#include "kernel/kernel.h"
#include "kernel/lab.h"
#include "kernel/report.h"

// What a program has at an address, read by the kernel through the program's page table.
static uint64_t value_at(struct process *process, uint64_t address, uint64_t *physical) {
    struct walk walk = pagetable_walk(process->root, address);
    *physical = walk.leaf ? walk.physical : 0;
    return walk.leaf ? *(uint64_t *)walk.physical : 0;
}

static void show_frames(struct kernel *kernel, struct process *process) {
    const struct area *heap = area_of_kind(process, AREA_HEAP);
    uint64_t neighbours = 0, pages = 0, last = 0;
    say(kernel, "\nSix pages side by side in program A, and the frames they are in:\n   ");
    for (uint64_t at = heap->start; at < heap->end; at += PAGE_BYTES, pages++) {
        struct walk walk = pagetable_walk(process->root, at);
        say(kernel, " 0x%lx->0x%lx", at >> PAGE_SHIFT, walk.physical >> PAGE_SHIFT);
        neighbours += pages > 0 && walk.physical == last + PAGE_BYTES;
        last = walk.physical;
    }
    say(kernel, "\n");
    expect_equal(kernel, "pages", pages, 6);
    expect_at_most(kernel, "pages whose frame follows the one before", neighbours, 4);
}

void chapter_spaces(struct kernel *kernel) {
    struct process *a = lab_start(kernel, "same 11"), *b = lab_start(kernel, "same 22");
    if (!a || !b) return;
    uint64_t address = a->stop_value, physical_a, physical_b;
    say(kernel, "Program A (pid %d) and program B (pid %d) both have a variable at 0x%lx.\n",
        a->pid, b->pid, address);
    expect_equal(kernel, "B's variable has the same address", b->stop_value, address);
    expect_equal(kernel, "A's value", value_at(a, address, &physical_a), 11);
    expect_equal(kernel, "B's value", value_at(b, address, &physical_b), 22);
    expect(kernel, "they lie in different frames", physical_a && physical_a != physical_b);

    say(kernel, "\nThe address in A, and in B:\n");
    report_walk(kernel, a->root, address);
    report_walk(kernel, b->root, address);
    uint64_t number = address >> PAGE_SHIFT, offset = address % PAGE_BYTES;
    expect_equal(kernel, "page number times 4096 plus offset", number * PAGE_BYTES + offset,
                 address);
    expect_equal(kernel, "the offset in A's frame", physical_a % PAGE_BYTES, offset);
    expect_equal(kernel, "the offset in B's frame", physical_b % PAGE_BYTES, offset);
    show_frames(kernel, a);

    say(kernel, "\nA adds 11 to its variable:\n");
    expect_equal(kernel, "A's value now", lab_go(kernel, a), 22);
    expect_equal(kernel, "A's value in its frame", value_at(a, address, &physical_a), 22);
    expect_equal(kernel, "B's value still", value_at(b, address, &physical_b), 22);
    expect_equal(kernel, "B adds 22", lab_go(kernel, b), 44);
    expect_equal(kernel, "A's value still", value_at(a, address, &physical_a), 22);
    lab_go(kernel, a);
    lab_go(kernel, b);
    expect_equal(kernel, "A found everything as it left it: status", (uint64_t)a->status, 0);
    expect_equal(kernel, "B too", (uint64_t)b->status, 0);
}
