// SPDX-License-Identifier: MIT
// The trace: what is executed, as lines in a file.
#ifndef TABLEWALK_EMU_CONSOLE_TRACE_H
#define TABLEWALK_EMU_CONSOLE_TRACE_H

#include <stdio.h>

#include "cpu/hart.h"

// traces.def has a row each.
enum trace_what {
#define TRACE(name, ...) TRACE_##name,
#include "emu/console/traces.def"
#undef TRACE
    TRACE_KINDS
};

enum { TRACE_ACCESSES = 8 };

struct traced_access {
    enum access access;
    uint64_t va, value;
    unsigned size;
};

struct trace {
    FILE *to;      // NULL: off
    unsigned what; // bits of enum trace_what
    uint64_t lines;
    // The instruction under way: its line is written when its results are there.
    bool open;
    unsigned hart;
    uint64_t pc;
    enum privilege privilege;
    uint64_t mstatus; // before it
    uint32_t fflags;  // the same
    struct insn insn;
    struct traced_access access[TRACE_ACCESSES];
    unsigned accesses;
};

struct watcher;

void trace_before(struct watcher *w, uint64_t pc);
void trace_accessed(struct watcher *w, enum access access, uint64_t va, unsigned size,
                    uint64_t value);
void trace_walk(struct watcher *w, const struct walk_request *request,
                const struct walk_result *result);
// Before and behind a trap: `pc` is of the instruction that was not, or not completely, executed.
void trace_trapping(struct watcher *w, uint64_t cause, uint64_t pc);
void trace_trapped(struct watcher *w, uint64_t cause, uint64_t tval, uint64_t epc);
struct debugger;
// Writes what is known of the instruction under way, if there is one: it is done.
void trace_finish(struct debugger *d);
void trace_close(struct debugger *d);

#endif
