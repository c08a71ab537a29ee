// SPDX-License-Identifier: MIT
//
// Chapter 12, stack growth. A program calls itself, with half a page of local variables each time.
#include "kernel/area.h"
#include "kernel/chapter.h"
#include "kernel/kernel.h"
#include "kernel/lab.h"
#include "kernel/report.h"

static void grow(struct kernel *kernel, const char *command, uint64_t depth) {
    struct process *process = lab_start(kernel, command);
    if (!process) return;
    uint64_t before = process->counts.minor + process->counts.major;
    uint64_t start = area_of_kind(process, AREA_STACK)->start;
    uint64_t sp = lab_go(kernel, process);
    const struct area *stack = area_of_kind(process, AREA_STACK);
    if (process->state != PROCESS_STOPPED || !stack) {
        expect(kernel, "the program reached its deepest point", false);
        return;
    }
    say(kernel, "\n%s: the stack pointer went down to 0x%lx:\n", command, sp);
    report_pages(kernel, process, stack);
    expect_equal(kernel, "the area grew with it, down to the page of the stack pointer",
                 stack->start, round_down(sp, PAGE_BYTES));
    expect_at_least(kernel, "bytes of stack", STACK_TOP - sp, depth * PAGE_BYTES / 2);
    expect_equal(kernel, "pages by which it grew, one fault each",
                 process->counts.minor + process->counts.major - before,
                 (start - stack->start) / PAGE_BYTES);
    lab_go(kernel, process);
    expect_equal(kernel, "its status", (uint64_t)process->status, 0);
    process_forget(kernel, process);
}

void chapter_stack(struct kernel *kernel) {
    say(kernel, "The stack begins with one page below 0x%lx and may have %lu.\n",
        (uint64_t)STACK_TOP, (uint64_t)STACK_PAGES);
    grow(kernel, "recurse 4", 4);
    grow(kernel, "recurse 40", 40);
    say(kernel, "\nrecurse 1000:\n");
    struct process *process = lab_start(kernel, "recurse 1000");
    if (!process) return;
    lab_go(kernel, process);
    expect(kernel, "it was ended at the guard page",
           process->state == PROCESS_ZOMBIE && process->ended_by == RULE_STACK_GUARD);
    expect(kernel, "which is the page below the 64",
           process->fault_address >= STACK_BOTTOM - PAGE_BYTES &&
               process->fault_address < STACK_BOTTOM);
    expect_at_least(kernel, "page faults: its 63 further pages of stack, its code and the rest",
                    process->counts.minor + process->counts.major, STACK_PAGES);
}
