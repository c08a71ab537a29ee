// SPDX-License-Identifier: MIT
// From a block's instructions to its timing records (see timing_plan.h).
#include "cpu/timing_plan.h"

#include "cpu/csr.h"
#include "cpu/hart.h"

// INSN_BYTES: of an instruction, on the average.
enum { LINE_BYTES = 1 << LINE_SHIFT, FETCH_AHEAD = 20, INSN_BYTES = 3 };

// --- What an instruction needs and gives

struct needs {
    uint8_t wait[4]; // ready_index; 0 where nothing is to be waited for
    unsigned waits;
    uint8_t rd; // ready_index, or READY_SINK
    bool writes_x;
};

static void need(const struct timing_plan *p, struct needs *n, unsigned index) {
    const bool known = index < 64 ? p->known >> index & 1 : false;
    if (index != 0 && !known) n->wait[n->waits++] = (uint8_t)index;
}

// From the letters of the base instruction's format.
static struct needs needs_of(const struct timing_plan *p, const struct insn *insn) {
    struct needs n = {.rd = READY_SINK};
    const enum isa_format format = isa_row_info(isa_op_row((enum op)insn->op))->format;
    for (const char *letter = isa_format_operands(format); *letter; letter++) {
        switch (*letter) {
        case 's': need(p, &n, insn->rs1); break;
        case 't': need(p, &n, insn->rs2); break;
        case 'S': need(p, &n, READY_F0 + insn->rs1); break;
        case 'T': need(p, &n, READY_F0 + insn->rs2); break;
        case 'R': need(p, &n, READY_F0 + insn->rs3); break;
        case 'd': n.rd = insn->rd ? insn->rd : READY_SINK; break;
        case 'D': n.rd = (uint8_t)(READY_F0 + insn->rd); break;
        default: break;
        }
    }
    if (n.rd != READY_SINK) need(p, &n, n.rd);
    n.writes_x = n.rd < READY_SINK;
    return n;
}

// How a timing class takes its time: which value of the core says when the result is there, what
// others that wait are told, and the unit that the instruction needs for itself.
struct class {
    size_t latency; // offset in struct core
    uint8_t cause, unit;
};
#define LATENCY(field) offsetof(struct core, field)
static const struct class classes[ISA_TIMINGS] = {
    [TIMING_load_word] = {LATENCY(load_word), STALL_load_use, READY_DCACHE},
    [TIMING_load_byte] = {LATENCY(load_byte), STALL_load_use, READY_DCACHE},
    [TIMING_fp_load] = {LATENCY(load_fp), STALL_load_use, READY_DCACHE},
    [TIMING_store] = {LATENCY(fence), STALL_fence, READY_DCACHE},
    [TIMING_fp_store] = {LATENCY(fence), STALL_fence, READY_DCACHE},
    [TIMING_amo] = {LATENCY(amo), STALL_atomic, READY_DCACHE},
    [TIMING_lrsc] = {LATENCY(store_conditional), STALL_atomic, READY_DCACHE},
    [TIMING_fence] = {LATENCY(fence), STALL_fence, READY_DCACHE},
    [TIMING_csr] = {LATENCY(csr), STALL_csr, 0},
    [TIMING_fp_single] = {LATENCY(fp_single), STALL_fp, 0},
    [TIMING_fp_double] = {LATENCY(fp_double), STALL_fp, 0},
    [TIMING_fp_misc] = {LATENCY(fp_misc), STALL_fp, 0},
    [TIMING_fp_cmp] = {LATENCY(fp_compare), STALL_fp, 0},
    [TIMING_fp_to_int] = {LATENCY(fp_to_int), STALL_fp, 0},
    [TIMING_fp_divs] = {LATENCY(fp_div_single), STALL_fp, READY_FDIV},
    [TIMING_fp_divd] = {LATENCY(fp_div_double), STALL_fp, READY_FDIV},
    [TIMING_fp_sqrts] = {LATENCY(fp_sqrt_single), STALL_fp, READY_FDIV},
    [TIMING_fp_sqrtd] = {LATENCY(fp_sqrt_double), STALL_fp, READY_FDIV},
};

