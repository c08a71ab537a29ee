// SPDX-License-Identifier: MIT
// The engine's inside: decoded records, blocks, and the macros in which instruction bodies are
// written.
//
// Guest code is decoded once into blocks: straight runs of records that end at the first
// instruction that may go elsewhere, at the page's end, or after BLOCK_MAX instructions. A record
// holds the address of the body that executes it. A body does its work and calls the next record's
// body as a tail call, so that the engine's state (ARGS) lives in host registers from one
// instruction to the next; where the compiler has no guaranteed tail calls, a loop in the engine
// makes the same calls one after the other.
//
// The bodies in cpu/insn/*.h are written once and compiled into each engine: cpu/engine_plain.c is
// one. A body looks like this:
//
//     BODY(addw) { RESULT(sext32(RS1 + RS2)); }
//     BODY(lw)   { LOAD(int32_t, RS1 + IMM, SET_RD((uint64_t)(int64_t)value)); }
//     BODY(sw)   { STORE(uint32_t, RS1 + IMM, RS2); }
//     BODY(beq)  { BRANCH(RS1 == RS2); }
#ifndef TABLEWALK_CPU_ENGINE_H
#define TABLEWALK_CPU_ENGINE_H

#include <string.h>

#include "cpu/hart.h"

enum { BLOCK_MAX = 64 };

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#if defined(__clang__) && !defined(ENGINE_LOOP)
// (AddressSanitizer's stack frames and preserve_none do not go together.)
#if __has_attribute(musttail) && __has_attribute(preserve_none) && !__has_feature(address_sanitizer)
#define ENGINE_TAIL_CALLS
#endif
#endif

struct record;

// The engine's state. PC: virtual address of the block's first instruction. LEFT: instructions of
// the run's budget that remain when this block is done. RUN(record) and GO(handler) are the last
// words of a handler: on with that record, or with that handler and the same state. LEAVE: out of
// the engine.
#ifdef ENGINE_TAIL_CALLS
#ifdef ENGINE_STENCIL
#define STENCIL_ARGS , uint64_t last
#define STENCIL_LAST , last
#else
#define STENCIL_ARGS
#define STENCIL_LAST
#endif
#define HANDLER     __attribute__((preserve_none)) void
#define ARGS        struct hart *h, const struct record *r, uint64_t pc, int64_t left STENCIL_ARGS
#define PC          pc
#define LEFT        left
#define TAIL(call)  __attribute__((musttail)) return call
#define RUN(rec)    TAIL((rec)->run(h, (rec), pc, left STENCIL_LAST))
#define GO(handler) TAIL(handler(h, r, pc, left STENCIL_LAST))
#define LEAVE       return
typedef __attribute__((preserve_none)) void (*handler_fn)(ARGS);
#else
// A handler returns the record to run next, or NULL to leave the engine. Not every one looks at h.
#define HANDLER     const struct record *
#define ARGS        __attribute__((unused)) struct hart *h, const struct record *r
#define PC          (h->loop_pc)
#define LEFT        (h->loop_left)
#define RUN(rec)    return (rec)
#define GO(handler) return handler(h, r)
#define LEAVE       return NULL
typedef const struct record *(*handler_fn)(ARGS);
#endif

// A decoded instruction, 16 bytes. rd is SINK where the instruction names x0 as its destination.
// imm of auipc, jal and branches counts from the block's first instruction, as pc does.
struct record {
    handler_fn run;
    uint8_t rd, rs1, rs2;
    uint8_t aux; // rs3 of a fused multiply-add; for what ends a block NEXT_PC - PC, in 2 bytes
    int32_t imm; // FP instructions: the rounding mode. Illegal ones: the bits.
};

// A way out of a block; two of them stand behind its last record. Link 0 leads to the next
// instruction, link 1 to where a branch or jal goes.
struct link {
    struct block *target;       // NULL: not known yet, or not to be linked
    struct link *next_incoming; // in the list of links that lead to target
    int32_t offset;             // bytes from this block's first instruction to the target's
    uint32_t site, stub;        // cpu/native.c's; 0: none
};

// Where a record stands in its block: needed only when something unusual happens.
struct origin {
    uint8_t before; // instructions of the block before this record's
    uint8_t start;  // of its instruction, in 2-byte units from the block's start
    uint16_t op;    // enum op, or OPS for what leads out of a block without an instruction
};

