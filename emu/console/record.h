// SPDX-License-Identifier: MIT
// What `record on` keeps from then on: writes to memory by physical address (who wrote this word,
// and the history of a PTE), and how hot each page is.
#ifndef TABLEWALK_EMU_CONSOLE_RECORD_H
#define TABLEWALK_EMU_CONSOLE_RECORD_H

#include "cpu/hart.h"

enum writer { WRITER_STORE, WRITER_WALK, WRITER_DISK };

struct written {
    uint64_t pa, value, pc, cycle, satp;
    uint8_t size, hart;
    uint8_t by; // enum writer
};

struct page_heat {
    uint64_t reads, writes, executions, faults;
};

enum { RECORD_WRITES = 1 << 20 };

struct record_log {
    bool on;
    struct written *write; // a ring of RECORD_WRITES
    uint64_t writes;
    struct page_heat *heat; // a page of RAM each
    uint64_t pages;
};

struct debugger;
struct watcher;

void record_accessed(struct watcher *w, enum access access, uint64_t va, unsigned size,
                     uint64_t value);
void record_executed(struct watcher *w, uint64_t pc);
void record_walk(struct watcher *w, const struct walk_result *result);
void record_fault(struct watcher *w, uint64_t va);
void record_disk_write(struct debugger *d, uint64_t pa, uint64_t bytes);
struct args;
// pt history VA.
void record_pte_history(struct debugger *d, struct args *a);
void record_free(struct record_log *r);

#endif
