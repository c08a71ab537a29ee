// SPDX-License-Identifier: MIT
// The clock's life: made from a core, reset (see timing.h). And the times that depend on operands.
#include "cpu/timing.h"

#include <stdlib.h>
#include <string.h>

enum { LFSR_SEED = 1 };

// --- Making and resetting

static bool make_cache(struct cache *c, uint32_t kib, uint32_t ways, bool fifo, bool high_bits) {
    c->ways = ways;
    c->sets = kib * 1024 / (ways << LINE_SHIFT);
    c->fifo = fifo;
    c->high_bits = high_bits;
    const size_t lines = (size_t)c->sets * ways + 1; // an absent cache has a line that is unused
    c->turn = calloc(c->sets + 1, sizeof *c->turn);
    c->tag = calloc(lines, sizeof *c->tag);
    c->alias = calloc(lines, sizeof *c->alias);
    c->dirty = calloc(lines, sizeof *c->dirty);
    return c->turn && c->tag && c->alias && c->dirty;
}

static void free_cache(struct cache *c) {
    free(c->turn);
    free(c->tag);
    free(c->alias);
    free(c->dirty);
}

static void reset_cache(struct cache *c) {
    const size_t lines = (size_t)c->sets * c->ways;
    c->lfsr = LFSR_SEED;
    memset(c->turn, 0, c->sets);
    memset(c->tag, 0, lines * sizeof *c->tag);
    memset(c->alias, 0xff, lines * sizeof *c->alias);
    memset(c->dirty, 0, lines * sizeof *c->dirty);
}

static bool make_tlb(struct tlb_model *t, uint32_t entries, uint32_t sectors) {
    t->sector_bits = 31 - (unsigned)__builtin_clz(sectors);
    t->entries = entries > sectors ? entries / sectors : 1;
    t->entry = calloc(t->entries, sizeof *t->entry);
    return t->entry != NULL;
}

static bool make_tlbs(struct timing_tlb *t, const struct core *c, uint32_t entries) {
    return make_tlb(&t->small, entries, c->tlb_sectors) && make_tlb(&t->large, c->superpages, 1) &&
           make_tlb(&t->piece, 1, 1);
}

static void free_tlbs(struct timing_tlb *t) {
    free(t->small.entry);
    free(t->large.entry);
    free(t->piece.entry);
}

static void reset_tlb(struct tlb_model *t) {
    memset(t->entry, 0, t->entries * sizeof *t->entry);
    t->next = 0;
}

static void reset_tlbs(struct timing_tlb *t) {
    reset_tlb(&t->small);
    reset_tlb(&t->large);
    reset_tlb(&t->piece);
}

static bool make_predictor(struct predictor *p, const struct core *c) {
    p->bht = calloc(c->bht, sizeof *p->bht);
    p->btb_pc = calloc(c->btb, sizeof *p->btb_pc);
    p->btb_target = calloc(c->btb, sizeof *p->btb_target);
    p->btb_behind = calloc(c->btb, sizeof *p->btb_behind);
    p->btb_kind = calloc(c->btb, sizeof *p->btb_kind);
    p->btb_used = calloc(c->btb, sizeof *p->btb_used);
    p->ras = calloc(c->ras, sizeof *p->ras);
    return p->bht && p->btb_pc && p->btb_target && p->btb_behind && p->btb_kind && p->btb_used &&
           p->ras;
}

static void reset_predictor(struct predictor *p, const struct core *c) {
    memset(p->bht, 0, c->bht);
    memset(p->btb_pc, 0, c->btb * sizeof *p->btb_pc);
    memset(p->btb_target, 0, c->btb * sizeof *p->btb_target);
    memset(p->btb_used, 0, c->btb * sizeof *p->btb_used);
    memset(p->btb_hint, 0, sizeof p->btb_hint);
    p->history = 0;
    p->clock = 0;
    p->ras_top = p->ras_depth = 0;
    p->call_time = 0;
}

