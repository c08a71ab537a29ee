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

static unsigned find_page(const struct predictor *p, uint64_t page) {
    unsigned i = 0;
    while (i < BTB_PAGES && p->page[i] != page + 1) i++;
    return i;
}

// A page of the table is given to another: who came from there is forgotten, and who led there
// leads to the wrong place.
static void replace_page(struct timing *t, unsigned at, uint64_t page) {
    struct predictor *p = &t->predictor;
    const uint64_t old = p->page[at] - 1;
    p->page[at] = page + 1;
    if (old == UINT64_MAX) return;
    for (uint32_t i = 0; i < t->core.btb; i++) {
        if (!p->btb_pc[i]) continue;
        if (p->btb_target[i] >> BTB_PAGE_SHIFT == old)
            p->btb_target[i] = page << BTB_PAGE_SHIFT | 1;
        if ((p->btb_pc[i] - 1) >> BTB_PAGE_SHIFT == old) p->btb_pc[i] = 0;
    }
}

// Finds or makes room for the pages of a jump, in the order in which Rocket's table does: a new one
// goes behind the other's place, or where the turn is.
static void keep_pages(struct timing *t, uint64_t pc, uint64_t target) {
    struct predictor *p = &t->predictor;
    const uint64_t from = pc >> BTB_PAGE_SHIFT, to = target >> BTB_PAGE_SHIFT;
    const unsigned to_at = find_page(p, to);
    unsigned at = find_page(p, from);
    const bool new_from = at == BTB_PAGES, new_to = to != from && to_at == BTB_PAGES;
    if (new_from) {
        at = to_at == BTB_PAGES ? p->next_page : (to_at + 1) % BTB_PAGES;
        replace_page(t, at, from);
    }
    if (new_to) replace_page(t, (at + 1) % BTB_PAGES, to);
    const uint32_t next = p->next_page + new_from + new_to;
    p->next_page = next >= BTB_PAGES ? next & 1 : next;
}

// The BTB's entry `at` for pc was used, or NOT_FOUND: it gets one.
static void keep_target(struct timing *t, int at, uint64_t pc, unsigned kind, uint64_t target,
                        uint64_t behind) {
    struct predictor *p = &t->predictor;
    if (at == NOT_FOUND) at = (int)plru_victim(&p->btb_order);
    plru_use(&p->btb_order, (uint32_t)at);
    if (p->btb_pc[at] == pc + 1 && p->btb_target[at] == target) return;
    keep_pages(t, pc, target);
    *hint(p, pc) = (uint8_t)at;
    p->btb_pc[at] = pc + 1;
    p->btb_target[at] = target;
    p->btb_kind[at] = (uint8_t)kind;
    p->btb_behind[at] = behind;
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
    const int at = taken ? find_target(t, pc) : NOT_FOUND;
    if (predicted != taken) {
        cycles = mispredicted(t, EVENT_branch_miss);
        fetch_wrong_path(t, taken ? behind : target);
    } else if (taken && at == NOT_FOUND) {
        cycles = late_target(t);
    } else if (taken && p->btb_target[at] != target) {
        cycles = mispredicted(t, EVENT_branch_miss);
    }
    if (!taken) return cycles;
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
    } else if (at == NOT_FOUND && !(kind & JUMP_INDIRECT)) {
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
