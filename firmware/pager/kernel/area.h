// SPDX-License-Identifier: MIT
//
// Areas: the parts of an address space that a program may use, and what is to be found in them.
// Page tables say what is in RAM now; areas say what should be there.
#ifndef TABLEWALK_PAGER_AREA_H
#define TABLEWALK_PAGER_AREA_H

#include "kernel/process.h"

// The area that holds `address`, or NULL.
struct area *area_find(struct process *process, uint64_t address);

// The first area of that kind, or NULL.
struct area *area_of_kind(struct process *process, enum area_kind kind);

// Adds an area; false when there is no place in the table or it would overlap another.
bool area_add(struct process *process, struct area area);

// Takes every page of [start, end) away from the process.
void area_drop_pages(struct kernel *kernel, struct process *process, uint64_t start, uint64_t end);

// Takes away one page-table entry's page: counts it off its frame, or gives back its swap slot.
void entry_drop(struct kernel *kernel, struct process *process, uint64_t *entry, uint64_t address);

// Writes the changed pages of a shared mapping to disk. False when the disk fails.
bool area_sync(struct kernel *kernel, struct process *process, struct area *area);

const char *area_name(enum area_kind kind);

// Every page of every area that has a page table: `address` runs over the pages, entry is set.
// Start with address = 0; false at the end.
struct page_visit {
    unsigned area;
    uint64_t address;
    uint64_t *entry;
};
bool page_next(struct process *process, struct page_visit *visit);

#endif
