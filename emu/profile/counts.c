// SPDX-License-Identifier: MIT
// Counting (see counts.h and profile.h).
#include "emu/profile/counts.h"

#include <stdlib.h>
#include <string.h>

#include "mmu/walk.h"

enum { MAX_PROGRAMS = 1024, REG_RA = 1, REG_SP = 2, REG_T0 = 5 };

// --- Where the guest is --------------------------------------------------------------------------

// Where symbols are looked for: a program's root table, or EVERY_SPACE for a kernel, which is the
// same in each, and where addresses are physical.
static uint64_t space_of(const struct hart *h) {
    if (h->privilege != PRIV_U || h->csr.satp >> 60 != SATP_SV39) return EVERY_SPACE;
    return (h->csr.satp & ((UINT64_C(1) << 44) - 1)) << PAGE_SHIFT;
}

static uint32_t program_number(struct profile *p, const char *name) {
    for (uint32_t i = 0; i < p->programs; i++) {
        if (strcmp(p->program[i], name) == 0) return i;
    }
    if (p->programs == MAX_PROGRAMS) return 0;
    strncpy(p->program[p->programs], name, sizeof *p->program - 1);
    return p->programs++;
}

// The root of a stack that begins here.
static uint32_t root_here(struct profile_hart *ph) {
    const struct hart *h = ph->h;
    const struct run_names *n = &ph->p->names;
    const uint64_t space = space_of(h);
    uint32_t program = 0;
    if (space != EVERY_SPACE) program = program_number(ph->p, n->space(n->context, h, space));
    return contexts_root(&ph->p->contexts, h->privilege, space, program);
}

// The function that pc is in: its symbol's address, else pc itself.
static uint64_t function_of(const struct profile *p, uint64_t pc, uint64_t space) {
    const struct symbol *s = symbols_at(p->symbols, pc, space);
    return s ? s->value : pc;
}

static uint32_t callee(struct profile_hart *ph, uint32_t caller, uint64_t site, uint64_t pc) {
    const uint64_t space = space_of(ph->h);
    struct contexts *c = &ph->p->contexts;
    const uint32_t node =
        contexts_child(c, caller, site, function_of(ph->p, pc, space), space, ph->h->privilege);
    c->node[node].calls++;
    return node;
}

// A stack that nothing is known of.
static void begin_stack(struct profile_hart *ph, uint64_t pc) {
    ph->stack.frames = 0;
    ph->stack.node = callee(ph, root_here(ph), 0, pc);
}

// --- Cells ---------------------------------------------------------------------------------------

static bool cell_room(struct profile *p) {
    if (p->cells < p->room) return true;
    if (p->room == COUNT_CELLS) return false;
    struct cell *more = realloc(p->cell, 2 * p->room * sizeof *more);
    if (!more) return false;
    p->cell = more;
    p->room *= 2;
    return true;
}

static enum flow flow_of(const struct insn *insn) {
    const bool links = insn->rd == REG_RA || insn->rd == REG_T0;
    switch (insn->op) {
    case OP_jal: return links ? FLOW_CALL : FLOW_ON;
    case OP_jalr:
        if (links) return FLOW_CALL;
        if (insn->rd != 0 || insn->imm != 0) return FLOW_ON;
        return insn->rs1 == REG_RA   ? FLOW_RETURN
               : insn->rs1 == REG_T0 ? FLOW_MAYBE_RETURN
                                     : FLOW_ON;
    case OP_mret:
    case OP_sret: return FLOW_TRAP_RETURN;
    default: return FLOW_ON;
    }
}

// The context of a block at pc, met in context `under`: a jump may have led into another function,
// which then stands in its place.
static uint32_t node_of(struct profile_hart *ph, uint32_t under, uint64_t pc) {
    struct contexts *c = &ph->p->contexts;
    const struct context_node *n = &c->node[under];
    const uint64_t space = space_of(ph->h);
    const struct symbol *s = symbols_at(ph->p->symbols, pc, space);
    if (!s || s->value == n->function || n->parent == NO_NODE) return under;
    // A label is no function, unless nothing better is known.
    if (!s->function && symbols_at(ph->p->symbols, n->function, n->space)) return under;
    return contexts_child(c, n->parent, n->site, s->value, space, ph->h->privilege);
}

