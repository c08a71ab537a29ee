// SPDX-License-Identifier: MIT
// The timed engine: the instruction bodies, with a clock. `left` counts cycles down; timing records
// between the instructions' say what each waits for (cpu/timing_plan.h), and the hooks of
// cpu/engine.h come here with what depends on data.
#define ENGINE_TIMED
#include "cpu/engine.h"
#include "cpu/timing.h"
#include "cpu/timing_plan.h"

#ifndef ENGINE
#define ENGINE      engine_timed
#define ENGINE_NAME "timed"
#endif
#define ENGINE_STEPS steps

#define TAKE(n)      (h->begun += (uint64_t)(n))
#define GIVE_BACK(n) (h->begun -= (uint64_t)(n))
#define EXHAUSTED(b) (LEFT < (b)->insns)
#define ACCESS_SHIFT LINE_GRANULE_SHIFT

// The cycle at which the instruction under way was issued.
#define NOW (h->limit - (uint64_t)LEFT)
// Cycles that the instruction of this record takes beyond its own.
#ifdef ENGINE_PROFILED
#define STALLED(cycles)                                                                            \
    do {                                                                                           \
        const struct hart_profiler *stalled_ = h->profiler;                                        \
        if (stalled_ && (cycles)) stalled_->stalled(stalled_->context, h, THIS_PC, (cycles));      \
    } while (0)
#else
#define STALLED(cycles) ((void)0)
#endif
#define SPEND(cycles)                                                                              \
    do {                                                                                           \
        const uint64_t spent_ = (uint64_t)(cycles);                                                \
        LEFT -= (int64_t)spent_;                                                                   \
        STALLED(spent_);                                                                           \
    } while (0)

// The timing record stands before the instruction's: rd says where the result or the branch is.
#define HOOK_ACCESS(va, store) SPEND(access_missed(h, (va), (store), r[-1].rd))
#define HOOK_BRANCH(taken)                                                                         \
    SPEND(timing_branch(h->timing, PC + 2 * (uint64_t)r[-1].rd, (taken), PC + IMM, NEXT_PC));      \
    CUT_IF_WRAPPED
#define HOOK_JUMP(target)                                                                          \
    SPEND(timing_jump(h->timing, PC + 2 * (uint64_t)r[-1].rd, STEP_LATENCY(r[-1].imm), (target),   \
                      NEXT_PC, NOW));                                                              \
    CUT_IF_WRAPPED
// An event was one too many for a counter: the run ends before the next block, at the same time.
#define CUT_IF_WRAPPED                                                                             \
    if (UNLIKELY(h->timing->watched) && LEFT > 0 && counters_wrapped(h)) {                         \
        h->limit -= (uint64_t)LEFT;                                                                \
        LEFT = 0;                                                                                  \
    }                                                                                              \
    (void)0
#define HOOK_FAULT          SPEND(access_faulted(h))
#define HOOK_TRAP           SPEND(timing_trap(h->timing))
#define HOOK_FENCE(all, va) timing_fence(h, (all), (va))

static const handler_fn steps[STEPS];

// An access that the tables did not serve, by an instruction of which `rd` is the result. Returns
// by how much it is delayed, with all that comes behind it.
static uint64_t access_missed(struct hart *h, uint64_t va, bool store, unsigned rd) {
    const uint64_t delay = timing_access(h, va, store);
    h->timing->ready[rd] += delay;
    if (UNLIKELY(h->timing->watched) && counters_wrapped(h)) h->attention = true;
    return delay;
}

// A load or store that ended in a page fault.
static uint64_t access_faulted(struct hart *h) {
    const struct mmu_fault *f = &h->mmu.fault;
    if (f->cause != CAUSE_LOAD_PAGE && f->cause != CAUSE_STORE_PAGE) return 0;
    return timing_fault(h, f->tval, f->access == ACCESS_STORE);
}

#include "cpu/handlers.h"

// --- Timing records

// Until ready[index] comes.
#define WAIT(index)                                                                                \
    do {                                                                                           \
        const unsigned index_ = (index);                                                           \
        const uint64_t ready_ = t->ready[index_];                                                  \
        if (ready_ > now) {                                                                        \
            t->stall[t->cause[index_]] += ready_ - now;                                            \
            now = ready_;                                                                          \
        }                                                                                          \
    } while (0)
