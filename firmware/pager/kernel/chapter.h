// SPDX-License-Identifier: MIT
//
// Chapters: experiments that print what to look at and check themselves.
#ifndef TABLEWALK_PAGER_CHAPTER_H
#define TABLEWALK_PAGER_CHAPTER_H

#include "kernel/lib.h"

struct kernel;

struct chapter {
    const char *name, *title;
    uint32_t slots; // of swap it needs
    void (*run)(struct kernel *kernel);
};

unsigned chapter_count(void);
const struct chapter *chapter_at(unsigned n);
const struct chapter *chapter_find(const char *name);
void chapter_run(struct kernel *kernel, const struct chapter *chapter);
void chapter_run_all(struct kernel *kernel);

// A check: prints it with "ok" or "FAILED" and counts it.
void expect_equal(struct kernel *kernel, const char *what, uint64_t got, uint64_t wanted);
void expect_at_most(struct kernel *kernel, const char *what, uint64_t got, uint64_t limit);
void expect_at_least(struct kernel *kernel, const char *what, uint64_t got, uint64_t limit);
void expect(struct kernel *kernel, const char *what, bool holds);

#endif