// In memory: the block, its records, its two links, an origin for each record.
struct block {
    uint64_t pa;        // of the first instruction
    uint64_t second_pa; // of the second half of an instruction that crosses the page, or NO_PAGE
    struct block *hash_next; // blocks with the same hash of pa
    struct link *incoming;   // links that lead here
    uint8_t insns;           // instructions
    uint8_t records;  // at least 1; a block that just ends has one more, which is no instruction
    uint8_t bytes;    // in 2-byte units: where the next instruction starts
    bool scratch;     // to be run once and never to be found or linked
    bool dead;        // its page was written: record[0] leads out of it
    uint8_t heat;     // how often it was entered, until it is worth native code
    uint32_t native;  // where its native code begins (cpu/native.c), or 0
    handler_fn first; // the first record's own handler while warm_up stands in its place
    struct record record[];
};

#define NO_PAGE UINT64_MAX

static inline struct link *block_links(const struct block *b) {
    return (struct link *)(void *)(uintptr_t)(b->record + b->records);
}
static inline struct origin *block_origins(const struct block *b) {
    return (struct origin *)(void *)(block_links(b) + 2);
}

// --- Names used in bodies -----------------------------------------------------------------------
// Operands. In a stencil (cpu/gen/stencils.c) they are holes in machine code, to be filled in.
#ifdef ENGINE_STENCIL
#include "cpu/gen/stencil.h"
#else
#define BODY(name)     static HANDLER insn_##name(ARGS)
#define RS1            (h->x[r->rs1])
#define RS2            (h->x[r->rs2])
#define SET_RD(v)      (h->x[r->rd] = (v))
#define IMM            ((uint64_t)(int64_t)r->imm)
#define AUX            ((uint64_t)r->aux)
#define FS1            (h->f[r->rs1])
#define FS2            (h->f[r->rs2])
#define FS3            (h->f[r->aux])
#define SET_FD(v)      (h->f[r->rd] = (v))
// On to the next record.
#define NEXT           RUN(r + 1)
#define LINK(n)        ((const struct link *)(const void *)(r + 1) + (n))
#define LINK_OFFSET(n) ((uint64_t)(int64_t)LINK(n)->offset)
// Address of the instruction behind this one; only in what ends a block.
#define NEXT_PC        (PC + 2 * AUX)
// The instruction ends in an exception, before it has changed anything.
#define FAULT          GO(raise_fault)   // h->mmu.fault says which
#define ILLEGAL        GO(raise_illegal) // tval: the bits
#define RAISE(cause_, tval_)                                                                       \
    do {                                                                                           \
        h->raise_cause = (cause_);                                                                 \
        h->raise_tval = (tval_);                                                                   \
        GO(raise_exception);                                                                       \
    } while (0)
// Makes hart_cycles exact for whoever is called next (a device, a CSR).
#define SYNC (h->left = LEFT, h->at = r)
// What follows is rare; native code hands it to the interpreter's body of the same instruction.
#define SLOW_PATH
#define EARLY(value) ((void)0)
#endif

// Address of this instruction; not for what is executed often.
#define THIS_PC (PC + 2 * (uint64_t)record_origin(h->block, r)->start)

// What the observed engine tells of an access that was made; nothing in all others.
#ifdef ENGINE_OBSERVED
#include "cpu/observe_access.h"
#else
#define ACCESSED(access, va, size, value) ((void)0)
#define ACCESSED_BLOCK(va)                ((void)0)
#endif

// What the profiled engines tell when a block is entered; the observed ones, too.
#if defined(ENGINE_OBSERVED) && !defined(ENGINE_PROFILED)
#define ENGINE_PROFILED
#endif
#ifdef ENGINE_PROFILED
#define ENTERED(b)                                                                                 \
    do {                                                                                           \
        const struct hart_profiler *profiler_ = h->profiler;                                       \
        if (!profiler_) break;                                                                     \
        h->left = LEFT;                                                                            \
        h->at = NULL;                                                                              \
        profiler_->entered(profiler_->context, h, PC, (b)->insns);                                 \
    } while (0)
#else
#define ENTERED(b) ((void)0)
#endif

#define SIGNED(v) ((int64_t)(v))
#define LOW(v)    ((uint32_t)(v))
// What the instructions on 32-bit words do to their results.
static inline uint64_t sext32(uint64_t v) { return (uint64_t)(int64_t)(int32_t)(uint32_t)v; }

// The whole of most bodies: rd becomes v.
#define RESULT(v)                                                                                  \
    do {                                                                                           \
        SET_RD(v);                                                                                 \
        NEXT;                                                                                      \
    } while (0)