#define WAIT_0 ((void)0)
#define WAIT_1 WAIT(r->rs1)
#define WAIT_2                                                                                     \
    WAIT_1;                                                                                        \
    WAIT(r->rs2)
#define WAIT_3                                                                                     \
    WAIT_2;                                                                                        \
    WAIT(r->aux)
#define WAIT_4                                                                                     \
    WAIT_3;                                                                                        \
    WAIT(STEP_WAIT_4(r->imm))

#define BEGIN_STEP                                                                                 \
    struct timing *t = h->timing;                                                                  \
    uint64_t now = NOW + STEP_COST(r->imm)
#define END_STEP                                                                                   \
    STALLED(now - (NOW + STEP_COST(r->imm)));                                                      \
    LEFT = (int64_t)(h->limit - now);                                                              \
    (void)t;                                                                                       \
    NEXT

static inline void give_result(struct timing *t, const struct record *r, uint64_t now) {
    t->ready[r->rd] = now + STEP_LATENCY(r->imm);
    t->cause[r->rd] = (uint8_t)STEP_CAUSE(r->imm);
}

#define ISSUE(n)                                                                                   \
    static HANDLER step_issue_##n(ARGS) {                                                          \
        BEGIN_STEP;                                                                                \
        WAIT_##n;                                                                                  \
        END_STEP;                                                                                  \
    }                                                                                              \
    static HANDLER step_issue_##n##_result(ARGS) {                                                 \
        BEGIN_STEP;                                                                                \
        WAIT_##n;                                                                                  \
        give_result(t, r, now);                                                                    \
        END_STEP;                                                                                  \
    }
ISSUE(0)
ISSUE(1)
ISSUE(2)
ISSUE(3)
ISSUE(4)

// The multiplier or divider is given an operation of so many cycles.
static inline void begin_unit(struct timing *t, const struct record *r, uint64_t now,
                              uint64_t cycles, bool blocks) {
    t->unit_began = now;
    t->ready[r->rd] = now + cycles;
    t->cause[r->rd] = STALL_muldiv;
    if (!blocks) return;
    t->ready[READY_MULDIV] = now + cycles;
    t->cause[READY_MULDIV] = STALL_muldiv;
}

// operation: its cycles, by its operands and `how` (UNIT_ flags). blocks: the unit is busy
// meanwhile.
#define UNIT(name, operation, blocks)                                                              \
    static HANDLER step_##name(ARGS) {                                                             \
        BEGIN_STEP;                                                                                \
        const unsigned how = STEP_LATENCY(r->imm);                                                 \
        WAIT(r->rs1);                                                                              \
        WAIT(r->rs2);                                                                              \
        WAIT(r->rd);                                                                               \
        WAIT(READY_MULDIV);                                                                        \
        begin_unit(t, r, now, operation, (blocks));                                                \
        END_STEP;                                                                                  \
    }
UNIT(mul, timing_mul(&t->core, h->x[r->rs1], (how & UNIT_HIGH) != 0, (how & UNIT_WORD) != 0),
     t->core.mul_blocks)
UNIT(div,
     timing_div(&t->core, h->x[r->rs1], h->x[r->rs2], (how & UNIT_SIGNED) != 0,
                (how & UNIT_WORD) != 0),
     true)

// Floating point division and square root: the unit is free again somewhat before the result is
// there.
static HANDLER step_fdiv(ARGS) {
    BEGIN_STEP;
    WAIT_3;
    WAIT(READY_FDIV);
    give_result(t, r, now);
    t->ready[READY_FDIV] = t->ready[r->rd] - t->core.fp_div_early;
    t->cause[READY_FDIV] = STALL_fp;
    END_STEP;
}