static uint32_t *bucket_of(struct profile *p, uint64_t pc, uint32_t under) {
    const uint64_t hash = (pc ^ (uint64_t)under << 32) * UINT64_C(0x9e3779b97f4a7c15);
    return &p->bucket[(hash >> 40) % CELL_HASH];
}

static bool is_cell(const struct cell *c, uint64_t pc, uint32_t under, unsigned insns) {
    return c->pc == pc && c->under == under && c->insns == insns;
}

static uint32_t add_cell(struct profile_hart *ph, uint64_t pc, uint32_t under) {
    struct profile *p = ph->p;
    struct block_shape shape;
    if (!cell_room(p)) return NO_CELL;
    hart_block_shape(ph->h, &shape);
    const uint32_t node = node_of(ph, under, pc);
    uint32_t *head = bucket_of(p, pc, under);
    struct cell *c = &p->cell[p->cells];
    *c = (struct cell){.pc = pc,
                       .under = under,
                       .node = node,
                       .hash_next = *head,
                       .insns = (uint8_t)shape.insns,
                       .flow = (uint8_t)flow_of(&shape.last),
                       .last_bytes = shape.last.length};
    memcpy(c->start, shape.start, sizeof c->start);
    *head = p->cells;
    return p->cells++;
}

static uint32_t find_cell(struct profile_hart *ph, uint64_t pc, unsigned insns) {
    struct profile *p = ph->p;
    const uint32_t under = ph->stack.node, guess = p->cell[ph->cell].next;
    if (guess && is_cell(&p->cell[guess], pc, under, insns)) return guess;
    uint32_t found = *bucket_of(p, pc, under);
    while (found && !is_cell(&p->cell[found], pc, under, insns)) found = p->cell[found].hash_next;
    if (!found) found = add_cell(ph, pc, under);
    p->cell[ph->cell].next = found;
    return found;
}

// The instruction of a cell that holds this many bytes behind its first.
static unsigned insn_at(const struct cell *c, uint64_t offset) {
    unsigned i = 0;
    while (i + 1 < c->insns && c->start[i + 1] <= offset) i++;
    return i;
}

static bool has_details(struct cell *c) {
    if (c->waits) return true;
    c->waits = calloc(2u * SHAPE_INSNS, sizeof *c->waits);
    c->ended = c->waits ? c->waits + SHAPE_INSNS : NULL;
    return c->waits;
}

void cell_costs(const struct cell *c, struct cost cost[static SHAPE_INSNS]) {
    uint64_t later = c->runs, known = 0;
    for (unsigned i = c->insns; i-- > 0;) {
        if (c->ended) later += c->ended[i];
        cost[i] = (struct cost){later + (c->waits ? c->waits[i] : 0), later};
        known += cost[i].cycles;
    }
    cost[c->insns - 1].insns += c->surplus;
    // What nobody claimed is the last instruction's: mostly one that restarts the pipeline.
    if (known <= c->cycles) {
        cost[c->insns - 1].cycles += c->cycles - known;
        return;
    }
    for (unsigned i = 0; known > c->cycles && i < c->insns; i++) {
        const uint64_t more = known - c->cycles;
        const uint64_t less = more < cost[i].cycles ? more : cost[i].cycles;
        cost[i].cycles -= less;
        known -= less;
    }
}

// --- What the engine tells -----------------------------------------------------------------------

// The cell under way gets what has happened since it was entered. true: all of it was executed.
static bool settle(struct profile_hart *ph) {
    const uint64_t cycle = hart_cycles(ph->h), executed = hart_executed(ph->h);
    const uint64_t insns = executed - ph->executed;
    struct cell *c = &ph->p->cell[ph->cell];
    c->cycles += cycle - ph->cycle;
    ph->cycle = cycle;
    ph->executed = executed;
    if (insns >= c->insns) {
        c->runs++;
        c->surplus += insns - c->insns;
        return true;
    }
    if (insns && has_details(c)) c->ended[insns - 1]++;
    return false;
}

// The place where the hart is, or where the present function is to go on.
static struct context_place place_here(const struct profile_hart *ph, uint64_t pc, bool trap) {
    const struct hart *h = ph->h;
    return (struct context_place){pc, h->x[REG_SP], space_of(h), h->privilege, trap};
}