static uint32_t latency_of(const struct core *core, const struct class *class) {
    return *(const uint32_t *)(const void *)((const char *)core + class->latency);
}

// --- Writing records

static unsigned add(const struct timing_plan *p, struct record *r, enum timing_step step,
                    struct record fields) {
    *r = fields;
    r->run = p->steps[step];
    return 1;
}

// Time passes; the instruction waits for what n says.
static unsigned add_issue(struct timing_plan *p, struct record *r, const struct needs *n,
                          unsigned result, unsigned latency, unsigned cause) {
    const unsigned first = result == READY_SINK ? STEP_issue_0 : STEP_issue_0_result;
    const struct record fields = {.rd = (uint8_t)result,
                                  .rs1 = n->wait[0],
                                  .rs2 = n->wait[1],
                                  .aux = n->wait[2],
                                  .imm = STEP_IMM(p->pending, latency, n->wait[3], cause)};
    p->pending = 0;
    return add(p, r, (enum timing_step)(first + n->waits), fields);
}

static void mark_known(struct timing_plan *p, unsigned index, bool known) {
    if (index >= 64) return;
    const uint64_t bit = UINT64_C(1) << index;
    p->known = known ? p->known | bit : p->known & ~bit;
}

// The bytes first to last of the block lie in which lines?
static unsigned add_lines(struct timing_plan *p, struct record *r, unsigned first, unsigned last) {
    unsigned n = 0;
    for (unsigned at = first;; at = last) {
        const uint64_t line = (p->pa + at) >> LINE_SHIFT;
        if (line != p->line) {
            p->line = line;
            p->ahead = false;
            const struct record fields = {.aux = (uint8_t)p->pending, .imm = (int32_t)at};
            n += add(p, r + n, STEP_line, fields);
        }
        if (at == last) return n;
    }
}

// The front end fetches up to FETCH_AHEAD bytes before they are needed: a line that is missed is on
// its way since the instruction that far before it, unless a jump led to somewhere behind that.
static unsigned add_ahead(struct timing_plan *p, struct record *r, unsigned start) {
    const unsigned rest = LINE_BYTES - ((p->pa + start) & (LINE_BYTES - 1));
    if (p->ahead || rest > FETCH_AHEAD) return 0;
    p->ahead = true;
    return add(p, r, STEP_ahead, (struct record){.aux = (uint8_t)(p->pending + rest / INSN_BYTES)});
}

// --- Kinds of instructions

static unsigned plan_load_store(struct timing_plan *p, struct record *r, const struct insn *insn,
                                const struct needs *needs, const struct class *class) {
    const struct core *c = p->core;
    const unsigned flags = isa_row_info((enum isa_row)insn->row)->flags;
    const bool store = (flags & INSN_STORE) != 0 || class->cause == STALL_fence;
    const bool atomic = class->cause == STALL_atomic;
    const unsigned result = store && !atomic ? READY_STORES : needs->rd;
    unsigned latency = latency_of(c, class);
    if (atomic && !(flags & INSN_STORE)) latency = c->load_word; // load reserved
    unsigned n = add_issue(p, r, needs, result, latency, class->cause);
    struct record at = {.rd = (uint8_t)result, .rs1 = insn->rs1, .imm = atomic ? 0 : insn->imm};
    const bool amo = atomic && (flags & INSN_LOAD) && (flags & INSN_STORE);
    if (!store && !p->drained) n += add(p, r + n, STEP_load, at);
    if (amo) n += add(p, r + n, STEP_amo, at);
    if (store && !amo) n += add(p, r + n, STEP_store, at);
    if (store) p->since_store = 0;
    if (store) p->drained = false;
    return n;
}

