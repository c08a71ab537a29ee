// SPDX-License-Identifier: MIT
// The engine's operand macros for stencils: each operand is the address of a symbol that nobody
// defines, so that the compiler leaves a relocation where it goes. cpu/gen/stencilgen.c turns those
// into a table of holes, cpu/native.c fills them in. cpu/engine.h includes this in place of its own
// operands.
#ifndef TABLEWALK_CPU_GEN_STENCIL_H
#define TABLEWALK_CPU_GEN_STENCIL_H

#include "cpu/gen/hole.h"

#define HOLE_ROW(name) extern char hole_##name[];
HOLES(HOLE_ROW)
#undef HOLE_ROW

// Handlers that the code leads to; stencil_next is the next record's or the way to the next block,
// stencil_taken the way that a jump or a branch takes, stencil_slow the interpreter's for the same
// record, stencil_link another block's native code.
#define FLOW_ROW(name) HANDLER name(ARGS);
FLOWS(FLOW_ROW)
#undef FLOW_ROW

// Where a stencil would need this one, the instruction has none.
HANDLER leave_after(ARGS);

#define BODY(name)                                                                                 \
    HANDLER insn_##name(ARGS);                                                                     \
    HANDLER insn_##name(ARGS)

// The result that was last written to a register stays in one of the host's, `last`. Stencils come
// in three sorts: LAST_IS 1 and 2 take it for their first or second operand.
#if LAST_IS == 1
#define RS1 last
#else
#define RS1 REGISTER(rs1)
#endif
#if LAST_IS == 2
#define RS2 last
#else
#define RS2 REGISTER(rs2)
#endif

// -mcmodel=kernel: the compiler takes addresses for sign-extended 32-bit numbers, as holes are.
#define HOLE(name)      ((int64_t)(intptr_t)hole_##name)
#define REGISTER(name)  (*(uint64_t *)(void *)((char *)h + HOLE(name)))
#define SET_RD(v)       (REGISTER(rd) = last = (v))
#define FS1             REGISTER(fs1)
#define FS2             REGISTER(fs2)
#define FS3             REGISTER(fs3)
#define SET_FD(v)       (REGISTER(fd) = (v))
#define IMM             ((uint64_t)HOLE(imm))
#define NEXT            GO(stencil_next)
#define NEXT_PC         (PC + (uint64_t)HOLE(length))
#define FAULT           GO(stencil_slow)
#define ILLEGAL         GO(stencil_slow)
#define RAISE(cause, v) GO(stencil_slow)
#define SLOW_PATH       GO(stencil_slow)
#define SYNC            ((void)0)

// The ways out of a block. Whether the target is one to which control may go was settled when the
// native code was made.
#define CHECK_LINK  ((void)0)
#define JUMP_DIRECT GO(stencil_taken)
#define FOLLOW(n)                                                                                  \
    do {                                                                                           \
        if (n) GO(stencil_taken);                                                                  \
        GO(stencil_next);                                                                          \
    } while (0)
#define ENTER_TARGET(jump)                                                                         \
    do {                                                                                           \
        handler_fn enter_ = (handler_fn)(jump)->enter;                                             \
        r = (const struct record *)(const void *)(jump)->block;                                    \
        GO(enter_);                                                                                \
    } while (0)

// The value is to be in a register here, and not to be loaded where it is used.
#define EARLY(value) __asm__("" : "+r"(value))

// The holes of 64 bits are immediate operands of a move.
#define HOLE64(name)                                                                               \
    ({                                                                                             \
        uint64_t value_;                                                                           \
        __asm__("movabsq $hole_" #name ", %0" : "=r"(value_));                                     \
        value_;                                                                                    \
    })

#endif
