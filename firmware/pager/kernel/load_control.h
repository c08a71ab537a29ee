// SPDX-License-Identifier: MIT
//
// Thrashing: noticing it by the page-fault frequency, and mending it by running fewer programs.
#ifndef TABLEWALK_PAGER_LOAD_CONTROL_H
#define TABLEWALK_PAGER_LOAD_CONTROL_H

#include "kernel/lib.h"

struct kernel;

struct load_control {
    bool enabled;
    bool thrashing;         // in the last window
    uint64_t window_start;  // virtual time
    uint64_t window_faults; // major faults in this window
    uint64_t window_work;   // units of work in this window
    uint64_t changed;       // virtual time of the last suspension or resumption
    uint64_t detections, suspensions, resumptions;
};

// Looks at the window that just ended, if one did. Called by the scheduler between turns.
void load_control_check(struct kernel *kernel);

// Lets the program back that has been out longest; false when none is out.
bool load_control_resume(struct kernel *kernel);

#endif
