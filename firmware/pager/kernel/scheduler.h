// SPDX-License-Identifier: MIT
//
// Who runs next, and virtual time.
//
// Experiments have to give the same figures on every machine, so they do not use the clock on the
// wall. Virtual time counts ticks: one for each unit of work a program reports (system call step),
// TICKS_PER_TURN for a turn that the timer ends, DISK_TICKS for each page that goes to or comes
// from a disk. There is one disk arm: transfers queue up behind each other. A program that had to
// wait for the disk is not run before its transfers are done in virtual time; others are.
#ifndef TABLEWALK_PAGER_SCHEDULER_H
#define TABLEWALK_PAGER_SCHEDULER_H

#include "kernel/lib.h"

#define DISK_TICKS     20
#define STEPS_PER_TURN 20
#define TICKS_PER_TURN 100
#define TURNS_A_SECOND 100

#define SAMPLE_USUALLY   50u // ticks
#define SAMPLE_EACH_STEP 0u

struct kernel;
struct process;

struct scheduler {
    uint64_t now;          // virtual time
    uint64_t disk_free;    // when the disk has done all it was asked for
    uint64_t disk_busy;    // ticks the disk has been or will be busy
    uint64_t idle;         // ticks in which nobody could run
    unsigned last;         // index of the process that ran last
    unsigned sample_every; // ticks between two samples of the A bits, or SAMPLE_EACH_STEP
    uint64_t sampled;      // virtual time of the last one
};

// Runs processes until `done` says so (asked before each turn), or nobody can ever run again. True
// when `done` did.
typedef bool done_fn(struct kernel *kernel, void *context);
bool run_until(struct kernel *kernel, done_fn *done, void *context);

// Runs until that process has stopped or ended.
void run_process(struct kernel *kernel, struct process *process);

// Runs until all processes have stopped, ended or are suspended.
void run_all(struct kernel *kernel);

// Runs for that many ticks of virtual time.
void run_ticks(struct kernel *kernel, uint64_t ticks);

// Virtual time goes on.
void time_passes(struct kernel *kernel, uint64_t ticks);

// The current program has done a unit of work.
void work_passes(struct kernel *kernel, struct process *process, uint64_t units);

// A page goes to or comes from disk for the current program.
void disk_time_passes(struct kernel *kernel);

#endif
