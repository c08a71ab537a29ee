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

// A block's end without an instruction.
BODY(fall_through) { FOLLOW(0); }

// To the interpreter, with the record that the native code did not need.
BODY(interpret) {
    r = (const struct record *)(uintptr_t)HOLE64(record);
    handler_fn handler = (handler_fn)(uintptr_t)HOLE64(handler);
    GO(handler);
}

// To a handler that is too far away for a relative jump.
BODY(trampoline) {
    handler_fn handler = (handler_fn)(uintptr_t)HOLE64(handler);
    GO(handler);
}