// The result is written in the first cycle from its own on in which no other instruction writes an
// integer register, which each does two cycles after its issue. That is known as long as all of
// them were issued one a cycle.
static HANDLER step_late(ARGS) {
    struct timing *t = h->timing;
    const unsigned since = r->rd;
    const uint64_t began = t->unit_began;
    if (NOW + r->aux == began + since + 1) {
        uint64_t written = t->ready[r->rs1] - began - 1; // cycles after the operation's begin
        while (written >= 3 && written - 3 < since && (uint32_t)r->imm >> (written - 3) & 1) {
            written++;
        }
        t->ready[r->rs1] = began + written + 1;
    }
    NEXT;
}

// Is va in another line than the one that was fetched last?
static inline bool is_new_line(struct hart *h, uint64_t va) {
    struct timing *t = h->timing;
    const uint64_t line = va >> LINE_SHIFT;
    if (LIKELY(line == t->fetch_line && h->mmu.fetch_key == t->fetch_key)) return false;
    t->fetch_line = line;
    return true;
}

#define COME_TO_LINE(va, pa, now)                                                                  \
    do {                                                                                           \
        if (is_new_line(h, (va))) {                                                                \
            SPEND(timing_fetch(h, (va), (pa), (now)));                                             \
            CUT_IF_WRAPPED;                                                                        \
        }                                                                                          \
    } while (0)

static HANDLER step_enter(ARGS) {
    if (h->timing->redirected) h->timing->ahead = UINT64_MAX;
    COME_TO_LINE(PC, h->block->pa, NOW);
    h->timing->redirected = false;
    NEXT;
}

// The block begins with an instruction that lies in two fetch words.
static HANDLER step_enter_straddle(ARGS) {
    struct timing *t = h->timing;
    if (t->redirected) t->ahead = UINT64_MAX;
    COME_TO_LINE(PC, h->block->pa, NOW);
    if (t->redirected) {
        SPEND(t->core.straddle);
        t->stall[STALL_target] += t->core.straddle;
    }
    t->redirected = false;
    NEXT;
}

// A line may lie in the next page, where an instruction crosses into it.
static HANDLER step_line(ARGS) {
    const struct block *b = h->block;
    const uint64_t offset = (uint64_t)(int64_t)r->imm;
    uint64_t pa = b->pa + offset;
    if (b->second_pa != NO_PAGE) pa = b->second_pa;
    COME_TO_LINE(PC + offset, pa, NOW + r->aux);
    NEXT;
}

static HANDLER step_ahead(ARGS) {
    h->timing->ahead = NOW + r->aux;
    NEXT;
}

#define STEP_ADDRESS (h->x[r->rs1] + (uint64_t)(int64_t)r->imm)

static HANDLER step_store(ARGS) {
    struct timing *t = h->timing;
    const unsigned slot = t->stores++ % STORE_SLOTS;
    t->store[slot].word = STEP_ADDRESS >> 3;
    t->store[slot].time = NOW;
    NEXT;
}

// A store waits to be written until the data cache has a cycle without a load. A load of the same
// bytes has to wait for it. Only the bits of an address that translation leaves alone are compared.
static HANDLER step_load(ARGS) {
    struct timing *t = h->timing;
    const uint64_t word = STEP_ADDRESS >> 3, words = (PAGE_SIZE >> 3) - 1;
    const uint64_t now = NOW, window = t->core.store_window;
    if (now != t->last_load + 1) t->loads_began = now; // a row of loads, one a cycle
    t->last_load = now;
    for (unsigned i = 0; i < STORE_SLOTS; i++) {
        if ((t->store[i].word ^ word) & words) continue;
        if (t->loads_began > t->store[i].time + window) continue;
        SPEND(t->core.store_load);
        t->ready[r->rd] += t->core.store_load;
        t->stall[STALL_store_load] += t->core.store_load;
        t->store[i].time = 0;
        break;
    }
    NEXT;
}

// The data cache is busy with an atomic operation; an access that nothing else held back finds out
// a cycle late.
static HANDLER step_amo(ARGS) {
    struct timing *t = h->timing;
    t->ready[READY_DCACHE] = NOW + t->core.amo + (r->rd == READY_SINK);
    t->cause[READY_DCACHE] = STALL_atomic;
    NEXT;
}

static const handler_fn steps[STEPS] = {
#define STEP(name) [STEP_##name] = step_##name,
    TIMING_STEPS(STEP)
#undef STEP
};
