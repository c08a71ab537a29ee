// SPDX-License-Identifier: MIT
//
// What brings a program into the kernel: system calls, page faults, interrupts, mistakes.
#ifndef TABLEWALK_PAGER_TRAP_H
#define TABLEWALK_PAGER_TRAP_H

#include "kernel/lib.h"

struct kernel;
struct process;

// Serves the trap with that scause. False when the program's turn is over.
bool trap_serve(struct kernel *kernel, struct process *process, uint64_t cause);

// Carries out the system call in the process's registers, or leaves it waiting.
void system_call(struct kernel *kernel, struct process *process);

// Tries a waiting process's system call again.
void system_call_retry(struct kernel *kernel, struct process *process);

// A trap of the kernel itself, from entry.S: reports it and switches off.
void kernel_panic_trap(struct kernel *kernel, uint64_t cause, uint64_t pc, uint64_t value)
    __attribute__((noreturn));

#endif