static unsigned plan_unit(struct timing_plan *p, struct record *r, const struct insn *insn,
                          struct needs *n, enum isa_timing timing) {
    static const uint8_t flags[OPS] = {
        [OP_mulh] = UNIT_HIGH,
        [OP_mulhsu] = UNIT_HIGH,
        [OP_mulhu] = UNIT_HIGH,
        [OP_mulw] = UNIT_WORD,
        [OP_div] = UNIT_SIGNED,
        [OP_rem] = UNIT_SIGNED,
        [OP_divw] = UNIT_SIGNED | UNIT_WORD,
        [OP_remw] = UNIT_SIGNED | UNIT_WORD,
        [OP_divuw] = UNIT_WORD,
        [OP_remuw] = UNIT_WORD,
    };
    const struct record fields = {.rd = n->rd,
                                  .rs1 = insn->rs1,
                                  .rs2 = insn->rs2,
                                  .aux = 0,
                                  .imm = STEP_IMM(p->pending, flags[insn->op], 0, 0)};
    p->pending = 0;
    p->unit_rd = n->rd;
    p->unit_since = 0;
    p->unit_writes = 0;
    const bool mul = timing == TIMING_mul || timing == TIMING_mulw;
    return add(p, r, mul ? STEP_mul : STEP_div, fields);
}

// "write_flush" of the reference: all but scratch, epc, cause and tval restart the pipeline.
static bool csr_restarts(const struct insn *insn) {
    const bool writes = insn->op == OP_csrrw || insn->op == OP_csrrwi || insn->rs1 != 0;
    const unsigned number = (unsigned)insn->imm | 0x300;
    return writes && !(number >= CSR_mscratch && number <= CSR_mtval);
}

static unsigned plan_system(struct timing_plan *p, struct record *r, const struct insn *insn,
                            const struct needs *n, enum isa_timing timing) {
    const struct core *c = p->core;
    unsigned extra = 0;
    if (timing == TIMING_csr && csr_restarts(insn)) extra = c->flush;
    if (timing == TIMING_system && insn->op != OP_ecall && insn->op != OP_ebreak) extra = c->flush;
    if (timing == TIMING_fencei) extra = c->fence_i;
    const unsigned latency = c->csr > extra ? c->csr - extra : 1;
    p->pending += extra;
    return add_issue(p, r, n, n->rd, latency, STALL_csr);
}

// What a jump is to the return address stack: see the unprivileged manual, "JAL and JALR".
static unsigned jump_kind(const struct insn *insn) {
    const bool link = insn->rd == 1 || insn->rd == 5;
    if (insn->op == OP_jal) return link ? JUMP_CALL : 0;
    const bool back = insn->rs1 == 1 || insn->rs1 == 5;
    return JUMP_INDIRECT | (link ? JUMP_CALL : 0) | (back && insn->rd == 0 ? JUMP_RETURN : 0);
}

static unsigned plan_jump(struct timing_plan *p, struct record *r, const struct insn *insn,
                          const struct needs *n, unsigned start) {
    const struct record fields = {.rd = (uint8_t)(start / 2),
                                  .rs1 = n->wait[0],
                                  .rs2 = n->wait[1],
                                  .aux = n->wait[2],
                                  .imm = STEP_IMM(p->pending, jump_kind(insn), 0, 0)};
    p->pending = 0;
    return add(p, r, (enum timing_step)(STEP_issue_0 + n->waits), fields);
}

static unsigned plan_result(struct timing_plan *p, struct record *r, const struct needs *n,
                            const struct class *class) {
    const unsigned records = add_issue(p, r, n, n->rd, latency_of(p->core, class), class->cause);
    if (class->unit == READY_FDIV) r->run = p->steps[STEP_fdiv];
    return records;
}

// --- The plan

struct timing_plan plan_begin(const struct hart *h, const struct block *b) {
    return (struct timing_plan){.core = h->timing ? &h->timing->core : NULL,
                                .steps = h->engine->steps,
                                .pa = b->pa,
                                .known = 1,
                                .unit_rd = READY_SINK};
}