// Without C, instructions lie at multiples of 4, and a jump to elsewhere is an exception of the
// jump itself. No block begins elsewhere, so a link that has a target needs no check.
#define CHECK_TARGET(target)                                                                       \
    do {                                                                                           \
        if (UNLIKELY(((target) & 2) != 0 && (h->extensions & EXT_BIT(EXT_c)) == 0))                \
            RAISE(CAUSE_FETCH_MISALIGNED, (target));                                               \
    } while (0)

// What the timed engine (cpu/engine_timed.c) does otherwise. TAKE(n): n instructions are begun;
// GIVE_BACK(n): they were not. EXHAUSTED(b): what is left is not enough for block b, which was
// taken. The hooks stand where time depends on data.
#ifndef ENGINE_TIMED
#define TAKE(n)                (LEFT -= (n))
#define GIVE_BACK(n)           (LEFT += (n))
#define EXHAUSTED(b)           (LEFT < 0)
#define ACCESS_SHIFT           PAGE_SHIFT
#define HOOK_ACCESS(va, store) ((void)0)
#define HOOK_BRANCH(taken)     ((void)0)
#define HOOK_JUMP(target)      ((void)0)
#define HOOK_FAULT             ((void)0)
#define HOOK_TRAP              ((void)0)
#define HOOK_FENCE(all, va)    ((void)0)
#define ENGINE_STEPS           NULL
#endif

// The last words of what ends a block. In a stencil, code of its own stands behind it for that.
#ifndef ENGINE_STENCIL
#define CHECK_LINK                                                                                 \
    do {                                                                                           \
        if (UNLIKELY(LINK(1)->target == NULL)) CHECK_TARGET(PC + IMM);                             \
    } while (0)
#define FOLLOW(n)                                                                                  \
    do {                                                                                           \
        const struct link *link_ = LINK(n);                                                        \
        PC += LINK_OFFSET(n);                                                                      \
        if (LIKELY(link_->target != NULL)) ENTER(link_->target);                                   \
        r = (const struct record *)(const void *)link_;                                            \
        GO(follow_unknown);                                                                        \
    } while (0)
#define JUMP_DIRECT     FOLLOW(1)
#define ENTER_TARGET(j) ENTER((j)->block)
#endif
#define BRANCH(condition)                                                                          \
    do {                                                                                           \
        if (condition) {                                                                           \
            CHECK_LINK;                                                                            \
            HOOK_BRANCH(true);                                                                     \
            FOLLOW(1);                                                                             \
        }                                                                                          \
        HOOK_BRANCH(false);                                                                        \
        FOLLOW(0);                                                                                 \
    } while (0)
// To any address in this context, through the cache of jump targets.
#define JUMP_TO(address)                                                                           \
    do {                                                                                           \
        PC = (address);                                                                            \
        const struct jump_entry *jump_ = &h->jump[jump_index(PC)];                                 \
        if (LIKELY(jump_->pc == PC && jump_->key == h->mmu.fetch_key)) ENTER_TARGET(jump_);        \
        GO(jump_unknown);                                                                          \
    } while (0)
#define ENTER(b)                                                                                   \
    do {                                                                                           \
        struct block *enter_ = (b);                                                                \
        h->block = enter_;                                                                         \
        ENTERED(enter_);                                                                           \
        TAKE(enter_->insns);                                                                       \
        if (UNLIKELY(EXHAUSTED(enter_))) GO(out_of_budget);                                        \
        RUN(enter_->record);                                                                       \
    } while (0)
// After an instruction that may have changed mode, translation or interrupts: on at NEXT_PC, but
// not before somebody has looked.
#define END_SYSTEM                                                                                 \
    do {                                                                                           \
        if (UNLIKELY(h->attention)) {                                                              \
            PC = NEXT_PC;                                                                          \
            GO(leave_at_pc);                                                                       \
        }                                                                                          \
        JUMP_TO(NEXT_PC);                                                                          \
    } while (0)
// h->pc was set (a trap, xRET): on from there.
#define END_AT_HART_PC                                                                             \
    do {                                                                                           \
        PC = h->pc;                                                                                \
        if (UNLIKELY(h->attention)) GO(leave_at_pc);                                               \
        JUMP_TO(PC);                                                                               \
    } while (0)

// Memory. These end the body. LOAD reads a `type` of 1, 2, 4 or 8 bytes, names it `value` and does
// `use`; STORE writes one. A fault leaves the body before anything else has happened. A device that
// was reached may want attention before the next instruction; only the slow path can have reached
// one.
#define ACCESS_HIT(entry, va, size)                                                                \
    (LIKELY((((va) & (-(UINT64_C(1) << ACCESS_SHIFT) | ((size) - 1))) | h->mmu.data_key) ==        \
            (entry)->tag))
