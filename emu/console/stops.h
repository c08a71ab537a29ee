// SPDX-License-Identifier: MIT
// Why and where a run stops: breakpoints on addresses, watchpoints on ranges of memory, breaks on
// events, and the steps of step, next, finish and until.
#ifndef TABLEWALK_EMU_CONSOLE_STOPS_H
#define TABLEWALK_EMU_CONSOLE_STOPS_H

#include "cpu/hart.h"

enum { MAX_POINTS = 64, CONDITION_BYTES = 160, COMMANDS_BYTES = 256, REASON_BYTES = 256 };

// events.def has a row each.
enum event_kind {
#define EVENT(name, ...) EVENT_##name,
#include "emu/console/events.def"
#undef EVENT
    EVENT_KINDS
};

enum point_kind { POINT_PC, POINT_WATCH, POINT_EVENT };
enum watched { WATCH_READ = 1, WATCH_WRITE = 2, WATCH_EXECUTE = 4 };

struct stop_point {
    unsigned number; // 0: the place is free
    enum point_kind kind;
    bool enabled, temporary, physical;
    bool gdb;              // the stub's: not listed, no message
    struct range range;    // of POINT_WATCH; base of POINT_PC
    unsigned watched;      // enum watched
    enum event_kind event; // of POINT_EVENT
    int64_t detail;        // irq: number; fault: enum access; -1: any
    uint64_t ignore;       // hits to let pass
    uint64_t hits;
    char condition[CONDITION_BYTES], commands[COMMANDS_BYTES];
};

// What a condition can ask about, beside the machine.
struct happening {
    bool there;
    uint64_t va, value, cause;
};

enum step_kind { STEP_NONE, STEP_INSTRUCTIONS, STEP_OVER, STEP_OUT };

struct stepping {
    enum step_kind kind;
    unsigned hart;
    uint64_t left;         // STEP_INSTRUCTIONS
    uint64_t pc, sp, satp; // STEP_OVER: where to stop; STEP_OUT: where it began
    enum privilege privilege;
    int64_t depth; // STEP_OUT: calls minus returns
};

struct stops {
    struct stop_point point[MAX_POINTS];
    unsigned places; // of point[] that were ever used: the others need no look
    unsigned last_number;
    struct stepping step;
    struct happening happening;
    // Found while an instruction was executed; the hart stops before the next one.
    bool pending;
    unsigned pending_hart;
    char reason[REASON_BYTES];
    struct stop_point hit; // a copy of the point that stopped the run; number 0: none
};

struct debugger;
struct watcher;

// Is there anything for which each instruction must be looked at?
bool stops_armed(const struct debugger *d);
// From the observers. stops_before: true, the hart is to stop here.
bool stops_before(struct watcher *w, uint64_t pc);
void stops_accessed(struct watcher *w, enum access access, uint64_t va, unsigned size,
                    uint64_t value);
void stops_event(struct watcher *w, enum event_kind event, int64_t detail,
                 struct happening happening);
// A free place with a new number, or NULL.
struct stop_point *stops_new(struct stops *s);

#endif