// Registers of which more is known after the instruction.
static void learn(struct timing_plan *p, const struct needs *n, bool ready) {
    for (unsigned i = 0; i < n->waits; i++) mark_known(p, n->wait[i], true);
    if (n->rd != READY_SINK) mark_known(p, n->rd, ready);
}

// A result of the multiplier or divider that is waited for in its own block: it may have come late.
static unsigned plan_late(struct timing_plan *p, struct record *r, const struct needs *n) {
    bool wanted = false;
    for (unsigned i = 0; i < n->waits; i++) wanted |= n->wait[i] == p->unit_rd;
    if (!wanted || p->unit_rd == READY_SINK || !p->core->late_write) return 0;
    const struct record fields = {.rd = (uint8_t)p->unit_since,
                                  .rs1 = (uint8_t)p->unit_rd,
                                  .aux = (uint8_t)p->pending,
                                  .imm = (int32_t)p->unit_writes};
    p->unit_rd = READY_SINK;
    return p->unit_since < 32 ? add(p, r, STEP_late, fields) : 0;
}

static unsigned plan_first(struct timing_plan *p, struct record *r, const struct insn *insn) {
    const bool straddles = insn->length == 4 && (p->pa & 2) != 0;
    p->line = p->pa >> LINE_SHIFT;
    return add(p, r, straddles ? STEP_enter_straddle : STEP_enter, (struct record){0});
}

unsigned plan_insn(struct timing_plan *p, struct record *r, const struct insn *insn,
                   unsigned start) {
    if (!p->core) return 0;
    const enum isa_timing timing = (enum isa_timing)isa_row_info((enum isa_row)insn->row)->timing;
    const struct class *class = &classes[timing];
    unsigned n = p->insns++ ? 0 : plan_first(p, r, insn);
    n += add_ahead(p, r + n, start);
    n += add_lines(p, r + n, start, start + insn->length - 1);
    struct needs needs = needs_of(p, insn);
    if (class->unit == READY_DCACHE) needs.wait[needs.waits++] = READY_DCACHE;
    p->pending++;
    p->since_store++;
    n += plan_late(p, r + n, &needs);
    bool ready = false;
    if (insn->op == OP_illegal) {
        n += add_issue(p, r + n, &needs, READY_SINK, 0, 0);
    } else if (timing == TIMING_mul || timing == TIMING_mulw || timing == TIMING_div ||
               timing == TIMING_divw) {
        learn(p, &needs, false);
        return n + plan_unit(p, r + n, insn, &needs, timing);
    } else if (timing == TIMING_branch || timing == TIMING_jump || timing == TIMING_indirect) {
        n += plan_jump(p, r + n, insn, &needs, start);
    } else if (timing == TIMING_csr || timing == TIMING_system || timing == TIMING_fencei) {
        n += plan_system(p, r + n, insn, &needs, timing);
    } else if (timing == TIMING_fence) {
        needs.wait[needs.waits++] = READY_STORES;
        n += add_issue(p, r + n, &needs, READY_SINK, 0, 0);
    } else if (class->unit == READY_DCACHE) {
        n += plan_load_store(p, r + n, insn, &needs, class);
    } else if (class->latency || class->cause) {
        n += plan_result(p, r + n, &needs, class);
    } else {
        ready = true;
        if (needs.waits) n += add_issue(p, r + n, &needs, READY_SINK, 0, 0);
    }
    learn(p, &needs, ready);
    const bool load = (isa_row_info((enum isa_row)insn->row)->flags & INSN_LOAD) != 0;
    if (p->since_store >= p->core->store_window && !load) p->drained = true;
    if (p->unit_since < 31) p->unit_writes |= (uint32_t)needs.writes_x << p->unit_since;
    p->unit_since++;
    return n;
}

unsigned plan_end(struct timing_plan *p, struct record *r) {
    if (!p->core || !p->pending) return 0;
    const struct needs none = {0};
    return add_issue(p, r, &none, READY_SINK, 0, 0);
}
