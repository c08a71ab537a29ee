// SPDX-License-Identifier: MIT
//
// Traps from user programs, see trap.h.
#include "kernel/trap.h"

#include "kernel/area.h"
#include "kernel/kernel.h"

// Ends the program, saying what it did, where, and against which rule.
static void end_for_fault(struct kernel *kernel, struct process *process, uint64_t address,
                          enum access access, enum fault_rule rule) {
    process->killed = true;
    if (process->ended_by != RULE_NONE) return; // the out-of-memory choice has spoken already
    process->ended_by = rule;
    process->fault_address = address;
    process->fault_access = access;
    const char *what = fault_is_segmentation(rule) ? "segmentation fault" : "ended";
    say(kernel, "%s (pid %d): %s: %s of 0x%lx, by the instruction at 0x%lx", process->name,
        process->pid, what, access_text(access), address, process->registers.pc);
    const struct area *area = area_find(process, address);
    if (area) say(kernel, ", in its %s", area_name(area->kind));
    say(kernel, ": %s\n", fault_rule_text(rule));
}

static void end_for_instruction(struct kernel *kernel, struct process *process, uint64_t cause) {
    process->killed = true;
    process->ended_by = RULE_INSTRUCTION;
    say(kernel, "%s (pid %d): ended: trap cause %lu, value 0x%lx, at 0x%lx: %s\n", process->name,
        process->pid, cause, csr_read(stval), process->registers.pc,
        fault_rule_text(RULE_INSTRUCTION));
}

static void page_fault(struct kernel *kernel, struct process *process, enum access access) {
    uint64_t address = csr_read(stval);
    enum fault_rule rule = fault_serve(kernel, process, address, access);
    if (rule != RULE_NONE) end_for_fault(kernel, process, address, access, rule);
}

static void access_fault(struct kernel *kernel, struct process *process, enum access access) {
    end_for_fault(kernel, process, csr_read(stval), access, RULE_UNPROTECTED);
}

bool trap_serve(struct kernel *kernel, struct process *process, uint64_t cause) {
    switch (cause) {
    case CAUSE_TIMER:
        timer_set(UINT64_MAX);
        time_passes(kernel, TICKS_PER_TURN); // a whole turn of work, though not reported by steps
        kernel->load_control.window_work += TICKS_PER_TURN;
        return false;
    case CAUSE_EXTERNAL: interrupt_serve(kernel); return process->stepped;
    case CAUSE_ECALL: system_call(kernel, process); return true;
    case CAUSE_FETCH_PAGE_FAULT: page_fault(kernel, process, ACCESS_FETCH); return true;
    case CAUSE_LOAD_PAGE_FAULT: page_fault(kernel, process, ACCESS_LOAD); return true;
    case CAUSE_STORE_PAGE_FAULT: page_fault(kernel, process, ACCESS_STORE); return true;
    case CAUSE_FETCH_ACCESS_FAULT: access_fault(kernel, process, ACCESS_FETCH); return true;
    case CAUSE_LOAD_ACCESS_FAULT: access_fault(kernel, process, ACCESS_LOAD); return true;
    case CAUSE_STORE_ACCESS_FAULT: access_fault(kernel, process, ACCESS_STORE); return true;
    default: end_for_instruction(kernel, process, cause); return true;
    }
}

void kernel_panic_trap(struct kernel *kernel, uint64_t cause, uint64_t pc, uint64_t value) {
    if (kernel) say(kernel, "\nkernel trap: cause %lu at 0x%lx, value 0x%lx\n", cause, pc, value);
    kernel_panic(kernel, "the kernel trapped");
}
