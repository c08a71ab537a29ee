// SPDX-License-Identifier: MIT
// What of a block's time depends on its code alone, worked out while the block is decoded: the
// timing records that stand before the records of instructions (see timing.h).
#ifndef TABLEWALK_CPU_TIMING_PLAN_H
#define TABLEWALK_CPU_TIMING_PLAN_H

#include "cpu/engine.h"
#include "cpu/timing.h"

// The kinds of timing records; cpu/engine_timed.c has a handler for each.
//
//   issue_NWAITS, issue_NWAITS_result: time passes, then the instruction behind it waits until
//       rs1, rs2, aux and WAIT_4 (the first N of them) are ready; its result rd will be ready
//       LATENCY cycles later, and who waits for that waits for CAUSE
//   mul, div: the same for 3 operands and the unit; rs1 and rs2 are read
//   fdiv: floating point division and square root, which have a unit as well
//   late: rs1 is the result of the multiplier or divider, rd instructions ago; imm says which of
//       those write an integer register
//   enter, enter_straddle, line: execution comes to the line of the byte at imm, from the block's
//       start
//   ahead: the line ends soon: the front end may be fetching the next one. aux: cycles until it is
//       needed; of line: cycles of instructions that no record has counted yet
//   amo: the data cache is busy
//   store, load: the address is rs1 + imm; a load waits when the store has just been
#define TIMING_STEPS(STEP)                                                                         \
    STEP(issue_0)                                                                                  \
    STEP(issue_1)                                                                                  \
    STEP(issue_2)                                                                                  \
    STEP(issue_3)                                                                                  \
    STEP(issue_4)                                                                                  \
    STEP(issue_0_result)                                                                           \
    STEP(issue_1_result)                                                                           \
    STEP(issue_2_result)                                                                           \
    STEP(issue_3_result)                                                                           \
    STEP(issue_4_result)                                                                           \
    STEP(mul)                                                                                      \
    STEP(div)                                                                                      \
    STEP(fdiv)                                                                                     \
    STEP(late)                                                                                     \
    STEP(enter)                                                                                    \
    STEP(enter_straddle)                                                                           \
    STEP(line)                                                                                     \
    STEP(ahead)                                                                                    \
    STEP(store)                                                                                    \
    STEP(load)                                                                                     \
    STEP(amo)
enum timing_step {
#define STEP(name) STEP_##name,
    TIMING_STEPS(STEP)
#undef STEP
        STEPS
};

// imm of issue, mul and div.
#define STEP_IMM(cost, latency, wait_4, cause)                                                     \
    ((int32_t)((uint32_t)(cost) | (uint32_t)(latency) << 8 | (uint32_t)(wait_4) << 16 |            \
               (uint32_t)(cause) << 24))
#define STEP_COST(imm)    ((uint32_t)(imm) & 0xff)
#define STEP_LATENCY(imm) ((uint32_t)(imm) >> 8 & 0xff)
#define STEP_WAIT_4(imm)  ((uint32_t)(imm) >> 16 & 0xff)
#define STEP_CAUSE(imm)   ((uint32_t)(imm) >> 24)

// LATENCY of mul and div.
enum { UNIT_HIGH = 1, UNIT_WORD = 2, UNIT_SIGNED = 4 };

// A block that is being decoded.
struct timing_plan {
    const struct core *core; // NULL: no timing core, nothing to plan
    const handler_fn *steps;
    uint64_t pa;          // of the block
    uint64_t line;        // the line that execution has come to
    bool ahead;           // its end has come near
    uint64_t known;       // registers that are certainly ready, by ready_index
    unsigned pending;     // cycles of instructions since the last timing record
    unsigned insns;       // so far
    unsigned since_store; // instructions since the last store, or since the block's begin
    bool drained;         // a store before would have been written by now
    // The last multiplication or division: its result's register (READY_SINK: none is known of),
    // how many instructions came since, and which of them write an integer register.
    unsigned unit_rd, unit_since;
    uint32_t unit_writes;
};

// At most so many records stand before an instruction's, and at a block's end.
enum { PLAN_MAX = 7 };

struct timing_plan plan_begin(const struct hart *h, const struct block *b);
// Writes the timing records of an instruction, which starts `start` bytes behind the block's
// beginning, to r. Returns how many.
unsigned plan_insn(struct timing_plan *p, struct record *r, const struct insn *insn,
                   unsigned start);
// The same for a block's end that is no instruction.
unsigned plan_end(struct timing_plan *p, struct record *r);

#endif
