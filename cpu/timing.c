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
    c->lent = calloc(lines, sizeof *c->lent);
    return c->turn && c->tag && c->alias && c->dirty && c->lent;
}

static void free_cache(struct cache *c) {
    free(c->turn);
    free(c->tag);
    free(c->alias);
    free(c->dirty);
    free(c->lent);
}

static void reset_cache(struct cache *c) {
    const size_t lines = (size_t)c->sets * c->ways;
    c->lfsr = LFSR_SEED;
    memset(c->turn, 0, c->sets);
    memset(c->tag, 0, lines * sizeof *c->tag);
    memset(c->alias, 0xff, lines * sizeof *c->alias);
    memset(c->dirty, 0, lines * sizeof *c->dirty);
    memset(c->lent, 0, lines * sizeof *c->lent);
}

static bool make_predictor(struct predictor *p, const struct core *c) {
    p->bht = calloc(c->bht, sizeof *p->bht);
    p->btb_pc = calloc(c->btb, sizeof *p->btb_pc);
    p->btb_target = calloc(c->btb, sizeof *p->btb_target);
    p->btb_behind = calloc(c->btb, sizeof *p->btb_behind);
    p->btb_kind = calloc(c->btb, sizeof *p->btb_kind);
    p->ras = calloc(c->ras, sizeof *p->ras);
    return p->bht && p->btb_pc && p->btb_target && p->btb_behind && p->btb_kind && p->ras;
}

static void reset_predictor(struct predictor *p, const struct core *c) {
    memset(p->bht, 0, c->bht);
    memset(p->btb_pc, 0, c->btb * sizeof *p->btb_pc);
    memset(p->btb_target, 0, c->btb * sizeof *p->btb_target);
    plru_init(&p->btb_order, c->btb);
    memset(p->page, 0, sizeof p->page);
    p->next_page = 0;
    memset(p->btb_hint, 0, sizeof p->btb_hint);
    p->history = 0;
    p->ras_top = p->ras_depth = 0;
    p->call_time = 0;
}

struct timing *timing_create(const struct core *core) {
    struct timing *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->core = *core;
    const bool made = make_predictor(&t->predictor, core) &&
                      make_cache(&t->l1i, core->l1i_size, core->l1i_ways, core->l1_fifo, false) &&
                      make_cache(&t->l1d, core->l1d_size, core->l1d_ways, core->l1_fifo, false) &&
                      make_cache(&t->l2, core->l2_size, core->l2_ways, false, true) &&
                      timing_make_tlbs(t);
    if (!made) {
        timing_destroy(t);
        return NULL;
    }
    timing_reset(t);
    return t;
}

void timing_destroy(struct timing *t) {
    if (!t) return;
    free(t->predictor.bht);
    free(t->predictor.btb_pc);
    free(t->predictor.btb_target);
    free(t->predictor.btb_behind);
    free(t->predictor.btb_kind);
    free(t->predictor.ras);
    free_cache(&t->l1i);
    free_cache(&t->l1d);
    free_cache(&t->l2);
    timing_free_tlbs(t);
    free(t);
}

void timing_reset(struct timing *t) {
    reset_predictor(&t->predictor, &t->core);
    reset_cache(&t->l1i);
    reset_cache(&t->l1d);
    reset_cache(&t->l2);
    timing_reset_tlbs(t);
    memset(t->ready, 0, sizeof t->ready);
    memset(t->store, 0, sizeof t->store);
    t->fetch_line = t->fetch_page = UINT64_MAX;
    t->redirected = false;
    t->ahead = UINT64_MAX;
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
