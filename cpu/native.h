// SPDX-License-Identifier: MIT
// Native code for blocks that run often, by copy and patch (Xu and Kjolstad, 2021): the instruction
// bodies are compiled once more with holes where a record's operands go (cpu/gen/stencils.c);
// native code for a block is its instructions' stencils one behind the other, holes filled in. No
// instruction is written a second time, and none is generated here.
//
// The record stays what it was: `run` of each record of a compiled block points into the block's
// native code, at its own instruction. So the interpreter enters it as any other, and an
// instruction without a stencil, or the rare case of one that has (a miss in the access table, an
// exception), is handed to the interpreter's body with its record: that goes on with the next
// record, which is native code again.
//
// Native code enters native code by a jump of its own, in front of the first instruction, where the
// block's instructions are taken from the budget. A link between two such blocks is an operand of a
// jump instruction; it leads to a stub, away from the code that runs, while the link has no target.
// Hart.block is not kept up to date: what leads to the interpreter sets it.
//
// Only on x86-64 hosts with clang's guaranteed tail calls; elsewhere native_create gives NULL and
// all runs in the interpreter, with the same results.
#ifndef TABLEWALK_CPU_NATIVE_H
#define TABLEWALK_CPU_NATIVE_H

#include "cpu/engine.h"

enum { NATIVE_HEAT = 16, NATIVE_BYTES = 16 << 20 };

struct native *native_create(const struct engine *engine);
void native_destroy(struct native *n);

// Compiles b and makes its records and the links to it lead to the code. false: no room, nothing
// was changed.
bool native_compile(struct hart *h, struct block *b);

// What enters b with r = b: its native code, or the interpreter.
uintptr_t native_entry(const struct hart *h, const struct block *b);

// The target of a link has changed.
void native_relink(struct hart *h, const struct link *link);
// b was dropped: whoever still enters its code is sent to look again.
void native_drop(struct hart *h, const struct block *b);

// A block was refused for want of room: it is time to start again.
bool native_is_full(const struct native *n);
// Forgets all code. No record may lead to it any more.
void native_empty(struct native *n);

#endif
