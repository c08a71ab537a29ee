// SPDX-License-Identifier: MIT
//
// Who uses what: the tables that ps, free, maps and walk print.
#ifndef TABLEWALK_PAGER_REPORT_H
#define TABLEWALK_PAGER_REPORT_H

#include "kernel/lib.h"

struct kernel;
struct process;
struct area;

// Pages of a process, or of one of its areas.
struct usage {
    uint64_t virtual;  // pages it may use
    uint64_t resident; // in RAM, the zero page not counted
    uint64_t shared;   // of those, mapped by others too
    uint64_t swapped;
    uint64_t dirty; // resident and changed since they were on disk
};
struct usage usage_of_area(struct kernel *kernel, struct process *process, const struct area *area);
struct usage usage_of_process(struct kernel *kernel, struct process *process);

void report_processes(struct kernel *kernel);
void report_memory(struct kernel *kernel);
void report_areas(struct kernel *kernel, struct process *process);

// What the page at that address is, as a character: '.' not there, 'r' in RAM, 'A' used, 'D'
// changed, '0' the page of zeros, 's' in swap.
char report_page(struct kernel *kernel, uint64_t root, uint64_t address);

// The same for all pages of an area.
void report_pages(struct kernel *kernel, struct process *process, const struct area *area);

// The walk of one address, level by level.
void report_walk(struct kernel *kernel, uint64_t root, uint64_t address);

#endif
