// SPDX-License-Identifier: MIT
// What a stencil is, for those who make them (cpu/gen/stencilgen.c) and those who fill them in
// (cpu/native.c).
#ifndef TABLEWALK_CPU_GEN_HOLE_H
#define TABLEWALK_CPU_GEN_HOLE_H

#include <stdint.h>

// Values that go into holes. The registers' are byte offsets into struct hart.
// clang-format off
#define HOLES(ROW)                                                                                 \
    ROW(rd)                                                                                        \
    ROW(rs1) ROW(rs2) ROW(fd) ROW(fs1) ROW(fs2) ROW(fs3) ROW(imm) ROW(length) ROW(insns)           \
        ROW(offset) ROW(link) ROW(block) ROW(record) ROW(handler)

// Handlers that stencils jump to.
#define FLOWS(ROW)                                                                                 \
    ROW(stencil_next)                                                                              \
    ROW(stencil_taken) ROW(stencil_slow) ROW(stencil_link) ROW(follow_unknown) ROW(jump_unknown)   \
        ROW(leave_at_pc)
// clang-format on

enum hole_value {
#define HOLE_ROW(name) HOLE_##name,
    HOLES(HOLE_ROW) HOLE_VALUES,
#undef HOLE_ROW
#define FLOW_ROW(name) FLOW_##name,
    FLOW_FIRST = HOLE_VALUES - 1,
    FLOWS(FLOW_ROW) FLOW_END
#undef FLOW_ROW
};

enum hole_kind { HOLE_SIGNED32, HOLE_ABSOLUTE64, HOLE_RELATIVE32 };

struct hole {
    uint16_t at; // bytes from the stencil's start
    uint8_t kind, value;
    int32_t addend;
};

// Sorts of stencils (cpu/gen/stencil.h), by where their operands come from.
enum stencil_sort { ALL_FROM_MEMORY, RS1_IS_LAST, RS2_IS_LAST, STENCIL_SORTS };

struct stencil {
    const uint8_t *code;
    const struct hole *hole;
    uint16_t size, holes; // no code: the interpreter's body serves
    uint8_t falls;        // FLOW_stencil_next or _taken: what has to stand behind it. 0: anything
};

#endif