// The block of cell c was executed, and pc comes next.
static void follow(struct profile_hart *ph, const struct cell *c, uint64_t pc) {
    struct context_stack *s = &ph->stack;
    const uint64_t site = c->pc + c->start[c->insns - 1];
    const struct context_place at = place_here(ph, pc, c->flow == FLOW_TRAP_RETURN);
    const struct context_place back = place_here(ph, site + c->last_bytes, false);
    if (c->flow == FLOW_RETURN || c->flow == FLOW_TRAP_RETURN) {
        if (!stack_resume(&ph->p->contexts, s, &at)) begin_stack(ph, pc);
    } else if (c->flow == FLOW_CALL) {
        stack_push(s, &back, callee(ph, s->node, site, pc));
    } else if (c->flow == FLOW_MAYBE_RETURN) {
        (void)stack_pop(s, &at);
    }
}

static void entered(void *context, struct hart *h, uint64_t pc, unsigned insns) {
    struct profile_hart *ph = context;
    (void)h;
    const bool whole = settle(ph);
    if (ph->cell != NO_CELL && whole) follow(ph, &ph->p->cell[ph->cell], pc);
    if (ph->stack.node == NO_NODE) begin_stack(ph, pc);
    ph->cell = find_cell(ph, pc, insns);
    if (ph->cell == NO_CELL || ph->p->cell[ph->cell].node == ph->stack.node) return;
    ph->stack.node = ph->p->cell[ph->cell].node; // by a jump, which stands for a call
    ph->p->contexts.node[ph->stack.node].calls++;
}

static void stalled(void *context, struct hart *h, uint64_t pc, uint64_t cycles) {
    struct profile_hart *ph = context;
    (void)h;
    struct cell *c = &ph->p->cell[ph->cell];
    if (has_details(c)) c->waits[insn_at(c, pc - c->pc)] += cycles;
}

static void trapped(void *context, struct hart *h, uint64_t epc) {
    struct profile_hart *ph = context;
    const struct cell *c = &ph->p->cell[ph->cell];
    const bool whole = settle(ph) && epc != c->pc + c->start[c->insns - 1];
    if (ph->cell != NO_CELL && whole) follow(ph, c, epc);
    if (ph->stack.node == NO_NODE) begin_stack(ph, epc);
    const struct context_node *n = &ph->p->contexts.node[ph->stack.node];
    struct context_place back = place_here(ph, epc, true);
    back.space = n->space;
    back.mode = (enum privilege)n->mode; // that was left
    stack_push(&ph->stack, &back, callee(ph, ph->stack.node, epc, h->pc));
    ph->cell = NO_CELL;
}

void profile_settle(struct profile *p) {
    for (unsigned i = 0; i < p->m->config.harts; i++) (void)settle(&p->hart[i]);
}

// --- Life ----------------------------------------------------------------------------------------

static void watch(struct profile *p, unsigned i) {
    struct profile_hart *ph = &p->hart[i];
    *ph = (struct profile_hart){.p = p, .h = p->m->hart[i]};
    ph->hooks = (struct hart_profiler){ph, entered, stalled, trapped};
    ph->cycle = hart_cycles(ph->h);
    ph->executed = hart_executed(ph->h);
    hart_profile(ph->h, &ph->hooks);
}

struct profile *profile_create(struct machine *m, struct symbols *symbols,
                               const struct run_names *names) {
    struct profile *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->symbols = symbols;
    p->names = *names;
    p->cells = 1;
    p->room = 1024;
    p->programs = 1;
    p->cell = calloc(p->room, sizeof *p->cell);
    p->bucket = calloc(CELL_HASH, sizeof *p->bucket);
    p->program = calloc(MAX_PROGRAMS, sizeof *p->program);
    const bool made = contexts_create(&p->contexts);
    if (!p->cell || !p->bucket || !p->program || !made) {
        profile_destroy(p);
        return NULL;
    }
    p->cell[NO_CELL].insns = 1;
    p->m = m;
    for (unsigned i = 0; i < m->config.harts; i++) watch(p, i);
    return p;
}

void profile_destroy(struct profile *p) {
    if (!p) return;
    for (unsigned i = 0; p->m && i < p->m->config.harts; i++) {
        hart_profile(p->m->hart[i], NULL);
        stack_free(&p->hart[i].stack);
    }
    for (uint32_t i = 0; i < p->cells && p->cell; i++) free(p->cell[i].waits);
    contexts_destroy(&p->contexts);
    free(p->cell);
    free(p->bucket);
    free(p->program);
    free(p);
}
