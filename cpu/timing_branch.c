// SPDX-License-Identifier: MIT
// Branch prediction (see timing.h): a branch history table of single bits, indexed by address and
// history; a branch target buffer, fully associative; a return address stack.
#include "cpu/timing.h"

enum { HISTORY_BITS = 8, HISTORY_HASH_BITS = 3, NOT_FOUND = -1, WRONG_PATH_BYTES = 8 };

// The branch history table's index: the word address, folded, and a hash of the history in its top
// bits.
static uint32_t history_index(const struct timing *t, uint64_t pc) {
    const uint32_t entries = t->core.bht;
    const unsigned bits = 31 - (unsigned)__builtin_clz(entries);
    const uint64_t word = pc >> 2;
    const uint32_t fold = (uint32_t)(word ^ (word >> bits & 3)) & (entries - 1);
    const uint32_t hash = (221 * t->predictor.history & ((1u << HISTORY_BITS) - 1)) >>
                          (HISTORY_BITS - HISTORY_HASH_BITS);
    return fold ^ hash << (bits - HISTORY_HASH_BITS);
}

static uint8_t *hint(struct predictor *p, uint64_t pc) {
    return &p->btb_hint[(pc >> 1) % sizeof p->btb_hint];
}

static int find_target(struct timing *t, uint64_t pc) {
    struct predictor *p = &t->predictor;
    const uint8_t guess = *hint(p, pc);
    if (p->btb_pc[guess] == pc + 1) return guess;
    for (uint32_t i = 0; i < t->core.btb; i++) {
        if (p->btb_pc[i] != pc + 1) continue;
        *hint(p, pc) = (uint8_t)i;
        return (int)i;
    }
    return NOT_FOUND;
}

// Notes where pc leads; `at` is its entry, or NOT_FOUND: then the one that was used longest ago
// goes.
static void keep_target(struct timing *t, int at, uint64_t pc, unsigned kind, uint64_t target,
                        uint64_t behind) {
    struct predictor *p = &t->predictor;
    if (at == NOT_FOUND) {
        at = 0;
        for (uint32_t i = 1; i < t->core.btb; i++) {
            if (p->btb_used[i] < p->btb_used[at]) at = (int)i;
        }
        *hint(p, pc) = (uint8_t)at;
    }
    p->btb_pc[at] = pc + 1;
    p->btb_target[at] = target;
    p->btb_kind[at] = (uint8_t)kind;
    p->btb_behind[at] = behind;
    p->btb_used[at] = ++p->clock;
}

static uint64_t mispredicted(struct timing *t, enum timing_event event) {
    t->event[event]++;
    t->stall[STALL_branch] += t->core.mispredict;
    t->redirected = true;
    return t->core.mispredict;
}

static uint64_t late_target(struct timing *t) {
    t->stall[STALL_target] += t->core.late_target;
    return t->core.late_target;
}

static void push(struct timing *t, uint64_t address) {
    struct predictor *p = &t->predictor;
    p->ras_top = (p->ras_top + 1) % t->core.ras;
    p->ras[p->ras_top] = address;
    if (p->ras_depth < t->core.ras) p->ras_depth++;
}

static uint64_t pop(struct timing *t) {
    struct predictor *p = &t->predictor;
    const uint64_t address = p->ras[p->ras_top];
    p->ras_top = (p->ras_top + t->core.ras - 1) % t->core.ras;
    p->ras_depth--;
    return address;
}

// Until a wrong prediction is noticed the front end goes on behind it; a call or return that the
// BTB knows there changes the return address stack, and nobody mends that.
static void fetch_wrong_path(struct timing *t, uint64_t pc) {
    struct predictor *p = &t->predictor;
    for (uint64_t at = pc; at < pc + WRONG_PATH_BYTES; at += 2) {
        const uint8_t entry = *hint(p, at);
        if (p->btb_pc[entry] != at + 1) continue;
        if (p->btb_kind[entry] & JUMP_CALL) push(t, p->btb_behind[entry]);
        if (p->btb_kind[entry] & JUMP_RETURN && p->ras_depth) pop(t);
        return;
    }
}

uint64_t timing_branch(struct timing *t, uint64_t pc, bool taken, uint64_t target,
                       uint64_t behind) {
    struct predictor *p = &t->predictor;
    uint8_t *last = &p->bht[history_index(t, pc)];
    const bool predicted = *last;
    uint64_t cycles = 0;
    t->event[EVENT_branch]++;
    t->redirected = taken;
    *last = taken;
    p->history = (uint32_t)taken << (HISTORY_BITS - 1) | p->history >> 1;
    if (predicted != taken) {
        cycles = mispredicted(t, EVENT_branch_miss);
        fetch_wrong_path(t, taken ? behind : target);
    }
    if (!taken) return cycles;
    const int at = find_target(t, pc);
    if (predicted && at == NOT_FOUND) cycles = late_target(t);
    keep_target(t, at, pc, 0, target, behind);
    return cycles;
}

uint64_t timing_jump(struct timing *t, uint64_t pc, unsigned kind, uint64_t target, uint64_t behind,
                     uint64_t now) {
    struct predictor *p = &t->predictor;
    const int at = find_target(t, pc);
    uint64_t guess = at == NOT_FOUND ? 0 : p->btb_target[at], cycles = 0;
    t->event[EVENT_jump]++;
    t->redirected = true;
    if (kind & JUMP_RETURN) {
        if (p->ras_depth) guess = pop(t);
        // The stack hears too late of a call that was predicted and is followed by its return.
        if (now == p->call_time + 1) guess = 0;
    } else if (!(kind & JUMP_INDIRECT)) {
        guess = target;
    }
    if (guess != target) {
        cycles = mispredicted(t, EVENT_jump_miss);
    } else if (at == NOT_FOUND) {
        cycles = late_target(t);
    }
    if (kind & JUMP_CALL) {
        push(t, behind);
        if (!cycles) p->call_time = now;
    }
    keep_target(t, at, pc, kind, target, behind);
    return cycles;
}
