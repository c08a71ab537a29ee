// SPDX-License-Identifier: MIT
// Calling contexts: a tree of who called whom, and stacks that lead through it.
//
// A call is a jump that links (jal or jalr with rd = ra or t0), a return a jump through such a
// register; a trap is a call of its handler that MRET or SRET returns from. A frame remembers
// where its caller goes on and the stack pointer there, and a return looks for the frame that fits
// both: so longjmp, and functions that never return, do no harm. When no frame of the present stack
// fits, the guest has switched stacks; the one whose newest frame fits is taken up again, or a new
// one begins. All of it is bounded, and depends on the guest alone.
#ifndef TABLEWALK_EMU_PROFILE_CONTEXTS_H
#define TABLEWALK_EMU_PROFILE_CONTEXTS_H

#include "cpu/hart.h"

enum {
    CONTEXT_NODES = 1 << 18, // calling contexts; calls beyond stay in their caller's
    CONTEXT_DEPTH = 256,     // of the tree: calls that lie deeper stay in their caller's, too
    CONTEXT_FRAMES = 4096,   // of a stack; then its older half is forgotten
    CONTEXT_STACKS = 512,    // that wait to be taken up again; then the oldest is forgotten
    NO_NODE = 0,
};

// A function in its calling context.
struct context_node {
    uint64_t function; // virtual address: its symbol's, or where it was entered
    uint64_t site;     // of the call in the parent: virtual address
    uint64_t space;    // of `function`: the root table's address, or EVERY_SPACE
    uint64_t calls;
    uint32_t parent; // NO_NODE: a root, which stands for a mode and a space and is no function
    uint32_t hash_next;
    uint16_t depth;
    uint8_t mode;  // enum privilege
    uint32_t name; // of a root's program: whatever its owner wants
};

// Where a caller is to go on: address, stack pointer, space and mode. Programs that were forked
// share the first two.
struct context_place {
    uint64_t pc, sp, space;
    enum privilege mode;
    bool trap; // by MRET or SRET
};

struct context_frame {
    struct context_place back;
    uint32_t node; // the caller's
};

struct context_stack {
    struct context_frame *frame;
    unsigned frames, room;
    uint32_t node;  // the present function's
    uint64_t since; // when it was put aside
};

struct contexts {
    struct context_node *node; // [NO_NODE] is unused
    uint32_t nodes, room;
    uint32_t *bucket; // CONTEXT_NODES heads of the lists by hash
    struct context_stack aside[CONTEXT_STACKS];
    unsigned asides;
    uint64_t clock;
};

bool contexts_create(struct contexts *c) MUST_CHECK; // false: out of host memory
void contexts_destroy(struct contexts *c);

// The context of a root, or of `function` called from `parent` at `site`; made when it is new.
uint32_t contexts_root(struct contexts *c, enum privilege mode, uint64_t space, uint32_t name);
uint32_t contexts_child(struct contexts *c, uint32_t parent, uint64_t site, uint64_t function,
                        uint64_t space, enum privilege mode);

// A call or a trap: the caller goes on at `back`.
void stack_push(struct context_stack *s, const struct context_place *back, uint32_t callee);
// Back at a place: the newest frame that fits is the present one again. false: there is none.
bool stack_pop(struct context_stack *s, const struct context_place *at);
// The same, with the stacks that were left. false: no stack knows that place; *s is empty now, and
// its owner gives it a node.
bool stack_resume(struct contexts *c, struct context_stack *s,
                  const struct context_place *at) MUST_CHECK;
void stack_free(struct context_stack *s);

#endif
