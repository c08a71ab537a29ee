// SPDX-License-Identifier: MIT
//
// The whole state of the kernel in one structure, which every function is handed: there is no other
// variable. It lies in the first memory behind the kernel's image.
#ifndef TABLEWALK_PAGER_KERNEL_H
#define TABLEWALK_PAGER_KERNEL_H

#include "kernel/abi.h"
#include "kernel/console.h"
#include "kernel/disk.h"
#include "kernel/fault.h"
#include "kernel/file.h"
#include "kernel/frame.h"
#include "kernel/interrupt.h"
#include "kernel/keyboard.h"
#include "kernel/line.h"
#include "kernel/load_control.h"
#include "kernel/machine.h"
#include "kernel/pagetable.h"
#include "kernel/pipe.h"
#include "kernel/policy.h"
#include "kernel/process.h"
#include "kernel/reclaim.h"
#include "kernel/riscv.h"
#include "kernel/scheduler.h"
#include "kernel/swap.h"

struct kernel {
    struct machine machine;
    struct console console;
    struct disk disk[MAX_DISKS];
    unsigned disk_count;
    struct keyboard keyboard;
    uint64_t boot_pages; // memory for the kernel's own page tables
    unsigned boot_pages_left;
    uint64_t root; // the kernel's own page table
    struct frames frames;
    struct files files;
    struct swap swap;
    struct swap_slot *swap_map;
    uint32_t swap_map_room;
    const struct policy *policy;
    uint64_t policy_random;
    uint32_t reclaim_round;
    uint64_t evictions;
    struct process process[MAX_PROCESSES];
    struct process *current; // the program whose trap is being served
    int last_pid;
    struct pipe pipe[MAX_PIPES];
    struct scheduler scheduler;
    struct load_control load_control;
    struct line_editor line;
    unsigned checks, failures; // of the chapters
};

// Where the kernel sees a device register, given its physical address.
static inline volatile void *device_pointer(uint64_t physical) {
    return (volatile void *)(DEVICE_WINDOW + physical);
}

// printf on the console; the formats are those of lib.h.
void say(struct kernel *kernel, const char *text, ...) __attribute__((format(printf, 2, 3)));

// A mistake of the kernel's own: says so and switches off with exit code 3.
void kernel_panic(struct kernel *kernel, const char *why) __attribute__((noreturn));

// Switches the machine off; scripts see the exit code (0..255).
void power_off(struct kernel *kernel, unsigned code) __attribute__((noreturn));

#endif