struct timing *timing_create(const struct core *core) {
    struct timing *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->core = *core;
    t->l2tlb = calloc(core->l2tlb + 1, sizeof *t->l2tlb);
    t->walk_pte = calloc(core->walk_cache + 1, sizeof *t->walk_pte);
    const bool made = t->l2tlb && t->walk_pte && make_predictor(&t->predictor, core) &&
                      make_cache(&t->l1i, core->l1i_size, core->l1i_ways, core->l1_fifo, false) &&
                      make_cache(&t->l1d, core->l1d_size, core->l1d_ways, core->l1_fifo, false) &&
                      make_cache(&t->l2, core->l2_size, core->l2_ways, false, true) &&
                      make_tlbs(&t->itlb, core, core->itlb) &&
                      make_tlbs(&t->dtlb, core, core->dtlb);
    if (!made) {
        timing_destroy(t);
        return NULL;
    }
    timing_reset(t);
    return t;
}

void timing_destroy(struct timing *t) {
    if (!t) return;
    free(t->l2tlb);
    free(t->walk_pte);
    free(t->predictor.bht);
    free(t->predictor.btb_pc);
    free(t->predictor.btb_target);
    free(t->predictor.btb_behind);
    free(t->predictor.btb_kind);
    free(t->predictor.btb_used);
    free(t->predictor.ras);
    free_cache(&t->l1i);
    free_cache(&t->l1d);
    free_cache(&t->l2);
    free_tlbs(&t->itlb);
    free_tlbs(&t->dtlb);
    free(t);
}

void timing_reset(struct timing *t) {
    reset_predictor(&t->predictor, &t->core);
    reset_cache(&t->l1i);
    reset_cache(&t->l1d);
    reset_cache(&t->l2);
    reset_tlbs(&t->itlb);
    reset_tlbs(&t->dtlb);
    memset(t->l2tlb, 0, t->core.l2tlb * sizeof *t->l2tlb);
    memset(t->walk_pte, 0, t->core.walk_cache * sizeof *t->walk_pte);
    memset(t->ready, 0, sizeof t->ready);
    memset(t->store, 0, sizeof t->store);
    t->fetch_line = t->fetch_page = UINT64_MAX;
    t->redirected = false;
}

// --- Operands

static unsigned bit_length(uint64_t v) { return v ? 64 - (unsigned)__builtin_clzll(v) : 0; }

// The multiplier takes mul_bits of rs1 a cycle and stops when only zeroes are left, which a
// negative number never reaches, nor one of which the upper half is wanted.
uint64_t timing_mul(const struct core *c, uint64_t a, bool high, bool word) {
    const unsigned width = word ? 32 : 64, most = width > c->mul_bits ? width / c->mul_bits : 1;
    unsigned steps = (bit_length(word ? (uint32_t)a : a) + c->mul_bits - 1) / c->mul_bits;
    if (steps < 1) steps = 1;
    if (high || steps >= most) steps = most - 1;
    return c->mul + steps;
}

// The divider skips the quotient's leading zeroes, as far as the operands' lengths tell of them.
uint64_t timing_div(const struct core *c, uint64_t a, uint64_t b, bool is_signed, bool word) {
    if (word) {
        a = is_signed ? (uint64_t)(int64_t)(int32_t)a : (uint32_t)a;
        b = is_signed ? (uint64_t)(int64_t)(int32_t)b : (uint32_t)b;
    }
    uint64_t more = 0;
    if (is_signed && ((int64_t)a < 0 || (int64_t)b < 0)) more = c->div_negative;
    if (is_signed && (int64_t)a < 0) a = 0 - a;
    if (is_signed && (int64_t)b < 0) b = 0 - b;
    const unsigned la = bit_length(a), lb = bit_length(b);
    if (lb == 0 || la < lb) return c->div_full + more;
    return c->div + (la - lb + c->div_bits - 1) / c->div_bits + more;
}