#define LOAD_ENTRY(va)  (&h->mmu.load[((va) >> ACCESS_SHIFT) % LOAD_ENTRIES])
#define STORE_ENTRY(va) (&h->mmu.store[((va) >> ACCESS_SHIFT) % STORE_ENTRIES])
#define LOAD(type, address, use)                                                                   \
    do {                                                                                           \
        uint64_t va_ = (address);                                                                  \
        const struct access_entry *entry_ = LOAD_ENTRY(va_);                                       \
        uint64_t offset_ = entry_->offset;                                                         \
        type value;                                                                                \
        EARLY(offset_);                                                                            \
        if (ACCESS_HIT(entry_, va_, sizeof value)) {                                               \
            memcpy(&value, (const void *)(uintptr_t)(va_ + offset_), sizeof value);                \
            ACCESSED(ACCESS_LOAD, va_, sizeof value, (uint64_t)value);                             \
            use;                                                                                   \
            NEXT;                                                                                  \
        }                                                                                          \
        SLOW_PATH;                                                                                 \
        uint64_t slow_;                                                                            \
        SYNC;                                                                                      \
        if (!mmu_load(&h->mmu, va_, sizeof value, &slow_)) FAULT;                                  \
        HOOK_ACCESS(va_, false);                                                                   \
        value = (type)slow_;                                                                       \
        ACCESSED(ACCESS_LOAD, va_, sizeof value, slow_);                                           \
        use;                                                                                       \
        NEXT_IF_QUIET;                                                                             \
    } while (0)
#define STORE(type, address, source)                                                               \
    do {                                                                                           \
        uint64_t va_ = (address);                                                                  \
        const struct access_entry *entry_ = STORE_ENTRY(va_);                                      \
        uint64_t offset_ = entry_->offset;                                                         \
        type value = (type)(source);                                                               \
        EARLY(offset_);                                                                            \
        if (ACCESS_HIT(entry_, va_, sizeof value)) {                                               \
            memcpy((void *)(uintptr_t)(va_ + offset_), &value, sizeof value);                      \
            ACCESSED(ACCESS_STORE, va_, sizeof value, value);                                      \
            NEXT;                                                                                  \
        }                                                                                          \
        SLOW_PATH;                                                                                 \
        SYNC;                                                                                      \
        if (!mmu_store(&h->mmu, va_, sizeof value, value)) FAULT;                                  \
        HOOK_ACCESS(va_, true);                                                                    \
        ACCESSED(ACCESS_STORE, va_, sizeof value, value);                                          \
        NEXT_IF_QUIET;                                                                             \
    } while (0)
// Atomics: NEXT_IF_QUIET is NEXT for bodies that called out of the engine.
#define NEXT_IF_QUIET                                                                              \
    do {                                                                                           \
        if (UNLIKELY(h->attention)) GO(leave_after);                                               \
        NEXT;                                                                                      \
    } while (0)

// Handlers that no instruction names: by them blocks are entered and left.
struct flow_handlers {
    handler_fn fall_through; // ends a block whose last instruction does not
    handler_fn warm_up;      // in place of the first record while a block's entries are counted
    handler_fn dead_block;   // in place of the first record of a dropped block
    handler_fn enter_block;  // enters the block that r is
    handler_fn follow_unknown, jump_unknown, out_of_budget, leave_at_pc;
};

struct engine {
    const char *name;
    bool native; // blocks that run often become native code
    handler_fn handler[OPS];
    struct flow_handlers flow;
    const handler_fn *steps; // the timed engine's, by enum timing_step; else NULL
    // Runs from block b at h->pc on until something asks for attention or h->left is used up.
    void (*run)(struct hart *h, struct block *b);
};
// The observed ones ask h->observer before each instruction, and tell it of each access.
// The profiled ones tell h->profiler of each block, and so do the observed ones.
extern const struct engine engine_plain, engine_profiled, engine_observed;
extern const struct engine engine_timed, engine_timed_profiled, engine_timed_observed;

// The block at virtual address va, as long as it is a plain matter: NULL where the fetch would
// fault, where only a part of the page may be executed, or where the arena is full.
struct block *engine_lookup(struct hart *h, uint64_t va);

static inline const struct origin *record_origin(const struct block *b, const struct record *r) {
    return &block_origins(b)[r - b->record];
}

#endif
