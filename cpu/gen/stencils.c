// SPDX-License-Identifier: MIT
// The instruction bodies as stencils: compiled to an object file that is never linked, only read by
// cpu/gen/stencilgen.c (see cpu/native.h).
#define ENGINE_STENCIL
#include "cpu/engine.h"

// clang-format off: d.h builds on f.h
#include "cpu/insn/f.h"
#include "cpu/insn/d.h"
// clang-format on
#include "cpu/insn/a.h"
#include "cpu/insn/i.h"
#include "cpu/insn/m.h"
#include "cpu/insn/system.h"
#include "cpu/insn/zb.h"
#include "cpu/insn/zicsr.h"

// A block's beginning, where other native code enters it, and what follows when fewer instructions
// are left than it has.
BODY(begin) {
    LEFT -= HOLE(insns);
    if (UNLIKELY(LEFT < 0)) GO(stencil_slow);
    NEXT;
}
BODY(refuse) {
    LEFT += HOLE(insns);
    GO(leave_at_pc);
}
// In place of that, when the block was dropped.
BODY(dead) { GO(jump_unknown); }

// The way to a block in the same page, which a link leads to, and while it does not; and the way to
// another page.
BODY(near) {
    PC += (uint64_t)HOLE(offset);
    GO(stencil_link);
}
BODY(unlinked) {
    h->block = (struct block *)(uintptr_t)HOLE64(block);
    r = (const struct record *)(uintptr_t)HOLE64(link);
    GO(follow_unknown);
}
BODY(far) { JUMP_TO(PC + (uint64_t)HOLE(offset)); }

// In front of an instruction that the interpreter leads to: the last result, which is register rs1.
BODY(reload) {
    last = REGISTER(rs1);
    GO(stencil_link);
}

// To the interpreter, with the record and the block that the native code did not need.
BODY(interpret) {
    h->block = (struct block *)(uintptr_t)HOLE64(block);
    r = (const struct record *)(uintptr_t)HOLE64(record);
    handler_fn handler = (handler_fn)(uintptr_t)HOLE64(handler);
    GO(handler);
}

// To a handler that is too far away for a relative jump.
BODY(trampoline) {
    handler_fn handler = (handler_fn)(uintptr_t)HOLE64(handler);
    GO(handler);
}
