// SPDX-License-Identifier: MIT
// The part of an engine that is no instruction: how blocks are entered and left, how exceptions are
// raised; then all the instruction bodies and the table of them. Each engine's source includes this
// once, with ENGINE defined as its name.
#include "cpu/block.h"
#include "cpu/engine.h"
#include "cpu/native.h"

// --- Leaving

// Out of the engine; the next instruction is at pc.
static HANDLER leave_at_pc(ARGS) {
    (void)r;
    h->pc = PC;
    h->left = LEFT;
    h->at = NULL;
    LEAVE;
}

// Out of the engine after record r, which did not end its block. What follows was not executed.
static HANDLER leave_after(ARGS) {
    const struct origin *next = record_origin(h->block, r + 1);
    GIVE_BACK(h->block->insns - next->before);
    PC += 2 * (uint64_t)next->start;
    GO(leave_at_pc);
}

// h->block was entered with fewer instructions left than it has.
static HANDLER out_of_budget(ARGS) {
    GIVE_BACK(h->block->insns);
    GO(leave_at_pc);
}

// --- Finding the way

// To pc, which the cache of jump targets does not know.
// With the budget used up that is left to the next run: looking would set A bits of a page where
// the hart may never come.
static HANDLER jump_unknown(ARGS) {
    if (LEFT <= 0) GO(leave_at_pc);
    struct block *b = engine_lookup(h, PC);
    if (!b) GO(leave_at_pc);
    ENTER(b);
}

// To pc through a link (r) that has no target yet, or none with native code. It gets one if that
// lies in the same page: then it holds for as long as the block does, wherever the page is mapped.
static HANDLER follow_unknown(ARGS) {
    struct link *link = (struct link *)(void *)(uintptr_t)r;
    if (link->target) ENTER(link->target);
    if (LEFT <= 0) GO(leave_at_pc);
    uint64_t from = PC - (uint64_t)(int64_t)link->offset;
    bool same_page = (from ^ PC) >> PAGE_SHIFT == 0;
    bool scratch = h->block->scratch;
    struct block *b = engine_lookup(h, PC);
    if (!b) GO(leave_at_pc);
    if (same_page && !scratch && !b->dead && b->second_pa == NO_PAGE) block_link(h, link, b);
    ENTER(b);
}

static HANDLER fall_through(ARGS) { FOLLOW(0); }

static HANDLER enter_block(ARGS) { ENTER((struct block *)(void *)(uintptr_t)r); }

// The block that was just entered had been dropped.
static HANDLER dead_block(ARGS) {
    GIVE_BACK(h->block->insns);
    h->jump[jump_index(PC)].key = 0;
    GO(jump_unknown);
}

// A block was entered that may be worth native code: after that its records lead there.
static HANDLER warm_up(ARGS) {
    struct block *b = h->block;
    if (++b->heat == h->native_heat) {
        b->record->run = b->first;
        if (native_compile(h, b)) {
            struct jump_entry *jump = &h->jump[jump_index(PC)];
            if (jump->pc == PC && jump->block == b) jump->enter = native_entry(h, b);
            RUN(r);
        }
    }
    GO(b->first);
}

// --- Exceptions ----------------------------------------------------------------------
static HANDLER raise_exception(ARGS) {
    const struct origin *here = record_origin(h->block, r);
    GIVE_BACK(h->block->insns - here->before - 1);
    HOOK_TRAP;
    h->pc = PC + 2 * (uint64_t)here->start;
    h->left = LEFT;
    h->at = NULL;
    h->unretired++;
    trap_exception(h, h->raise_cause, h->raise_tval);
    END_AT_HART_PC;
}

static HANDLER raise_fault(ARGS) {
    HOOK_FAULT;
    h->raise_cause = h->mmu.fault.cause;
    h->raise_tval = h->mmu.fault.tval;
    GO(raise_exception);
}

static HANDLER raise_illegal(ARGS) {
    h->raise_cause = CAUSE_ILLEGAL;
    h->raise_tval = block_insn_bits(h, h->block, r);
    GO(raise_exception);
}

BODY(illegal) { ILLEGAL; }

// --- The bodies
// --- Exceptions ----------------------------------------------------------------------
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

static void run_engine(struct hart *h, struct block *b) {
#ifdef ENGINE_TAIL_CALLS
    uint64_t pc = h->pc;
    int64_t left = h->left;
    h->block = b;
    ENTERED(b);
    TAKE(b->insns);
    b->record->run(h, b->record, pc, left);
#else
    PC = h->pc;
    LEFT = h->left;
    h->block = b;
    ENTERED(b);
    TAKE(b->insns);
    const struct record *r = b->record;
    while (r) r = r->run(h, r);
#endif
}

#ifdef ENGINE_OBSERVED
#include "cpu/observe.h"
#else
#define HANDLER_OF(name) insn_##name
#ifdef ENGINE_PROFILED
#define HAS_NATIVE false
#else
#define HAS_NATIVE true
#endif
#endif

const struct engine ENGINE = {
    .name = ENGINE_NAME,
    .native = HAS_NATIVE,
    .handler =
        {
            [OP_illegal] = HANDLER_OF(illegal),
#define INSN(name, ...) [OP_##name] = HANDLER_OF(name),
#define CINSN(...)
#include "cpu/isa.def"
#undef INSN
#undef CINSN
        },
    .flow = {.fall_through = fall_through,
             .warm_up = warm_up,
             .dead_block = dead_block,
             .enter_block = enter_block,
             .follow_unknown = follow_unknown,
             .jump_unknown = jump_unknown,
             .out_of_budget = out_of_budget,
             .leave_at_pc = leave_at_pc},
    .steps = ENGINE_STEPS,
    .run = run_engine,
};
