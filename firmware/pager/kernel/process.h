// SPDX-License-Identifier: MIT
//
// Processes: registers, an address space made of areas, and counts of what happened to it.
#ifndef TABLEWALK_PAGER_PROCESS_H
#define TABLEWALK_PAGER_PROCESS_H

#include "kernel/fault.h"
#include "kernel/lib.h"

#define MAX_PROCESSES   32
#define MAX_AREAS       10
#define MAX_DESCRIPTORS 6
#define COMMAND_BYTES   96
#define NAME_BYTES      16

#define PROGRAM_BASE  0x10000ull
#define PROGRAM_LIMIT 0x10000000ull // code, constants and data end below
#define HEAP_LIMIT    0x1fff0000ull
#define MAPPED_BASE   0x20000000ull
#define MAPPED_LIMIT  0x3f000000ull
#define STACK_TOP     0x40000000ull
#define STACK_PAGES   64ull // so far may a stack grow; below lies the guard page
#define STACK_BOTTOM  (STACK_TOP - STACK_PAGES * 4096)

struct kernel;
struct file;
struct pipe;

// Saved registers; entry.S knows this layout.
struct registers {
    uint64_t pc;
    uint64_t x[31]; // x1 is x[0]
    uint64_t kernel_sp, kernel_satp;
};
#define ARGUMENT(process, n) ((process)->registers.x[9 + (n)]) // a0..a7 are x10..x17

enum area_kind { AREA_CODE, AREA_CONSTANTS, AREA_DATA, AREA_HEAP, AREA_MAPPED, AREA_STACK };

struct area {
    uint64_t start, end; // whole pages; start == end: unused
    uint64_t rights;     // PTE_READ, PTE_WRITE, PTE_EXECUTE
    enum area_kind kind;
    bool shared;       // writes go to the file and to all who map it
    struct file *file; // NULL: anonymous
    uint64_t offset;   // of `start` in the file, bytes, whole pages
    uint64_t bytes;    // that come from the file; what follows is zero
    uint64_t device;   // physical address of a device's memory that is shown; 0: RAM
};

enum process_state {
    PROCESS_UNUSED,
    PROCESS_NEW,     // being built; nobody may choose it for anything
    PROCESS_READY,   // runs when its turn comes
    PROCESS_WAITING, // in a system call that cannot go on yet and is tried again
    PROCESS_STOPPED, // asked to be looked at
    PROCESS_ZOMBIE,  // ended, its status not yet fetched
};

struct counts {
    uint64_t minor;   // page faults served without the disk
    uint64_t major;   // page faults that read the disk
    uint64_t copied;  // pages copied on write
    uint64_t out, in; // pages written to and read from swap
    uint64_t work;    // units of useful work (system call step)
};

struct process {
    struct registers registers;
    int pid;
    int parent; // pid, 0 for the prompt
    enum process_state state;
    bool suspended; // load control or the prompt keeps it from running
    bool killed;    // to be ended as soon as the kernel is done with it
    bool stepped;   // runs in turns of steps, not of time: experiments repeat exactly
    char name[NAME_BYTES];
    uint64_t root, asid;
    struct area area[MAX_AREAS];
    struct counts counts;
    uint64_t ready_at;  // virtual time: its disk transfers are done by then
    uint64_t wake_time; // time: end of sleep
    uint64_t steps_left;
    uint64_t suspended_at;  // virtual time
    uint64_t resident_then; // pages in RAM when it was suspended
    int status;
    uint64_t stop_value;
    struct pipe *descriptor[MAX_DESCRIPTORS]; // 0..2 are the console
    bool descriptor_writes[MAX_DESCRIPTORS];
    enum fault_rule ended_by;
    uint64_t fault_address;
    enum access fault_access;
};

// Starts the program that `command` (name and arguments) names. NULL with a message when it cannot.
struct process *process_start(struct kernel *kernel, const char *command, int parent);

// Replaces the program of `process`; false leaves it to be ended.
bool process_load(struct kernel *kernel, struct process *process, const char *command);

// Copies a process: areas and page table, no page. NULL when there is no memory or no room.
struct process *process_fork(struct kernel *kernel, struct process *parent);

// Ends a process: gives back all its memory and leaves a zombie for its parent to ask about.
// Its own children become its parent's.
void process_end(struct kernel *kernel, struct process *process, int status);

// Forgets a zombie.
void process_forget(struct kernel *kernel, struct process *process);

struct process *process_by_pid(struct kernel *kernel, int pid);

// True while some process that is not a zombie exists.
bool process_any(const struct kernel *kernel);

#endif
