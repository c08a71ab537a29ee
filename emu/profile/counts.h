// SPDX-License-Identifier: MIT
// What --profile counts while the machine runs: for each block in its calling context how often it
// was executed, how many cycles that took, and at which of its instructions they went by.
#ifndef TABLEWALK_EMU_PROFILE_COUNTS_H
#define TABLEWALK_EMU_PROFILE_COUNTS_H

#include "emu/profile/contexts.h"
#include "emu/profile/profile.h"

enum { COUNT_CELLS = 1 << 20, CELL_HASH = 1 << 18, NO_CELL = 0 };

// Where a block's last instruction leads.
// MAYBE_RETURN: through t0, which is a link register for millicode, but other code's scratch.
enum flow { FLOW_ON, FLOW_CALL, FLOW_RETURN, FLOW_MAYBE_RETURN, FLOW_TRAP_RETURN };

// A block in a calling context.
struct cell {
    uint64_t pc;
    uint32_t under; // the context it was entered in
    uint32_t node;  // the context it belongs to: another one where a jump led to another function
    uint32_t hash_next, next; // next: the cell that came behind it last time
    uint8_t insns, flow;
    uint8_t start[SHAPE_INSNS]; // of each instruction, in bytes
    uint8_t last_bytes;         // of the last instruction
    uint64_t runs;              // in which all instructions were executed
    uint64_t surplus;           // instructions that are none of the block's: fetches that faulted
    uint64_t cycles;            // of all runs
    // By instruction: waits in cycles, and runs that ended behind it, before the block's end. NULL:
    // there were none.
    uint64_t *waits, *ended;
};

// A hart's.
struct profile_hart {
    struct profile *p;
    struct hart *h;
    struct hart_profiler hooks;
    struct context_stack stack;
    uint32_t cell;            // the one under way, or NO_CELL
    uint64_t cycle, executed; // when it was entered
};

struct profile {
    struct machine *m;
    struct symbols *symbols;
    struct run_names names;
    struct contexts contexts;
    struct cell *cell; // [NO_CELL] takes what has no room
    uint32_t cells, room;
    uint32_t *bucket; // CELL_HASH heads
    char (*program)[32];
    uint32_t programs; // names of what runs in spaces; [0] is ""
    struct profile_hart hart[MACHINE_MAX_HARTS];
};

// What the harts have done since they were last asked is counted, too.
void profile_settle(struct profile *p);

// What instruction i of a cell took.
struct cost {
    uint64_t cycles, insns;
};
void cell_costs(const struct cell *c, struct cost cost[static SHAPE_INSNS]);

#endif
