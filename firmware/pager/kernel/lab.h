// SPDX-License-Identifier: MIT
//
// The bench that chapters experiment on: a kernel with nothing else running, programs that run in
// turns of steps, RAM of a chosen size, and pages that stay out of the experiment.
#ifndef TABLEWALK_PAGER_LAB_H
#define TABLEWALK_PAGER_LAB_H

#include "kernel/process.h"

struct policy;

// What a chapter may change and gets back as it was.
struct lab {
    const struct policy *policy;
    uint32_t limit;
    unsigned sample_every;
    bool control;
};

// Ends what runs, forgets the pages of files, sets virtual time to 0.
void lab_begin(struct kernel *kernel, struct lab *lab);
void lab_end(struct kernel *kernel, const struct lab *lab);

// Ends and forgets all processes.
void lab_clear(struct kernel *kernel);

// Starts a program that runs in turns of steps, and runs it until it stops or ends. NULL with a
// failed check when it cannot be started.
struct process *lab_start(struct kernel *kernel, const char *command);

// Lets a stopped program go on until it stops again or ends; its stop value.
uint64_t lab_go(struct kernel *kernel, struct process *process);

// Loads all of the program's code, constants, data and its first stack page and pins them, so that
// only its heap takes part in page replacement.
void lab_pin(struct kernel *kernel, struct process *process);

// Leaves that many frames for pages that are not pinned.
void lab_limit(struct kernel *kernel, uint32_t frames);

// Runs `command` to its end; its status.
int lab_run(struct kernel *kernel, const char *command);

#endif
